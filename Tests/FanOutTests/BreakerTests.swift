import Testing

@testable import FanOut

private func id(_ sequence: UInt64) -> DeliveryID {
  DeliveryID(assignment: AssignmentID(epoch: 1), slot: 0, destination: 0, sequence: sequence)
}
private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

@Suite struct BreakerTests {
  private var breaker = Breaker(BreakerPolicy(openAfter: 3, openFor: .seconds(30)))

  @Test func itOpensAfterFailuresInARow() {
    var breaker = breaker
    #expect(breaker.sawFailure(of: id(1), isTheirs: false, at: at(0)) == false)
    #expect(breaker.sawFailure(of: id(2), isTheirs: false, at: at(0)) == false)
    #expect(breaker.sawFailure(of: id(3), isTheirs: false, at: at(1)) == true)
    #expect(breaker.state == .open(probeAt: at(31)))
    #expect(breaker.suspects.map(\.failures) == [1, 1, 1])
  }

  @Test func aHealthyAnswerEndsTheRow() {
    var breaker = breaker
    for _ in 0..<10 {
      _ = breaker.sawFailure(of: id(1), isTheirs: true, at: at(0))
      _ = breaker.sawFailure(of: id(2), isTheirs: true, at: at(0))
      #expect(breaker.sawHealth() == false, "it was closed")
    }
    #expect(breaker.isClosed)
  }

  @Test func oneRecordAloneOpensNothingButOutagesDo() {
    var breaker = breaker
    for _ in 0..<10 { #expect(breaker.sawFailure(of: id(1), isTheirs: false, at: at(0)) == false) }
    #expect(breaker.sawFailure(of: id(2), isTheirs: false, at: at(0)) == true)
    var refused = self.breaker
    for _ in 0..<2 { #expect(refused.sawFailure(of: id(1), isTheirs: true, at: at(0)) == false) }
    #expect(refused.sawFailure(of: id(1), isTheirs: true, at: at(0)) == true, "no connection says it by itself")
  }

  @Test func theProbeDecides() {
    var breaker = breaker
    for i in 0..<3 { _ = breaker.sawFailure(of: id(UInt64(i)), isTheirs: true, at: at(0)) }
    breaker.allowProbe(at: at(29))
    #expect(breaker.state == .open(probeAt: at(30)))
    breaker.allowProbe(at: at(30))
    #expect(breaker.state == .halfOpen(probe: nil))
    breaker.startedProbe(id(7))
    #expect(breaker.sawFailure(of: id(8), isTheirs: true, at: at(31)) == false, "a late answer to another")
    #expect(breaker.state == .halfOpen(probe: id(7)))
    breaker.probeSaidNothing(id(7))
    #expect(breaker.state == .halfOpen(probe: nil))
    breaker.startedProbe(id(9))
    #expect(breaker.sawFailure(of: id(9), isTheirs: true, at: at(40)) == false)
    #expect(breaker.state == .open(probeAt: at(70)))
    #expect(breaker.sawHealth() == true, "a late healthy answer will do")
    #expect(breaker.isClosed)
    #expect(breaker.failuresInARow == 0)
  }
}
