import FanOut

/// Makes a failing scenario smaller while it fails by the same rule: fewer faults, records, partitions, instances.
struct Shrinker {
  let rule: Rule
  let fault: PlantedFault?
  /// Runs that may still be made.
  private var left = 10_000
  private static let dicePerCandidate: UInt64 = 12

  init(rule: Rule, fault: PlantedFault?) {
    self.rule = rule
    self.fault = fault
  }

  mutating func shrink(_ scenario: Scenario) -> Scenario {
    var best = scenario
    var isSmaller = true
    while isSmaller, left > 0 {
      isSmaller = false
      for candidate in Self.smaller(best) {
        guard left > 0 else { break }
        if let failing = failing(candidate) {
          best = failing
          isSmaller = true
          break
        }
      }
    }
    return best
  }

  /// The candidate with dice by which it fails, if there are any.
  private mutating func failing(_ candidate: Scenario) -> Scenario? {
    for offset in 0..<Self.dicePerCandidate where left > 0 {
      left -= 1
      var tried = candidate
      tried.dice &+= offset
      var world = World(tried, fault: fault, isTelling: false)
      world.run()
      if world.oracle.violation?.rule == rule { return tried }
    }
    return nil
  }

  /// Candidates, the boldest first.
  private static func smaller(_ scenario: Scenario) -> [Scenario] {
    var candidates: [Scenario] = []
    func add(_ change: (inout Scenario) -> Void) {
      var candidate = scenario
      change(&candidate)
      candidates.append(candidate)
    }
    for index in scenario.faults.indices { add { $0.faults.remove(at: index) } }
    if scenario.partitions.count > 1 {
      for index in scenario.partitions.indices { add { $0.partitions.remove(at: index) } }
    }
    if scenario.instances > 1, !scenario.faults.contains(where: { $0.isOf(scenario.instances - 1) }) {
      add { $0.instances -= 1 }
    }
    for index in scenario.partitions.indices {
      let count = scenario.partitions[index].records.count
      if count > 3 { add { $0.partitions[index].records.removeLast(count / 2) } }
      for record in (0..<count).reversed() where count > 1 { add { $0.partitions[index].records.remove(at: record) } }
      for record in 0..<count where scenario.partitions[index].records[record].skips != 0 {
        add { $0.partitions[index].records[record].skips = 0 }
      }
      for record in 0..<count where scenario.partitions[index].records[record].natures.contains(where: { $0 != .fine })
      {
        add { $0.partitions[index].records[record].natures = $0.destinations.map { _ in .fine } }
      }
    }
    return candidates
  }
}

extension Fault {
  func isOf(_ instance: Int) -> Bool {
    switch kind {
    case .crash(instance, _), .drain(instance), .zombie(instance), .freeze(instance): true
    default: false
    }
  }
}

extension Scenario {
  /// What there is, for people.
  var summary: [String] {
    func ms(_ time: Nanoseconds) -> String { "\(time.count / millisecond) ms" }
    var lines = [
      "instances: \(instances), group: \(group.isEager ? "eager" : "cooperative")\(group.isStatic ? ", static" : "")",
      "commits every \(ms(engine.commitEvery)), at most \(engine.uncommittedMax) uncommitted, "
        + "\(engine.recordsMax) records, \(engine.bytesMax) bytes, "
        + (engine.keepsResults ? "results, " : "")
        + "drains in \(ms(engine.drain)), releases in \(ms(engine.revocation))",
    ]
    for destination in destinations {
      let policy = destination.policy
      lines.append(
        "\(policy.name)\(destination.isCalm ? " (calm)" : "")\(destination.isOptional ? " (optional)" : ""): order \(policy.order), \(policy.retry.attempts) attempts,"
          + " breaker after \(policy.breaker.openAfter) for \(ms(policy.breaker.openFor)),"
          + " concurrency \(policy.concurrency), rate \(policy.rate.map { "\($0)" } ?? "none"),"
          + " greatest age \(policy.retry.maxAge.map { ms($0) } ?? "none")")
      guard let batch = policy.batch, let api = destination.batches else { continue }
      lines.append(
        "  batches of \(batch.recordsMax) records or \(batch.bytesMax) bytes, \(batch.isWhole ? "whole, " : "")"
          + "wait \(ms(batch.wait)); takes \(api.recordsMax) records and \(api.bytesMax) bytes"
          + (api.answersEach ? ", answers each" : ""))
    }
    for (index, partition) in partitions.enumerated() {
      let records = partition.records.map { record in
        let bad =
          zip(destinations, record.natures).filter { $1 != .fine }
          .map { " (\($0.policy.name): \($1))" }.joined()
          + destinations.indices.filter { record.skips & (1 << UInt64($0)) != 0 }
          .map { " (not for \(destinations[$0].policy.name))" }.joined()
        return "@\(record.offset)\(record.key < 0 ? "" : " k\(record.key)")\(bad)"
      }
      lines.append("p\(index): \(records.joined(separator: ", "))")
    }
    return lines
  }
}
