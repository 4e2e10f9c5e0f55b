package import FanOut

/// Runs worlds, one for each seed.
package enum Simulation {
  package struct Failure: Sendable, CustomStringConvertible {
    package let seed: UInt64
    package let violation: Violation
    /// The smallest scenario that still fails in the same way, told.
    package let story: [String]
    /// How many lines the story had before it was cut.
    package let events: Int

    package var description: String {
      "seed \(seed): \(violation)\n  replay it with TOPICTEE_SEED=\(seed)\n  the story, made small:\n    "
        + story.joined(separator: "\n    ")
    }
  }

  package struct Report: Sendable {
    package var seeds = 0
    /// The first of each rule.
    package var failures: [Failure] = []
    package var failed = 0
    package var tally = Tally()
  }

  package static func run(seeds: Range<UInt64>, fault: PlantedFault? = nil) -> Report {
    var report = Report()
    for seed in seeds {
      report.seeds += 1
      let (violation, tally) = run(seed: seed, fault: fault)
      report.tally += tally
      guard let violation else { continue }
      report.failed += 1
      guard !report.failures.contains(where: { $0.violation.rule == violation.rule }) else { continue }
      if let failure = failure(seed, fault: fault) { report.failures.append(failure) }
    }
    return report
  }

  package static func run(seed: UInt64, fault: PlantedFault? = nil) -> (violation: Violation?, tally: Tally) {
    var maker = ScenarioMaker(seed: seed)
    var world = World(maker.scenario(), fault: fault, isTelling: false)
    world.run()
    return (world.oracle.violation, world.oracle.tally)
  }

  /// Everything that happens, line by line, not made smaller.
  /// - Parameter salt: other bytes, and so other hashes, for every key; the story must not depend on them.
  package static func story(ofSeed seed: UInt64, fault: PlantedFault? = nil, salt: String = "a") -> [String] {
    var maker = ScenarioMaker(seed: seed)
    var world = World(maker.scenario(), fault: fault, isTelling: true, salt: salt)
    world.run()
    return world.oracle.story ?? []
  }

  /// Nil if the seed does not fail.
  package static func failure(_ seed: UInt64, fault: PlantedFault?) -> Failure? {
    guard let violation = run(seed: seed, fault: fault).violation else { return nil }
    var maker = ScenarioMaker(seed: seed)
    var shrinker = Shrinker(rule: violation.rule, fault: fault)
    let small = shrinker.shrink(maker.scenario())
    var world = World(small, fault: fault, isTelling: true)
    world.run()
    let lines = world.oracle.story ?? []
    return Failure(
      seed: seed, violation: violation, story: Array(small.summary + lines.suffix(40)), events: lines.count)
  }
}
