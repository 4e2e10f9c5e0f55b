import Testing

@testable import FanOut

/// What is settled is not in flight, though the watermark has not passed it: one record that is held stops its own key,
/// not the reading of the others.
@Suite struct SpanTests {
  /// Reads as credit allows, `crm` and `erp` taking everything but the first record; returns how many were read.
  private func readAll(_ script: inout Script, most: Int) -> Int {
    var credit = script.engine.policy.recordsMax
    var offset: Int64 = 0
    while credit > 0, offset < most {
      credit -= 1
      let attempts = script.receive(offset, key: offset % 50 == 0 ? "held" : "key-\(offset)")
      _ = script.accept(attempts.filter { offset > 0 || $0.id.destination == 0 })
      for case .credit(let records, _) in script.after(.milliseconds(1)) { credit += records }
      offset += 1
    }
    return Int(offset)
  }

  @Test func aRecordThatIsHeldDoesNotStopTheReadingOfOtherKeys() {
    var script = Script(uncommittedMax: 100_000, recordsMax: 100)
    #expect(readAll(&script, most: 1_000) == 1_000)
    let partition = script.engine.snapshot(at: script.now).partitions[0]
    #expect(partition.watermark == 0)
    #expect(partition.buffered == 1_000)
    #expect(partition.unsettled == 20)
  }

  /// The places of settled records are bounded too.
  @Test func noMoreIsReadThanTheSpanAllows() {
    var script = Script(uncommittedMax: 100_000, recordsMax: 100)
    #expect(readAll(&script, most: 10_000) == 1_600)
    #expect(!script.after(.seconds(60)).contains { if case .credit = $0 { true } else { false } })
  }

  /// In the end all credit has come back.
  @Test func theCreditOfTheSpanComesBackWhenTheWatermarkMoves() {
    var script = Script(uncommittedMax: 100_000, recordsMax: 100)
    let read = readAll(&script, most: 10_000)
    let held = script.effects.compactMap { effect -> Attempt? in
      guard case .attempt(let attempt) = effect, attempt.record.offset == 0 else { return nil }
      return attempt.id.destination == 1 ? attempt : nil
    }
    var waiting = held
    while let attempt = waiting.popLast() { waiting += script.accept([attempt]) }
    _ = script.after(.zero)
    let partition = script.engine.snapshot(at: script.now).partitions[0]
    #expect(partition.watermark == Int64(read))
    let credit = script.effects.reduce(0) { if case .credit(let records, _) = $1 { $0 + records } else { $0 } }
    #expect(credit == read)
  }
}
