import FanOut
import FanOutSimulation
import Foundation
import Testing

/// `TOPICTEE_SEEDS=1000000` for a long run, `TOPICTEE_SEED=17` to see what happens in one, and with
/// `TOPICTEE_FAULT=ignoresEpoch` beside it, what a planted fault does there.
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

  /// Keys are hashed with a seed of the process, so a story must not depend on their hashes.
  @Test func aSeedTellsTheSameStoryInEveryProcess() {
    for seed in 0..<200 as Range<UInt64> {
      let story = Simulation.story(ofSeed: seed)
      #expect(story.count > 5)
      #expect(Simulation.story(ofSeed: seed, salt: "b") == story, "seed \(seed)")
    }
  }

  @Test(.enabled(if: PlantedFault.isPossible)) func aFailureIsToldByItsSeedAndASmallStory() throws {
    let seed = try #require(
      (0..<10_000 as Range<UInt64>).first { seed in
        guard Simulation.run(seed: seed, fault: .ignoresEpoch).violation != nil else { return false }
        return Simulation.story(ofSeed: seed, fault: .ignoresEpoch).count > 100
      })
    let failure = try #require(Simulation.failure(seed, fault: .ignoresEpoch))
    #expect("\(failure)".contains("TOPICTEE_SEED=\(seed)"))
    #expect(failure.story.last?.contains(failure.violation.rule.rawValue) == true)
    let whole = Simulation.story(ofSeed: seed, fault: .ignoresEpoch)
    #expect(failure.events < whole.count / 2, "\(failure.events) events of \(whole.count)")
  }

  private static func replay(_ seed: UInt64) {
    let fault = environment["TOPICTEE_FAULT"].flatMap { PlantedFault(rawValue: $0) }
    for line in Simulation.story(ofSeed: seed, fault: fault) { print(line) }
    if let failure = Simulation.failure(seed, fault: fault) { Issue.record("\(failure)") }
  }
}
