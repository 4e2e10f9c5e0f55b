import FanOut
import Testing

/// Records that are not for a destination (`when`).
@Suite struct SkipTests {
  private func receive(_ script: inout Script, _ offset: Int64, key: String?, skipped: UInt64) -> [Attempt] {
    let effects = script.tell(.received(record(offset, key: key), skipped: skipped))
    return script.attempts(effects)
  }

  @Test func aRecordIsSettledWithoutTheDestinationsThatSkipIt() {
    var script = Script()
    let attempts = receive(&script, 5, key: "a", skipped: 0b10)
    #expect(attempts.map(\.id.destination) == [0])
    #expect(script.accept(attempts).isEmpty)
    #expect(Script.commits(script.after(.seconds(1))) == [6])
    #expect(script.engine.snapshot(at: script.now).destinations.map(\.counts.skipped) == [0, 1])
  }

  @Test func aRecordThatAllSkipIsSettledAtOnceAndGivesItsCreditBack() {
    var script = Script()
    #expect(receive(&script, 5, key: "a", skipped: .max).isEmpty)
    #expect(
      script.after(.milliseconds(250)) == [
        .commit(Script.id, offset: 6, metadata: ""), .credit(records: 1, bytes: record(5, key: "a").footprint),
      ])
  }

  @Test(arguments: [RecordOrder.key, .partition]) func whatComesBehindASkippedRecordWaitsForTheOneBeforeIt(
    _ order: RecordOrder
  ) {
    var script = Script(["crm"], order: order)
    let first = receive(&script, 0, key: "a", skipped: 0)
    for offset in 1...3 as ClosedRange<Int64> {
      #expect(receive(&script, offset, key: "a", skipped: 1).isEmpty)
    }
    #expect(receive(&script, 4, key: "a", skipped: 0).isEmpty, "0 is in flight")
    #expect(script.accept(first).map(\.record.offset) == [4])
    #expect(script.after(.milliseconds(250)).contains(.commit(Script.id, offset: 4, metadata: "")))
  }

  /// 1 is done with everywhere, and is the last of its key: what 2 has to know of 0 hangs on it.
  @Test func theOrderOutlivesARecordThatIsSettledBeforeItsTurn() {
    var script = Script()
    let first = receive(&script, 0, key: "a", skipped: 0)
    #expect(script.accept([first[0]]).isEmpty)
    let second = receive(&script, 1, key: "a", skipped: 0b10)
    #expect(script.accept(second).isEmpty)
    #expect(receive(&script, 2, key: "a", skipped: 0).map(\.id.destination) == [0])
    #expect(script.accept([first[1]]).map(\.record.offset) == [2])
  }

  @Test func nothingWaitsBehindASkippedRecordThatWaitsForNothing() {
    var script = Script(["crm"])
    #expect(receive(&script, 0, key: "a", skipped: 1).isEmpty)
    #expect(receive(&script, 1, key: "a", skipped: 0).count == 1)
  }

  @Test func theCommitSaysThatTheDestinationHasIt() {
    var script = Script(order: .none)
    _ = receive(&script, 5, key: nil, skipped: 0)
    let next = receive(&script, 6, key: nil, skipped: 0b10)
    #expect(script.accept(next).isEmpty)
    #expect(script.after(.milliseconds(250)).contains(.commit(Script.id, offset: 5, metadata: "t1:crm=BB;erp=BB")))
  }

  /// After a crash 6 is restored, and 7 must not overtake 5 for that.
  @Test func whatIsRestoredBeforeItsTurnIsNotOvertakenEither() {
    var script = Script(["crm"], committed: CommittedPosition(offset: 5, metadata: "t1:crm=BB"))
    let first = script.receive(5, key: "a")
    #expect(first.count == 1)
    #expect(script.receive(6, key: "a").isEmpty)
    #expect(script.receive(7, key: "a").isEmpty)
    #expect(script.accept(first).map(\.record.offset) == [7])
  }
}
