import FanOut
import Testing

/// What users of other systems complain about, as far as it is the engine's to do better: one test for each. The
/// numbers are those of the list of complaints in the project's notes on its peers.
@Suite struct PeerComplaintsTests {
  private static func status(_ status: UInt16) -> AttemptFailure {
    AttemptFailure(status: status, message: "status \(status)")
  }

  // 1
  @Test(arguments: [401, 403] as [UInt16]) func anAuthorisationFailureHoldsAndLosesNothing(_ status: UInt16) throws {
    var script = Script(
      ["crm"], order: .none, attempts: 1, breaker: BreakerPolicy(openAfter: 3, openFor: .seconds(10)))
    var inFlight = (0..<5).flatMap { script.receive($0) }
    for _ in 0..<30 {
      for attempt in inFlight { script.tell(.finished(attempt.id, .unavailable(Self.status(status)))) }
      inFlight = script.attempts(script.after(.seconds(1)))
    }
    #expect(Script.letters(script.effects).isEmpty)
    #expect(Script.commits(script.effects).isEmpty)
    var delivered: Set<Int64> = []
    for _ in 0..<30 {
      while let attempt = inFlight.popLast() {
        delivered.insert(attempt.record.offset)
        inFlight += script.accept([attempt])
      }
      inFlight = script.attempts(script.after(.seconds(1)))
    }
    #expect(delivered == [0, 1, 2, 3, 4])
  }

  // 2
  @Test func aCommitNeverPassesAHoleAndAlwaysPassesAGap() {
    var script = Script(["crm"], order: .none)
    // 3 and 4 are gone by compaction, 6 is a transaction's marker.
    let attempts = ([1, 2, 5, 7] as [Int64]).flatMap { script.receive($0) }
    for settled in [3, 0, 2, 1] { _ = script.accept([attempts[settled]]) }
    #expect(Script.commits(script.after(.seconds(1))) == [8])
    var other = Script(["crm"], order: .none)
    let holed = ([1, 2, 5, 7] as [Int64]).flatMap { other.receive($0) }
    for settled in [0, 2, 3] { _ = other.accept([holed[settled]]) }
    #expect(Script.commits(other.after(.seconds(1))) == [2])
  }

  // 3
  @Test func aSlowAPIBoundsMemoryByCreditThatIsNotGivenBack() {
    var script = Script(["slow", "fast"], order: .none, recordsMax: 50)
    let attempts = (0..<50).flatMap { script.receive($0) }
    var fast = attempts.filter { $0.id.destination == 1 }
    while let attempt = fast.popLast() { fast += script.accept([attempt]).filter { $0.id.destination == 1 } }
    #expect(!script.after(.seconds(60)).contains { if case .credit = $0 { true } else { false } })
    #expect(script.engine.snapshot(at: script.now).partitions[0].buffered == 50)
  }

  // 5
  @Test func oneFailingAPIHoldsUpNothingAtTheOther() {
    var script = Script(breaker: BreakerPolicy(openAfter: 3, openFor: .seconds(30)))
    var reached: [Int64] = []
    for offset in 0..<100 as Range<Int64> {
      var attempts = script.receive(offset, key: "k\(offset % 3)")
      while let attempt = attempts.popLast() {
        if attempt.id.destination == 0 {
          attempts += script.attempts(script.tell(.finished(attempt.id, .unavailable(Self.status(503)))))
        } else {
          reached.append(attempt.record.offset)
          attempts += script.accept([attempt])
        }
      }
    }
    #expect(reached == Array(0..<100), "without any time passing")
  }

  // 6
  @Test func aBadMessageIsTriedSoOftenAndThenDeadLettered() {
    var script = Script(["crm"], attempts: 4)
    var attempts = script.receive(0, key: "a")
    _ = script.receive(1, key: "a")
    var requests = 0
    while let attempt = attempts.popLast(), attempt.record.offset == 0, requests < 100 {
      requests += 1
      script.tell(.finished(attempt.id, .failed(Self.status(500))))
      if let letter = Script.letters(script.effects).first {
        #expect(letter.letter.reason == .exhausted)
        attempts = script.attempts(script.tell(.deadLetterWritten(letter.id, error: nil)))
      } else {
        attempts = script.attempts(script.after(.seconds(1)))
      }
    }
    #expect(requests == 4)
    #expect(attempts.isEmpty && script.attempts(script.effects).last?.record.offset == 1, "its key goes on")
  }

  // 7
  @Test func retryAfterIsHonouredWithinBounds() {
    for (asked, waited) in [(7, 7), (86_400, 300)] as [(Int64, Int64)] {
      var script = Script(["crm"], order: .none)
      let attempt = script.receive(0)[0]
      let failure = AttemptFailure(status: 429, message: "status 429", retryAfter: .seconds(asked))
      script.tell(.finished(attempt.id, .unavailable(failure)))
      #expect(script.receive(1).isEmpty)
      #expect(script.attempts(script.after(.milliseconds(waited * 1_000 - 1))).isEmpty)
      #expect(script.attempts(script.after(.milliseconds(1))).count == 2)
    }
  }

  // 9
  @Test func aRebalanceLosesNothing() {
    var script = Script(["crm"], order: .none)
    let old = script.receive(0) + script.receive(1)
    script.tell(.lost(Script.id))
    let new = AssignmentID(epoch: 8)
    script.tell(
      .assigned(new, TopicPartition(topic: "orders", partition: 0), CommittedPosition(offset: 0, metadata: "")))
    let again = script.receive(0, id: new) + script.receive(1, id: new)
    #expect(again.map(\.record.offset) == [0, 1])
    _ = script.accept([old[0], old[1]])
    #expect(
      Script.commits(script.after(.seconds(1))).isEmpty, "what was answered to the old assignment is not the new one's")
    _ = script.accept(again)
    #expect(Script.commits(script.after(.seconds(1))) == [2])
  }

  // 10
  @Test func nothingIsCommittedBeforeTheDeadLetterIsAcknowledged() {
    var script = Script(["crm"], attempts: 1)
    script.tell(.finished(script.receive(0)[0].id, .failed(Self.status(500))))
    for _ in 0..<20 {
      guard let letter = Script.letters(script.effects).last else { break }
      script.tell(.deadLetterWritten(letter.id, error: "not enough replicas"))
      _ = script.after(.seconds(10))
    }
    #expect(Script.letters(script.effects).count == 21)
    #expect(Script.commits(script.effects).isEmpty)
    if let letter = Script.letters(script.effects).last { script.tell(.deadLetterWritten(letter.id, error: nil)) }
    #expect(Script.commits(script.after(.seconds(1))) == [1])
  }
}
