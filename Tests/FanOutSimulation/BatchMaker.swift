import FanOut

/// Decides which destinations of a scenario take batches. Dice of its own: the other scenarios stay what they were.
struct BatchMaker {
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed ^ 0x5eed_0000_ba7c) }

  func giveBatches(to destinations: inout [Scenario.DestinationPlan]) {
    var maker = self
    guard maker.chance(40) else { return }
    for index in destinations.indices where maker.chance(75) { maker.giveBatches(to: &destinations[index]) }
  }

  private mutating func giveBatches(to plan: inout Scenario.DestinationPlan) {
    let answersEach = chance(35)
    let batch = BatchPolicy(
      recordsMax: chance(15) ? 50 : int(1...9), bytesMax: chance(60) ? 1 << 20 : int(20...300),
      wait: .milliseconds(chance(25) ? 0 : Int64(int(1...200))), isWhole: !answersEach && chance(80))
    let old = plan.policy
    plan.policy = DestinationPolicy(
      name: old.name, order: old.order, retry: old.retry, breaker: old.breaker, concurrency: old.concurrency,
      rate: old.rate, retriesPerSecond: old.retriesPerSecond, batch: batch)
    plan.batches = Scenario.BatchAPI(
      answersEach: answersEach, recordsMax: plan.isCalm || chance(75) ? .max : int(1...6),
      bytesMax: plan.isCalm || chance(75) ? .max : int(30...200))
  }

  private mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  private mutating func chance(_ percent: Int) -> Bool { int(0...99) < percent }
}
