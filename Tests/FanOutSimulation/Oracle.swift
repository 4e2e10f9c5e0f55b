import FanOut

/// Knows everything, and checks every step of every instance against what was promised. It shares no code with the
/// engine but the types of events and effects.
struct Oracle: Sendable {
  let policy: EnginePolicy
  let calm: [Bool]
  let batches: [Scenario.BatchAPI?]
  let names: [String]
  let everybody: UInt64
  /// Whom commits speak of, and the bit of the one behind the destinations: the results row.
  let progressNames: [String]
  let rowBit: UInt64
  /// One bit for each destination that commits wait for.
  let required: UInt64
  var partitions: [PartitionTruth]
  /// By epoch; the first one is nobody's, since 0 is no epoch.
  var views = [AssignmentView.nobodys]
  var instances: [InstanceView]
  var commits: [CommitView] = []
  private(set) var violation: Violation?
  var story: [String]?
  var now: Int64 = 0
  /// Something happened that may cost a duplicate: a crash, a lost answer, a partition taken away.
  var mayRepeat = false
  /// Destinations refuse what they like, whatever the record is.
  var isCapricious = false
  /// Counts what happened, so that a test can see that the world is not asleep.
  var tally = Tally()

  init(_ scenario: Scenario, isTelling: Bool) {
    policy = scenario.policy
    calm = scenario.destinations.map { $0.isCalm && !$0.isOptional }
    batches = scenario.destinations.map(\.batches)
    names = policy.destinations.map(\.name)
    everybody = (1 << UInt64(names.count)) - 1
    progressNames = names + (policy.keepsResults ? ["*"] : [])
    rowBit = policy.keepsResults ? 1 << UInt64(names.count) : 0
    required = scenario.destinations.enumerated().reduce(0) { bits, one in
      one.element.isOptional ? bits : bits | 1 << UInt64(one.offset)
    }
    partitions = scenario.partitions.map { PartitionTruth($0) }
    let views = names.map { _ in DestinationView() }
    instances = (0..<scenario.instances).map { _ in InstanceView(destinations: views) }
    story = isTelling ? [] : nil
  }

  mutating func note(_ line: (Oracle) -> String) {
    guard story != nil, violation == nil else { return }
    let line = "\(clock(now)) \(line(self))"
    story?.append(line)
  }

  /// The first one counts: what follows may be its consequence.
  mutating func fail(_ rule: Rule, _ detail: (Oracle) -> String) {
    guard violation == nil else { return }
    let detail = detail(self)
    note { _ in "✗ \(rule.rawValue): \(detail)" }
    violation = Violation(rule: rule, detail: detail, at: now)
  }

  func name(_ assignment: Int, _ ordinal: Int, _ destination: Int) -> String {
    let view = views[assignment]
    return "p\(view.partition)@\(partitions[view.partition].records[ordinal].offset) → \(names[destination])"
      + " (assignment \(assignment))"
  }

  // MARK: - Lives and assignments

  mutating func started(_ instance: Int) {
    instances[instance] = InstanceView(
      life: instances[instance].life + 1, destinations: names.map { _ in DestinationView() })
    note { _ in "i\(instance) starts" }
  }

  mutating func crashed(_ instance: Int) {
    if !instances[instance].hasDrained { mayRepeat = true }
    for assignment in instances[instance].assignments { views[assignment].phase = .over }
    instances[instance].life += 1
    instances[instance].assignments = []
    note { _ in "i\(instance) is gone" }
  }

  /// Gives a partition to an instance and makes the event that says so.
  mutating func assign(_ partition: Int, to instance: Int, isPositionKnown: Bool) -> Event {
    let truth = partitions[partition]
    if !isPositionKnown { mayRepeat = true }
    let handed = isPositionKnown ? truth.position : nil
    let start = truth.startOrdinal
    var claims = Array(repeating: UInt64(0), count: truth.records.count)
    if let handed, !truth.isBeyond(handed) {
      _ = ProgressReader.read(handed.metadata, from: handed.offset, names: progressNames) { destination, range in
        for ordinal in truth.firstOrdinal(from: range.lowerBound)..<truth.records.count {
          guard truth.records[ordinal].offset < range.upperBound else { break }
          claims[ordinal] |= 1 << UInt64(destination)
        }
      }
    }
    let count = truth.records.count - start
    let rowBit = rowBit
    views.append(
      AssignmentView(
        instance: instance, life: instances[instance].life, partition: partition, start: start, received: start,
        told: claims, claims: claims,
        deliveries: Array(repeating: DeliveryView(), count: count * names.count),
        shares: Array(repeating: AssignmentView.Share(), count: names.count),
        dropped: claims.map { _ in 0 }, head: start, rows: claims.map { $0 & rowBit == 0 ? .none : .written },
        lastCommit: handed.map { truth.isBeyond($0) ? 0 : $0.offset } ?? 0))
    let assignment = views.count - 1
    if let handed, !truth.isBeyond(handed) { views[assignment].committed = handed.offset }
    partitions[partition].owner = assignment
    instances[instance].assignments.append(assignment)
    note { _ in
      "i\(instance) is assigned p\(partition) as assignment \(assignment) with \(handed.map { "\($0)" } ?? "nothing")"
    }
    return .assigned(
      AssignmentID(epoch: UInt32(assignment)), TopicPartition(topic: "orders", partition: Int32(partition)), handed)
  }

  /// The view of an assignment that its instance may still act for.
  func isLive(_ assignment: Int, of instance: Int) -> Bool {
    assignment < views.count && views[assignment].instance == instance
      && views[assignment].life == instances[instance].life && views[assignment].phase != .over
  }

  func delivery(_ assignment: Int, _ ordinal: Int, _ destination: Int) -> Int {
    (ordinal - views[assignment].start) * names.count + destination
  }

  mutating func end(_ assignment: Int) {
    leaveKept(assignment)
    views[assignment].phase = .over
    instances[views[assignment].instance].assignments.removeAll { $0 == assignment }
  }

  // MARK: - Truth

  mutating func destinationHas(_ partition: Int, _ ordinal: Int, _ destination: Int) {
    if partitions[partition].had[ordinal] & (1 << UInt64(destination)) != 0 {
      tally.duplicates += 1
      if !mayRepeat {
        fail(.duplicate) {
          "p\(partition)@\($0.partitions[partition].records[ordinal].offset) → \($0.names[destination])"
        }
      }
    }
    partitions[partition].had[ordinal] |= 1 << UInt64(destination)
  }

  /// The broker has taken a commit.
  mutating func commitApplied(_ index: Int) {
    let commit = commits[index]
    let partition = views[commit.assignment].partition
    partitions[partition].position = CommittedPosition(offset: commit.offset, metadata: commit.metadata)
    let below = partitions[partition].firstOrdinal(from: commit.offset)
    while partitions[partition].checkedBelow < below {
      let ordinal = partitions[partition].checkedBelow
      if partitions[partition].had[ordinal] & required != required {
        fail(.lost) { "p\(partition)@\($0.partitions[partition].records[ordinal].offset) is below \(commit.offset)" }
      }
      if policy.keepsResults, !partitions[partition].hasRow[ordinal] {
        fail(.rowLost) { "p\(partition)@\($0.partitions[partition].records[ordinal].offset) is below \(commit.offset)" }
      }
      partitions[partition].checkedBelow += 1
    }
    for destination in names.indices {
      let covered = max(views[commit.assignment].shares[destination].covered, commit.settled[destination])
      views[commit.assignment].shares[destination].covered = covered
    }
    note { _ in "p\(partition): the broker has \(commit.offset) \(commit.metadata)" }
  }

  /// At the end: what was held has come back.
  mutating func checkCredit(_ instance: Int) {
    let view = instances[instance]
    if view.heldRecords != 0 || view.heldBytes != 0 {
      fail(.credit) { _ in "i\(instance) has \(view.heldRecords) records and \(view.heldBytes) bytes too little" }
    }
  }
}

/// How often what happened, over one run or many.
package struct Tally: Sendable, Equatable {
  package var records = 0
  package var attempts = 0
  package var batches = 0
  package var batched = 0
  package var accepted = 0
  package var letters = 0
  package var rows = 0
  package var commits = 0
  package var assignments = 0
  package var crashes = 0
  package var drains = 0
  package var restored = 0
  package var skipped = 0
  package var dropped = 0
  package var breakersOpened = 0
  package var duplicates = 0

  static func += (a: inout Self, b: Self) {
    a.records += b.records
    a.attempts += b.attempts
    a.batches += b.batches
    a.batched += b.batched
    a.accepted += b.accepted
    a.letters += b.letters
    a.rows += b.rows
    a.commits += b.commits
    a.assignments += b.assignments
    a.crashes += b.crashes
    a.drains += b.drains
    a.restored += b.restored
    a.skipped += b.skipped
    a.dropped += b.dropped
    a.breakersOpened += b.breakersOpened
    a.duplicates += b.duplicates
  }
}
