import FanOut

let millisecond: Int64 = 1_000_000
let second: Int64 = 1_000_000_000

/// Makes a scenario of a seed: small numbers of everything, so that what is rare happens often.
struct ScenarioMaker {
  private var random: SeededRandom
  /// What came later is thrown from dice of its own, so that a seed's older part stays what it was.
  private var later: SeededRandom
  private let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
    random = SeededRandom(seed: seed)
    later = SeededRandom(seed: seed ^ 0x7_0b1c_7ee5)
  }

  mutating func scenario() -> Scenario {
    var destinations = (0..<oneOf([1, 2, 2, 2, 3])).map { destination($0) }
    BatchMaker(seed: seed).giveBatches(to: &destinations)
    let instances = oneOf([1, 1, 2, 2, 3])
    var partitions = (0..<int(1...3)).map { _ in partition(destinations) }
    var faults: [Fault] = []
    let faultCount = chance(10) ? 0 : int(1...7)
    for _ in 0..<faultCount {
      if let fault = fault(destinations, instances: instances) { faults.append(fault) }
    }
    if laterChance(40) { skip(&partitions, destinations.count) }
    if laterChance(40) {
      for index in destinations.indices { destinations[index].isOptional = laterChance(60) }
    }
    var enginePlan = enginePlan()
    enginePlan.keepsResults = laterChance(30)
    return Scenario(
      dice: seed &* 0x9e37_79b9 &+ 17, partitions: partitions, destinations: destinations, instances: instances,
      faults: faults, engine: enginePlan, group: groupPlan())
  }

  // MARK: - Parts

  private mutating func destination(_ index: Int) -> Scenario.DestinationPlan {
    let isCalm = chance(25)
    let backoffMin = int64(5...100) * millisecond
    let retry = RetryPolicy(
      attempts: int(1...5), backoffMin: Nanoseconds(count: backoffMin),
      backoffMax: Nanoseconds(count: backoffMin * int64(1...10)),
      maxAge: chance(85) ? nil : .milliseconds(int64(300...8_000)))
    let breaker = BreakerPolicy(openAfter: int(1...6), openFor: .milliseconds(int64(50...3_000)))
    let lower = int(1...4)
    let policy = DestinationPolicy(
      name: ["crm", "erp", "wms"][index], order: oneOf([.key, .key, .partition, .none]), retry: retry,
      breaker: breaker, concurrency: isCalm ? 200...200 : lower...(lower + int(0...8)),
      rate: isCalm || chance(75) ? nil : Double(int(10...200)), retriesPerSecond: Double(int(1...10)))
    let fastest = int64(1...20) * millisecond
    return Scenario.DestinationPlan(
      policy: policy, latency: fastest...(fastest + int64(0...30) * millisecond),
      timeout: int64(100...2_000) * millisecond, isCalm: isCalm)
  }

  private mutating func partition(_ destinations: [Scenario.DestinationPlan]) -> Scenario.PartitionPlan {
    let hasGaps = chance(30)
    let hasBadOnes = chance(50)
    let keys = int(1...5)
    let interval = chance(50) ? 0 : int64(1...300) * millisecond
    var offset = chance(50) ? 0 : int64(0...1_000)
    var producedAt: Int64 = 0
    var records: [Scenario.RecordPlan] = []
    for _ in 0..<int(1...(chance(15) ? 60 : 20)) {
      records.append(
        Scenario.RecordPlan(
          offset: offset, key: int(-1...keys - 1), valueBytes: int(0...100), producedAt: producedAt,
          natures: destinations.map { $0.isCalm || !hasBadOnes ? .fine : nature() }))
      offset += hasGaps && chance(20) ? int64(2...40) : 1
      producedAt += interval
    }
    return Scenario.PartitionPlan(records: records, committed: earlierCommit(records))
  }

  /// Rarely, what another program wrote, or what belonged to a topic that is no more.
  private mutating func earlierCommit(_ records: [Scenario.RecordPlan]) -> CommittedPosition? {
    guard chance(6) else { return nil }
    if chance(50) { return CommittedPosition(offset: (records.last?.offset ?? 0) + 500, metadata: "t1:crm=AE") }
    return CommittedPosition(
      offset: 0, metadata: oneOf(["t1:crm", "t1:crm=AB;crm=AB", "lag=4", "t1:erp=A", "t1:crm=A!", "{\"a\":1}"]))
  }

  private mutating func nature() -> Scenario.Nature {
    switch int(0...99) {
    case 0..<5: .refused
    case 5..<10: .poison
    case 10: .poisonHang
    case 11..<13: .unsendable
    default: .fine
    }
  }

  private mutating func enginePlan() -> Scenario.EnginePlan {
    let recordsMax = chance(40) ? 1_000 : int(2...40)
    return Scenario.EnginePlan(
      commitEvery: .milliseconds(int64(10...500)), uncommittedMax: chance(50) ? 1_000 : int(1...10),
      recordsMax: recordsMax, bytesMax: chance(70) ? 1 << 20 : int(300...6_000), spanMax: recordsMax * int(1...4),
      drain: .milliseconds(int64(200...5_000)),
      revocation: chance(50) ? .milliseconds(4_500) : .milliseconds(int64(100...2_000)))
  }

  private mutating func groupPlan() -> Scenario.GroupPlan {
    let commit = int64(1...30) * millisecond
    let letter = int64(1...30) * millisecond
    let fetch = int64(1...10) * millisecond
    return Scenario.GroupPlan(
      isEager: chance(50), isStatic: chance(30), sessionTimeout: int64(200...6_000) * millisecond,
      commitLatency: millisecond...(millisecond + commit), letterLatency: millisecond...(millisecond + letter),
      fetchEvery: fetch...(fetch * 3), fetchMax: int(1...20))
  }

  // MARK: - Faults

  private mutating func fault(_ destinations: [Scenario.DestinationPlan], instances: Int) -> Fault? {
    let start = int64(0...5_000) * millisecond
    let length = (chance(70) ? int64(1...2_000) : int64(1...15_000)) * millisecond
    let instance = int(0...instances - 1)
    let kind: Fault.Kind
    switch int(0...99) {
    case 0..<14: kind = .crash(instance: instance, afterEffects: int(0...4))
    case 14..<22: kind = .drain(instance: instance)
    case 22..<30: kind = .rebalance
    case 30..<36: kind = .zombie(instance: instance)
    case 36..<39: kind = .freeze(instance: instance)
    case 39..<75:
      let destination = int(0...destinations.count - 1)
      guard !destinations[destination].isCalm else { return nil }
      kind = .spell(destination: destination, spell())
    case 75..<86: kind = .commits(oneOf([.lost, .answerLost, .appliedLate, .tooLarge, .forbidden, .slow]))
    case 86..<95: kind = .letters(oneOf([.lost, .answerLost, .slow]))
    default: kind = .positionsUnknown
    }
    return Fault(start: start, end: start + length, kind: kind)
  }

  private mutating func spell() -> Fault.Spell {
    switch int(0...9) {
    case 0: .refusesConnections
    case 1: .unavailable(status: oneOf([401, 403, 407, 502, 503, 504]))
    case 2, 3: .tooMany(retryAfter: chance(90) ? int64(1...5_000) * millisecond : int64(100...1_000) * second)
    case 4: .fails
    case 5: .failsSometimes
    case 6: .hangs
    case 7: .losesAnswers
    case 8: .closesIdleConnections
    default: .slow
    }
  }

  // MARK: - Later

  /// Some records are not for some destinations, a few for none.
  private mutating func skip(_ partitions: inout [Scenario.PartitionPlan], _ destinations: Int) {
    let percent = (0..<destinations).map { _ in [0, 20, 50, 90][Int.random(in: 0...3, using: &later)] }
    for partition in partitions.indices {
      for record in partitions[partition].records.indices {
        for destination in 0..<destinations where laterChance(percent[destination]) {
          partitions[partition].records[record].skips |= 1 << UInt64(destination)
        }
      }
    }
  }

  private mutating func laterChance(_ percent: Int) -> Bool { Int.random(in: 0...99, using: &later) < percent }

  // MARK: - Dice

  private mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  private mutating func int64(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }
  private mutating func chance(_ percent: Int) -> Bool { int(0...99) < percent }
  private mutating func oneOf<T>(_ choices: [T]) -> T { choices[int(0...choices.count - 1)] }
}
