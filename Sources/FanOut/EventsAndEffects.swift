/// What happens to the engine. The shell turns records, responses, acknowledgements and the clock into these.
package enum Event {
  case assigned(AssignmentID, TopicPartition)
  case received(Record)
  case finished(DeliveryID, Outcome)
  /// The broker has the dead letter, or an error says that it may not have it.
  case deadLetterWritten(DeliveryID, error: String?)
  case committed(AssignmentID, offset: Int64, CommitResult)
  /// The group takes the partition back and waits for `released`.
  case revoked(AssignmentID)
  /// The partition is gone already.
  case lost(AssignmentID)
  /// Start nothing more than it takes to settle what was begun, then say `drained`.
  case drain
  /// The end of a turn, or a deadline: emits what is due.
  case tick
}

/// What the engine wants done.
package enum Effect: Equatable {
  case attempt(Attempt)
  case deadLetter(DeliveryID, Record, DeadLetter)
  case commit(AssignmentID, offset: Int64, metadata: String)
  /// The answer to `revoked`: nothing of the partition is in flight any more, or its time is over.
  case released(AssignmentID)
  /// Room for so many more records and bytes.
  case credit(records: Int, bytes: Int)
  /// The answer to `drain`. Not complete: the deadline passed, what was in flight will be delivered again.
  case drained(complete: Bool)
}

/// One HTTP request to make.
package struct Attempt: Equatable, Sendable {
  package let id: DeliveryID
  package let record: Record
  /// From 1.
  package let number: Int
  /// On a new connection: the last one was found closed.
  package let needsFreshConnection: Bool
}

extension Record: Equatable {
  /// Identity: a record is made once.
  package static func == (a: Record, b: Record) -> Bool { a === b }
}
