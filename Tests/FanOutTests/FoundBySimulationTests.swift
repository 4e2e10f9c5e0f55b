import FanOut
import Testing

/// What the simulated world found, told in a few steps.
@Suite struct FoundBySimulationTests {
  /// A commit that was made before all restored records had been received forgot the rest: a second crash sent them
  /// again.
  @Test func progressOfRecordsThatAreNotReceivedYetStaysInTheNextCommit() {
    var script = Script(committed: CommittedPosition(offset: 5, metadata: "t1:crm=AE"))
    _ = script.accept(script.receive(5))
    #expect(script.after(.seconds(1)).contains(.commit(Script.id, offset: 6, metadata: "t1:crm=AD")))
    script.tell(.committed(Script.id, offset: 6, .committed))
    let attempts = script.receive(6)
    #expect(attempts.map(\.id.destination) == [1])
    script.tell(.finished(attempts[0].id, .accepted(status: 204)))
    #expect(script.after(.seconds(1)).contains(.commit(Script.id, offset: 7, metadata: "t1:crm=AC")))
  }

  /// The answer to one commit let a parked delivery go, which began the next commit, and what that one covers was then
  /// taken for durable at the other destination: more was in flight than a crash may repeat.
  @Test func aCommitThatTheAnswerToAnotherBeginsIsNotDurableYet() {
    var script = Script(order: .none, uncommittedMax: 1)
    let first = script.receive(0)
    _ = script.receive(1)
    _ = script.receive(2)
    #expect(script.accept([first[0]]).isEmpty)
    #expect(script.accept([first[1]]).isEmpty)
    let next = script.attempts(script.tell(.committed(Script.id, offset: 0, .committed)))
    #expect(next.map(\.id.destination) == [0], "erp's record 0 is on its way to the broker only")
  }

  /// The breaker is half open, and a request from before it opened takes the only place: the deadline lay in the past,
  /// and the loop turned without a pause until that request's timeout.
  @Test func aProbeThatWaitsForAPlaceIsNoDeadlineInThePast() throws {
    var script = Script(
      ["crm"], order: .none, concurrency: 1...2, breaker: BreakerPolicy(openAfter: 1, openFor: .seconds(1)))
    // The limit grows while it is in full use.
    var inFlight = script.receive(0) + script.receive(1)
    for offset in 2..<100 as Range<Int64> where inFlight.count < 2 {
      inFlight = script.accept(inFlight) + script.receive(offset)
    }
    try #require(inFlight.count == 2)
    script.tell(.finished(inFlight[0].id, .unavailable(AttemptFailure(message: "refused"))))
    _ = script.after(.seconds(2))
    #expect(script.attempts(script.after(.seconds(1))).isEmpty, "the one that hangs takes the only place")
    #expect(script.engine.nextDeadline ?? script.now + .seconds(1) > script.now)
  }

  /// Two bad records opened the breaker again each time a good one had closed it, and what was given back each time
  /// was never used up.
  @Test func badRecordsThatOpenTheBreakerTogetherAreGivenUpWhenOthersGoThrough() {
    var script = Script(
      ["crm"], order: .none, attempts: 3, breaker: BreakerPolicy(openAfter: 2, openFor: .seconds(1)))
    var bad = script.receive(0) + script.receive(1)
    var letters: [DeadLetter] = []
    for round in 2..<8 as Range<Int64> {
      var good = script.receive(round)
      while let attempt = bad.popLast() {
        let effects = script.tell(
          .finished(attempt.id, .failed(AttemptFailure(status: 500, message: "status 500"))))
        letters += Script.letters(effects).map(\.letter)
      }
      for _ in 0..<10 where good.isEmpty || bad.isEmpty {
        for attempt in script.attempts(script.after(.seconds(1))) + good {
          if attempt.record.offset == round {
            good = [attempt]
            bad += script.accept([attempt])
          } else {
            bad.append(attempt)
          }
        }
      }
    }
    #expect(letters.map(\.reason) == [.exhausted, .exhausted])
  }

  /// A stale connection sent a request anew although the breaker had opened, or `Retry-After` had come, since it began.
  @Test func aStaleConnectionIsNotTriedAgainBehindAGateThatHasClosed() {
    var script = Script(
      ["crm"], order: .none, breaker: BreakerPolicy(openAfter: 1, openFor: .seconds(1)))
    let attempts = script.receive(0) + script.receive(1)
    let failure = AttemptFailure(status: 429, message: "status 429", retryAfter: .seconds(3))
    script.tell(.finished(attempts[0].id, .unavailable(failure)))
    #expect(script.attempts(script.tell(.finished(attempts[1].id, .stale))).isEmpty)
    #expect(script.attempts(script.after(.milliseconds(2_900))).isEmpty)
    let again = script.attempts(script.after(.milliseconds(200)))
    #expect(again.map(\.number) == [1], "it was not sent, so this is the first time")
    #expect(script.accept(again).map(\.record.offset) == [0])
  }

  /// A record that one destination had by the commit before began a commit for the other destination first, and that
  /// commit did not say so.
  @Test func whatIsRestoredIsSaidByTheCommitThatItsOwnReceptionBegins() {
    var script = Script(order: .none, uncommittedMax: 2, committed: CommittedPosition(offset: 5, metadata: "t1:erp=CB"))
    let attempts = script.receive(5)
    _ = script.receive(6)
    #expect(script.accept([attempts[1]]).isEmpty)
    let effects = script.tell(.received(record(7, key: nil)))
    #expect(effects == [.commit(Script.id, offset: 5, metadata: "t1:erp=ABBB")])
  }

  /// Records that every destination had by the commit before moved the watermark, and no commit said so: the group's
  /// lag stayed until something else was settled.
  @Test func aWatermarkThatPassesRestoredRecordsIsCommitted() {
    var script = Script(committed: CommittedPosition(offset: 5, metadata: "t1:crm=AC;erp=AC"))
    #expect(script.receive(5).isEmpty)
    #expect(script.receive(6).isEmpty)
    #expect(Script.commits(script.after(.seconds(1))) == [7])
    script.tell(.committed(Script.id, offset: 7, .unknown("timed out")))
    #expect(Script.commits(script.after(.seconds(1))) == [7])
    script.tell(.committed(Script.id, offset: 7, .committed))
    #expect(Script.commits(script.after(.seconds(1))).isEmpty)
  }

  /// A retry that was parked for a commit that failed again and again was sent once more long after its greatest age.
  @Test func whatWasParkedBeyondItsGreatestAgeIsNotSentAgain() {
    var script = Script(["crm"], order: .none, maxAge: .seconds(5), uncommittedMax: 1)
    script.tell(.finished(script.receive(0)[0].id, .unavailable(AttemptFailure(message: "refused"))))
    let other = script.receive(1)
    #expect(script.attempts(script.after(.seconds(1))).isEmpty, "parked: the other is in flight")
    _ = script.accept(other)
    let commits = Script.commits(script.effects)
    #expect(commits == [0])
    _ = script.after(.seconds(9))
    let effects = script.tell(.committed(Script.id, offset: 0, .committed))
    #expect(script.attempts(effects).isEmpty)
    #expect(Script.letters(effects).map(\.letter.reason) == [.expired])
  }
}
