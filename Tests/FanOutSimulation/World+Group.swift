import FanOut

// The consumer group: who has which partition, and how that changes.

extension World {
  /// How long a rebalance waits for those that were asked to give partitions back.
  private static let releaseTimeout = 5 * second

  mutating func join(_ instance: Int) {
    if scenario.group.isStatic { disown { $0.instance == instance } }
    shells[instance].isMember = true
    rebalance()
  }

  /// Said good-bye: its partitions are free at once.
  mutating func leave(_ instance: Int) {
    stop(instance)
    shells[instance].isMember = false
    disown { $0.instance == instance }
    rebalance()
  }

  /// The group gives up on a crashed member.
  mutating func sessionEnds(_ instance: Int, _ life: Int) {
    if !shells[instance].isRunning { shells[instance].isMember = false }
    disown { $0.instance == instance && $0.life <= life }
    rebalance()
  }

  /// Takes partitions from whoever the rule names, without asking.
  mutating func disown(_ isMeant: (AssignmentView) -> Bool) {
    for partition in oracle.partitions.indices {
      guard let owner = oracle.partitions[partition].owner, isMeant(oracle.views[owner]) else { continue }
      oracle.partitions[partition].owner = nil
      if oracle.isLive(owner, of: oracle.views[owner].instance) { oracle.mayRepeat = true }
      group.waiting.removeAll { $0 == owner }
    }
    if group.isRebalancing, group.waiting.isEmpty { endRebalance() }
  }

  /// Begins to deal anew: asks for what is to move.
  mutating func rebalance() {
    guard !group.isRebalancing else {
      group.again = true
      return
    }
    group.isRebalancing = true
    group.again = false
    group.round &+= 1
    let deal = deal()
    for partition in oracle.partitions.indices {
      guard let owner = oracle.partitions[partition].owner else { continue }
      let instance = oracle.views[owner].instance
      // A member that died holds its partitions until its session ends.
      guard shells[instance].isRunning, shells[instance].life == oracle.views[owner].life else { continue }
      guard scenario.group.isEager || deal[partition] != instance else { continue }
      shells[instance].fetched.removeAll { $0 == owner }
      group.waiting.append(owner)
      receive(instance, shells[instance].life, .revoked(AssignmentID(epoch: UInt32(owner))))
    }
    if group.waiting.isEmpty {
      queue.plan(.rebalanceEnds(group.round), at: now + roll(millisecond...20 * millisecond))
    } else {
      queue.plan(.rebalanceEnds(group.round), at: now + Self.releaseTimeout)
    }
  }

  mutating func release(_ assignment: Int) {
    guard let place = group.waiting.firstIndex(of: assignment) else { return }
    group.waiting.remove(at: place)
    oracle.partitions[oracle.views[assignment].partition].owner = nil
    if group.waiting.isEmpty { endRebalance() }
  }

  mutating func endRebalance() {
    guard group.isRebalancing else { return }
    group.isRebalancing = false
    group.round &+= 1
    if !group.waiting.isEmpty { oracle.mayRepeat = true }
    for assignment in group.waiting { oracle.partitions[oracle.views[assignment].partition].owner = nil }
    group.waiting = []
    let deal = deal()
    for partition in oracle.partitions.indices where oracle.partitions[partition].owner == nil {
      if let instance = deal[partition] { assign(partition, to: instance) }
    }
    if group.again { rebalance() }
  }

  /// Whom each partition is meant for.
  private func deal() -> [Int?] {
    let members = shells.indices.filter { shells[$0].isMember && shells[$0].isRunning }
    return oracle.partitions.indices.map { members.isEmpty ? nil : members[($0 + group.shift) % members.count] }
  }

  private mutating func assign(_ partition: Int, to instance: Int) {
    var isKnown = true
    for index in scenario.faults.indices where isActive[index] {
      if case .positionsUnknown = scenario.faults[index].kind { isKnown = false }
    }
    let event = oracle.assign(partition, to: instance, isPositionKnown: isKnown)
    nextToFetch.append(oracle.views[oracle.views.count - 1].start)
    shells[instance].fetched.append(oracle.views.count - 1)
    receive(instance, shells[instance].life, event)
    planFetch(instance)
  }

  // MARK: - Faults

  mutating func begin(_ index: Int) {
    isActive[index] = true
    let fault = scenario.faults[index]
    oracle.note { _ in "fault: \(fault.kind) until \(clock(fault.end))" }
    switch fault.kind {
    case .crash(let instance, let afterEffects):
      guard shells[instance].isRunning else { return }
      shells[instance].crashAfter = afterEffects
      shells[instance].restartAt = max(fault.end, shells[instance].restartAt)
      wake(instance)
    case .drain(let instance):
      guard shells[instance].isRunning, shells[instance].isFetching else { return }
      shells[instance].isFetching = false
      shells[instance].restartAt = max(fault.end, shells[instance].restartAt)
      receive(instance, shells[instance].life, .drain)
    case .rebalance:
      group.shift += 1
      rebalance()
    case .zombie(let instance):
      guard shells[instance].isRunning else { return }
      shells[instance].isMember = false
      disown { $0.instance == instance }
      rebalance()
    case .freeze(let instance): shells[instance].freezes += 1
    case .spell, .commits, .letters, .positionsUnknown: break
    }
  }

  mutating func end(_ index: Int) {
    isActive[index] = false
    switch scenario.faults[index].kind {
    case .zombie(let instance):
      guard shells[instance].isRunning, !shells[instance].isMember else { return }
      for assignment in shells[instance].fetched {
        receive(instance, shells[instance].life, .lost(AssignmentID(epoch: UInt32(assignment))))
      }
      shells[instance].fetched = []
      join(instance)
    case .freeze(let instance):
      shells[instance].freezes -= 1
      if shells[instance].isRunning { wake(instance) }
    case .crash, .drain, .rebalance, .spell, .commits, .letters, .positionsUnknown: break
    }
  }
}
