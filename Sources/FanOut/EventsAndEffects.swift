/// What happens to the engine. The shell turns records, responses, acknowledgements and the clock into these.
package enum Event {
  /// With what the group had committed, or nil where that is nothing or not known.
  case assigned(AssignmentID, TopicPartition, CommittedPosition?)
  /// `skipped`: bit `d` says that the record is not for destination `d` (`when`). Nothing remembers that: who reads the
  /// record again asks again.
  case received(Record, skipped: UInt64 = 0)
  case finished(DeliveryID, Outcome)
  case batchFinished(BatchID, BatchOutcome)
  /// The broker has the dead letter, or an error says that it may not have it.
  case deadLetterWritten(DeliveryID, error: String?)
  /// The same of a results row, by the id that it was given with.
  case resultWritten(DeliveryID, error: String?)
  case committed(AssignmentID, offset: Int64, CommitResult)
  /// The group takes the partition back and waits for `released`.
  case revoked(AssignmentID)
  /// The partition is gone already.
  case lost(AssignmentID)
  /// Start nothing more, wait for what is in flight, commit, then say `drained`.
  case drain
  /// The end of a turn, or a deadline: emits what is due.
  case tick
}

/// What the engine wants done.
package enum Effect: Equatable {
  case attempt(Attempt)
  case attemptBatch(BatchAttempt)
  case deadLetter(DeliveryID, Record, DeadLetter)
  /// A row for the results topic, without which the record is not settled.
  case result(DeliveryID, Record, ResultRow)
  case commit(AssignmentID, offset: Int64, metadata: String)
  /// The answer to `revoked`: nothing of the partition is in flight any more, or its time is over.
  case released(AssignmentID)
  /// Room for so many more records and bytes; fewer bytes where what is kept for results rows takes their place.
  case credit(records: Int, bytes: Int)
  /// The answer to `drain`. Not complete: the deadline passed, what was in flight will be delivered again.
  case drained(complete: Bool)
  case notice(Notice)
}

/// What people should hear of, once each time it happens.
package enum Notice: Equatable, Sendable {
  /// A try ended without acceptance while the destination is not known to be down, and there will be another one.
  case setBack(Setback)
  /// The destination is left alone from now on; its deliveries are held.
  case breakerOpened(destination: Int, AttemptFailure, failuresInARow: Int)
  /// It answers again.
  case breakerClosed(destination: Int, openFor: Nanoseconds)
  /// The metadata beside the committed offset is not ours or is damaged; why.
  case progressIgnored(TopicPartition, String)
  /// An optional destination misses the record: it lags by more than its share.
  case dropped(DeliveryID)
  /// The limits are reached and nothing has moved for a while: what the oldest record waits for.
  case stalled(FanOutSnapshot.Partition)
  /// The end of that.
  case resumed(after: Nanoseconds)
}

/// A delivery that is to be tried again.
package struct Setback: Equatable, Sendable {
  package let destination: Int
  package let partition: TopicPartition
  package let offset: Int64
  /// Requests made.
  package let attempts: Int
  package let failure: AttemptFailure
  package let nextTryAt: Instant
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

/// One HTTP request to make for several records.
package struct BatchAttempt: Equatable, Sendable {
  package struct Member: Equatable, Sendable {
    package let id: DeliveryID
    package let record: Record
    /// From 1.
    package let number: Int
  }

  package let id: BatchID
  /// Not empty; in the order of the request.
  package let members: [Member]
  package let needsFreshConnection: Bool
}

/// A group's committed position in one partition.
package struct CommittedPosition: Sendable, Equatable {
  /// The next offset to read.
  package let offset: Int64
  /// As another program may have written it: hostile input.
  package let metadata: String

  package init(offset: Int64, metadata: String) {
    self.offset = offset
    self.metadata = metadata
  }
}

extension Record: Equatable {
  /// Identity: a record is made once.
  package static func == (a: Record, b: Record) -> Bool { a === b }
}
