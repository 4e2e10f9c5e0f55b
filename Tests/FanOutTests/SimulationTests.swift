import FanOut
import FanOutSimulation
import Foundation
import Testing

/// `TOPICTEE_SEEDS=1000000` for a long run, `TOPICTEE_SEED=17` to see what happens in one.
@Suite struct SimulationTests {
  static let environment = ProcessInfo.processInfo.environment
  static let seeds = environment["TOPICTEE_SEEDS"].flatMap { UInt64($0) } ?? 20_000

  @Test func nothingThatWasPromisedIsBrokenInAnyWorld() {
    if let seed = Self.environment["TOPICTEE_SEED"].flatMap({ UInt64($0) }) { return Self.replay(seed) }
    let clock = ContinuousClock()
    let start = clock.now
    let report = Simulation.run(seeds: 0..<Self.seeds)
    let seconds = (clock.now - start) / .seconds(1)
    print("simulation: \(report.seeds) seeds, \(Int(Double(report.seeds) / seconds)) a second, \(report.tally)")
    for failure in report.failures { Issue.record("\(failure)") }
    #expect(report.failed == 0)
  }

  private static func replay(_ seed: UInt64) {
    for line in Simulation.story(ofSeed: seed) { print(line) }
    if let violation = Simulation.run(seed: seed).violation { Issue.record("\(violation)") }
  }
}
