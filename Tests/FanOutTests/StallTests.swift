import Testing

@testable import FanOut

/// The limits are reached and nothing moves: said once, and once more when it is over.
@Suite struct StallTests {
  private func notices(_ effects: [Effect]) -> [String] {
    effects.compactMap { effect in
      switch effect {
      case .notice(.stalled(let partition)): "stalled on \(partition.waitingFor.map(\.destination))"
      case .notice(.resumed(let after)): "resumed after \(after.count / 1_000_000_000) s"
      default: nil
      }
    }
  }

  /// Four records that erp does not answer, which is all that may be held.
  private func full(_ script: inout Script) -> [Attempt] {
    let attempts = (0..<4).flatMap { script.receive($0) }
    let waiting = attempts.filter { $0.id.destination == 1 }
    _ = script.accept(attempts.filter { $0.id.destination == 0 })
    #expect(waiting.count == 4)
    return waiting
  }

  @Test func itIsSaidOnceAndOnceThatItGoesOn() {
    var script = Script(recordsMax: 4)
    let waiting = full(&script)
    #expect(notices(script.after(.zero)) == [])
    #expect(notices(script.after(.milliseconds(4_900))) == [])
    #expect(script.engine.nextDeadline.map { $0 <= script.now + .milliseconds(100) } == true)
    #expect(notices(script.after(.milliseconds(100))) == ["stalled on [\"erp\"]"])
    for _ in 0..<20 { #expect(notices(script.after(.seconds(1))) == []) }
    let effects = script.tell(.finished(waiting[0].id, .accepted(status: 204)))
    #expect(notices(effects + script.after(.zero)) == ["resumed after 25 s"])
  }

  /// A burst behind a long silence fills the limits before the first answer can be there.
  @Test func aBurstBehindASilenceIsNoStandstill() {
    var script = Script(recordsMax: 4)
    let waiting = full(&script)
    _ = script.accept(waiting)
    #expect(notices(script.after(.zero) + script.after(.seconds(3_600))) == [])
    let burst = (4..<8).flatMap { script.receive($0) }
    #expect(notices(script.after(.zero) + script.after(.milliseconds(100))) == [])
    _ = script.accept(burst)
    #expect(notices(script.after(.zero)) == [])
  }

  /// Without its partition the lane holds nothing up any more.
  @Test func itIsOverWhenThePartitionIsLost() {
    var script = Script(recordsMax: 4)
    _ = full(&script)
    #expect(notices(script.after(.zero) + script.after(.seconds(5))) == ["stalled on [\"erp\"]"])
    let effects = script.tell(.lost(Script.id))
    #expect(notices(effects + script.after(.seconds(1))) == ["resumed after 6 s"])
    #expect(notices(script.after(.seconds(60))) == [])
  }
}
