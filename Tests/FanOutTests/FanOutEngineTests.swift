import FanOut
import Testing

private func failure(_ status: UInt16) -> AttemptFailure { AttemptFailure(status: status, message: "status \(status)") }

@Suite struct FanOutEngineTests {
  @Test func aRecordGoesToEveryDestinationAndIsCommittedWhenAllHaveIt() {
    var script = Script()
    let attempts = script.receive(5)
    #expect(attempts.map(\.id.destination) == [0, 1])
    #expect(script.accept([attempts[0]]).isEmpty)
    #expect(script.after(.seconds(1)) == [.commit(Script.id, offset: 5, metadata: "t1:crm=AB")], "erp does not have it")
    script.tell(.committed(Script.id, offset: 5, .committed))
    _ = script.accept([attempts[1]])
    #expect(Script.commits(script.after(.milliseconds(250))) == [6])
  }

  @Test func theWatermarkStopsAtTheFirstUnsettledRecordAndPassesGaps() {
    var script = Script(["crm"], order: .none)
    let attempts = [10, 11, 20].flatMap { script.receive($0) }
    _ = script.accept([attempts[1], attempts[2]])
    #expect(Script.commits(script.after(.seconds(1))) == [10])
    script.tell(.committed(Script.id, offset: 10, .committed))
    _ = script.accept([attempts[0]])
    #expect(Script.commits(script.after(.seconds(1))) == [21])
  }

  @Test func oneCommitIsInFlightAndTheNewestWatermarkIsTriedAgain() {
    var script = Script(["crm"], order: .none)
    _ = script.accept(script.receive(0))
    #expect(Script.commits(script.after(.milliseconds(250))) == [1])
    _ = script.accept(script.receive(1))
    #expect(Script.commits(script.after(.seconds(1))).isEmpty)
    script.tell(.committed(Script.id, offset: 1, .unknown("timed out")))
    #expect(Script.commits(script.after(.seconds(1))) == [2])
    script.tell(.committed(Script.id, offset: 2, .committed))
    #expect(Script.commits(script.after(.seconds(1))).isEmpty)
    #expect(script.engine.snapshot(at: script.now).partitions[0].committed == 2)
  }

  @Test func recordsOfOneKeyWaitForOneAnotherPerDestination() {
    var script = Script()
    let first = script.receive(0, key: "a")
    #expect(script.receive(1, key: "a").isEmpty)
    #expect(script.receive(2, key: "b").count == 2, "another key does not wait")
    #expect(script.receive(3).count == 2, "no key, no order")
    let next = script.accept([first[0]])
    #expect(next.map(\.record.offset) == [1])
    #expect(next.map(\.id.destination) == [0], "erp's own order waits for erp")
    #expect(script.accept([first[1]]).map(\.id.destination) == [1])
  }

  @Test func orderPartitionIsOneAtATimeAndOrderNoneIsNot() {
    var partition = Script(["crm"], order: .partition)
    let first = partition.receive(0, key: "a")
    #expect(partition.receive(1, key: "b").isEmpty)
    #expect(partition.accept(first).map(\.record.offset) == [1])
    var none = Script(["crm"], order: .none)
    #expect((0..<3).flatMap { none.receive($0, key: "a") }.count == 3)
  }

  @Test func concurrencyIsALimitPerDestination() {
    var script = Script(["crm", "erp"], order: .none, concurrency: 2...2)
    let attempts = (0..<4).flatMap { script.receive($0) }
    #expect(attempts.count == 4)
    let more = script.accept([attempts[0]])
    #expect(more.map(\.id.destination) == [0])
    #expect(more.map(\.record.offset) == [2])
  }

  @Test func failuresAreTriedAgainWithinTheCeilingAndThenDeadLettered() {
    var script = Script(["crm"], attempts: 3)
    var attempt = script.receive(0, key: "a")[0]
    for ceiling in [100, 200] as [Int64] {
      script.tell(.finished(attempt.id, .failed(failure(500))))
      let due = script.engine.nextDeadline
      #expect(due != nil && due! - script.now <= .milliseconds(ceiling))
      attempt = script.attempts(script.after(.milliseconds(ceiling)))[0]
    }
    #expect(attempt.number == 3)
    let letters = Script.letters(script.tell(.finished(attempt.id, .failed(failure(500)))))
    #expect(letters.map(\.letter.reason) == [.exhausted])
    #expect(letters.map(\.letter.attempts) == [3])
  }

  @Test func theLastFailureSaysWhatTheLettersReasonIs() {
    let ruled = AttemptFailure(status: 200, message: "a rule gave an error", whenExhausted: .successRule)
    for (first, last, reason) in [
      (failure(500), ruled, DeadLetterReason.successRule), (ruled, failure(500), .exhausted),
    ] {
      var script = Script(["crm"], attempts: 2)
      var attempt = script.receive(0)[0]
      script.tell(.finished(attempt.id, .failed(first)))
      attempt = script.attempts(script.after(.seconds(1)))[0]
      let letters = Script.letters(script.tell(.finished(attempt.id, .failed(last))))
      #expect(letters.map(\.letter.reason) == [reason])
    }
  }

  @Test func anOutageCountsNoAttemptAndNeverEnds() {
    var script = Script(["crm"], attempts: 2)
    var attempt = script.receive(0)[0]
    for _ in 0..<100 {
      #expect(Script.letters(script.tell(.finished(attempt.id, .unavailable(failure(503))))).isEmpty)
      attempt = script.attempts(script.after(.seconds(1)))[0]
    }
    #expect(attempt.number == 101)
  }

  @Test func maxAgeEndsADeliveryDuringAnOutage() {
    var script = Script(["crm"], maxAge: .seconds(2))
    var attempt = script.receive(0)[0]
    var letters: [DeadLetter] = []
    for _ in 0..<10 where letters.isEmpty {
      letters += Script.letters(script.tell(.finished(attempt.id, .unavailable(failure(503))))).map(\.letter)
      let effects = script.after(.seconds(1))
      letters += Script.letters(effects).map(\.letter)
      if let next = script.attempts(effects).first { attempt = next }
    }
    #expect(letters.map(\.reason) == [.expired])
  }

  @Test func aDeliveryInBackoffHoldsItsKeyAtItsDestinationOnly() {
    var script = Script()
    let first = script.receive(0, key: "a")
    script.tell(.finished(first[0].id, .failed(failure(500))))
    let later = script.receive(1, key: "a")
    #expect(later.isEmpty)
    #expect(script.accept([first[1]]).map(\.record.offset) == [1])
    #expect(script.receive(2, key: "b").count == 2)
  }

  @Test func aRefusedRecordIsADeadLetterForThatDestinationOnlyAndSettlesWhenTheBrokerHasIt() {
    var script = Script()
    let attempts = script.receive(0)
    _ = script.accept([attempts[1]])
    let letters = Script.letters(script.tell(.finished(attempts[0].id, .refused(.rejected, failure(400)))))
    #expect(letters.map(\.id) == [attempts[0].id])
    #expect(Script.commits(script.after(.seconds(1))) == [0])
    script.tell(.committed(Script.id, offset: 0, .committed))
    script.tell(.deadLetterWritten(attempts[0].id, error: "timed out"))
    let again = Script.letters(script.after(.seconds(1)))
    #expect(again.map(\.id) == [attempts[0].id], "written again, never dropped")
    script.tell(.deadLetterWritten(attempts[0].id, error: nil))
    #expect(Script.commits(script.after(.seconds(1))) == [1])
  }

  @Test func aStaleConnectionIsTriedOnceMoreForFree() {
    var script = Script(["crm"], attempts: 1)
    let attempt = script.receive(0)[0]
    let again = script.attempts(script.tell(.finished(attempt.id, .stale)))
    #expect(again.map(\.needsFreshConnection) == [true])
    #expect(again.map(\.number) == [1])
    #expect(script.accept(again).isEmpty)
    #expect(Script.commits(script.after(.seconds(1))) == [1])
  }

  @Test func whatBelongsToAnEndedAssignmentIsDropped() {
    var script = Script(["crm"], concurrency: 1...1)
    let old = script.receive(0)
    script.tell(.lost(Script.id))
    let new = AssignmentID(epoch: 8)
    script.tell(.assigned(new, TopicPartition(topic: "orders", partition: 0), nil))
    #expect(script.receive(0).isEmpty, "a record of the old epoch")
    #expect(script.receive(0, id: new).isEmpty, "the old request still takes the only place")
    let started = script.accept(old)
    #expect(started.map(\.id.assignment) == [new])
    script.tell(.committed(Script.id, offset: 99, .committed))
    #expect(script.engine.snapshot(at: script.now).partitions.map(\.committed) == [nil])
  }

  @Test func aRevokedPartitionFinishesWhatIsInFlightCommitsAndIsReleased() {
    var script = Script(["crm"], order: .none, concurrency: 1...1)
    let first = script.receive(0)
    _ = script.receive(1)
    #expect(script.tell(.revoked(Script.id)).isEmpty)
    #expect(script.accept(first).isEmpty, "nothing new is started")
    #expect(Script.commits(script.after(.zero)) == [1])
    script.tell(.committed(Script.id, offset: 1, .committed))
    #expect(script.after(.zero).contains(.released(Script.id)))
  }

  @Test func aRevokedPartitionIsReleasedAtTheDeadlineThoughARequestHangs() {
    var script = Script(["crm"])
    _ = script.receive(0)
    script.tell(.revoked(Script.id))
    #expect(!script.after(.seconds(4)).contains(.released(Script.id)))
    #expect(script.after(.seconds(1)).contains(.released(Script.id)))
  }

  @Test func aDrainSettlesWhatWasBegunAndLeavesTheRest() {
    var script = Script(["crm", "erp"], order: .none, concurrency: 2...2)
    let attempts = (0..<5).flatMap { script.receive($0) }
    #expect(attempts.count == 4)
    script.tell(.drain)
    #expect(script.accept(attempts).isEmpty)
    #expect(Script.commits(script.after(.zero)) == [2])
    script.tell(.committed(Script.id, offset: 2, .committed))
    #expect(script.after(.zero).contains(.drained(complete: true)))
  }

  @Test func aDrainThatTakesTooLongSaysSo() {
    var script = Script(["crm"])
    _ = script.receive(0)
    script.tell(.drain)
    #expect(script.after(.seconds(5)).contains(.drained(complete: false)))
  }

  @Test func creditComesBackForEveryRecordThatLeaves() {
    var script = Script(["crm"], order: .none)
    let attempts = (0..<10).flatMap { script.receive($0) }
    _ = script.accept(attempts)
    script.tell(.lost(Script.id))
    _ = script.receive(11)
    _ = script.after(.zero)
    var records = 0
    var bytes = 0
    for case .credit(let r, let b) in script.effects { (records, bytes) = (records + r, bytes + b) }
    #expect(records == 11)
    #expect(bytes == 11 * record(0, key: nil).footprint)
  }
}
