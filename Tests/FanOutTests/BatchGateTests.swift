import FanOut
import Testing

/// Batches behind the destination's gate, and at the ends of assignments.
@Suite struct BatchGateTests {
  private let unavailable = BatchOutcome.all(.unavailable(Script.status(503)))

  @Test func aBatchTakesOnePlaceAndOneTokenOfTheRate() {
    var script = Script.batching(records: 2, concurrency: 2...2)
    for offset in 0..<8 as Range<Int64> { _ = script.receive(offset) }
    let batches = script.turn()
    #expect(batches.map(\.offsets) == [[0, 1], [2, 3]])
    #expect(script.end(batches[0], Script.accepted).map(\.offsets) == [[4, 5]])
    var slow = Script.batching(records: 2, rate: 2)
    for offset in 0..<6 as Range<Int64> { _ = slow.receive(offset) }
    #expect(slow.turn().map(\.offsets) == [[0, 1]])
    #expect(slow.later(499).isEmpty)
    #expect(slow.later(1).map(\.offsets) == [[2, 3]])
  }

  @Test func anOutageHoldsTheWholeBatchAndCountsNoAttempt() {
    var script = Script.batching(attempts: 1)
    for offset in 0..<4 as Range<Int64> { _ = script.receive(offset) }
    var batches = script.turn()
    for _ in 0..<50 {
      #expect(batches.map(\.offsets.count) == [4], "together again")
      _ = script.end(batches[0], unavailable)
      batches = script.later(1_000)
    }
    _ = script.end(batches[0], Script.accepted)
    #expect(script.letters.isEmpty)
    #expect(Script.commits(script.after(.seconds(1))) == [4])
  }

  /// One that an API answers with 503 for its own sake must not hold the others for ever.
  @Test func whatIsHeldAgainWhileOthersGoThroughIsSplit() {
    var script = Script.batching(records: 2)
    var waiting: [BatchAttempt] = []
    var delivered: Set<Int64> = []
    for offset in 0..<20 as Range<Int64> {
      _ = script.receive(offset)
      waiting += script.later(1_000)
      while let batch = waiting.popLast() {
        if !batch.offsets.contains(0) { delivered.formUnion(batch.offsets) }
        waiting += script.end(batch, batch.offsets.contains(0) ? unavailable : Script.accepted)
      }
    }
    #expect(delivered.isSuperset(of: 1..<18))
    #expect(script.letters.isEmpty)
  }

  @Test func theProbeIsOneRecord() {
    var script = Script.batching(waits: 0, breaker: BreakerPolicy(openAfter: 2, openFor: .seconds(10)))
    for offset in 0..<8 as Range<Int64> { _ = script.receive(offset) }
    for batch in script.turn() { #expect(script.end(batch, unavailable).isEmpty) }
    #expect(script.later(9_999).isEmpty)
    let probe = script.later(1)
    #expect(probe.map(\.members.count) == [1])
    let rest = script.end(probe[0], Script.accepted)
    #expect(rest.map(\.members.count) == [4, 3])
  }

  @Test func aBatchOfTwoAssignmentsLosesThePartThatIsLost() {
    var script = Script.batching()
    let other = AssignmentID(epoch: 8)
    script.tell(.assigned(other, TopicPartition(topic: "orders", partition: 1), nil))
    for offset in 0..<2 as Range<Int64> {
      _ = script.receive(offset)
      _ = script.receive(offset, id: other)
    }
    let batch = script.turn()[0]
    #expect(batch.members.count == 4)
    script.tell(.lost(Script.id))
    let again = script.end(batch, .all(.refused(.rejected, Script.status(400))))
    #expect(again.map(\.offsets) == [[0, 1]])
    #expect(again.flatMap(\.members).allSatisfy { $0.id.assignment == other })
    _ = script.end(again[0], Script.accepted)
    #expect(Script.commits(script.after(.seconds(1))) == [2])
    #expect(script.engine.snapshot(at: script.now).destinations[0].inFlight == 0)
  }

  @Test func aStaleConnectionIsTriedOnceMoreWithWhatIsLeft() {
    var script = Script.batching(attempts: 1)
    let other = AssignmentID(epoch: 8)
    script.tell(.assigned(other, TopicPartition(topic: "orders", partition: 1), nil))
    _ = script.receive(0)
    _ = script.receive(0, id: other)
    let batch = script.later(50)[0]
    script.tell(.lost(Script.id))
    let again = script.end(batch, .all(.stale))
    #expect(again.map(\.id) == [batch.id])
    #expect(again[0].needsFreshConnection)
    #expect(again[0].members.map(\.id.assignment) == [other])
    #expect(again[0].members.map(\.number) == [1])
    #expect(script.end(again[0], Script.accepted).isEmpty)
    #expect(script.end(batch, Script.accepted).isEmpty, "an answer to nothing")
    #expect(script.engine.snapshot(at: script.now).destinations[0].inFlight == 0)
  }

  @Test func whatCannotBeSentIsADeadLetterAndTheOthersGoWithoutIt() {
    var script = Script.batching()
    for offset in 0..<4 as Range<Int64> { _ = script.receive(offset) }
    let unsendable = Outcome.unsendable(.template, AttemptFailure(message: "not JSON"))
    let batches = script.end(script.turn()[0], .each([.stale, unsendable, .stale, .stale]))
    #expect(script.letters == [1])
    #expect(batches.isEmpty && script.later(50).map(\.offsets) == [[0, 2, 3]], "as if they had not been begun")
  }

  @Test func whatCannotBeSentInARowIsFoundInItsTurn() {
    var script = Script.batching(order: .partition, waits: 0)
    for offset in 0..<4 as Range<Int64> { _ = script.receive(offset) }
    let unsendable = Outcome.unsendable(.template, AttemptFailure(message: "not JSON"))
    var waiting = script.turn()
    var sent: [Int64] = []
    while let batch = waiting.popLast() {
      if let bad = batch.offsets.firstIndex(of: 2) {
        let outcomes = batch.offsets.indices.map { $0 == bad ? unsendable : .stale }
        waiting += script.end(batch, .each(outcomes))
      } else {
        sent += batch.offsets
        waiting += script.end(batch, Script.accepted)
      }
      #expect(script.letters.isEmpty || sent.starts(with: [0, 1]))
      if let letter = Script.letters(script.effects).first {
        script.tell(.deadLetterWritten(letter.id, error: nil))
        waiting += script.turn()
      }
    }
    #expect(sent == [0, 1, 3])
    #expect(script.letters == [2])
  }

  @Test func aRevokedPartitionStartsNothingOfWhatWaitsAndIsReleasedWhenItsBatchIsDone() {
    var script = Script.batching(records: 2)
    for offset in 0..<3 as Range<Int64> { _ = script.receive(offset) }
    let batch = script.turn()[0]
    script.tell(.revoked(Script.id))
    #expect(script.later(50).isEmpty)
    #expect(script.end(batch, Script.accepted).isEmpty)
    script.tell(.committed(Script.id, offset: 2, .committed))
    #expect(script.after(.zero).contains(.released(Script.id)))
  }

  @Test func noMoreIsSentThanACrashMayRepeat() {
    var script = Script.batching(records: 10, waits: 0, uncommittedMax: 3)
    for offset in 0..<5 as Range<Int64> { _ = script.receive(offset) }
    let batch = script.turn()[0]
    #expect(batch.offsets == [0, 1, 2])
    #expect(script.end(batch, Script.accepted).isEmpty)
    #expect(Script.commits(script.effects).last == 3, "one commit for the whole batch")
    script.tell(.committed(Script.id, offset: 0, .committed))
    script.tell(.committed(Script.id, offset: 3, .committed))
    #expect(script.turn().map(\.offsets) == [[3, 4]])
  }
}
