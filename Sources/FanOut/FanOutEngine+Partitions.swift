extension FanOutEngine {
  // MARK: - Assignments

  mutating func assign(_ id: AssignmentID, _ partition: TopicPartition) {
    let state = PartitionState(id: id, partition: partition, destinations: destinations.count)
    if let free = partitions.firstIndex(where: { $0 == nil }) {
      partitions[free] = state
    } else {
      partitions.append(state)
    }
    if drainDeadline != nil, let slot = slot(of: id) { partitions[slot]?.startBelow = 0 }
  }

  /// Starts nothing new for the partition; what is in flight has until `policy.revocation`.
  mutating func revoke(_ id: AssignmentID, at now: Instant, into effects: inout [Effect]) {
    guard let slot = slot(of: id) else {
      effects.append(.released(id))
      return
    }
    partitions[slot]?.startBelow = 0
    partitions[slot]?.releaseBy = now + policy.revocation
    releaseIfDone(slot, at: now, into: &effects)
  }

  mutating func releaseIfDone(_ slot: Int, at now: Instant, into effects: inout [Effect]) {
    guard let partition = partitions[slot], let releaseBy = partition.releaseBy else { return }
    if now < releaseBy {
      guard partition.busy == 0 else { return }
      commit(slot, at: now, into: &effects)
      guard partitions[slot]?.isCommitted == true else { return }
    }
    forget(partition.id)
    effects.append(.released(partition.id))
  }

  /// Drops all that belongs to an assignment. What is in flight comes back with a stale epoch.
  mutating func forget(_ id: AssignmentID) {
    guard let slot = slot(of: id), let partition = partitions[slot] else { return }
    for sequence in partition.ledger.head..<partition.ledger.end {
      creditRecords += 1
      if let record = partition.ledger.record(sequence) { creditBytes += record.footprint }
    }
    partitions[slot] = nil
    if !troubles.isEmpty { troubles = troubles.filter { $0.key.assignment != id } }
  }

  // MARK: - Commits

  mutating func commitAll(at now: Instant, into effects: inout [Effect]) {
    for slot in partitions.indices { commit(slot, at: now, into: &effects) }
  }

  /// Commits the newest watermark, one at a time; never a lower one.
  private mutating func commit(_ slot: Int, at now: Instant, into effects: inout [Effect]) {
    guard let partition = partitions[slot], !partition.isCommitted, partition.commitInFlight == nil,
      let watermark = partition.ledger.watermark, watermark > partition.committed ?? -1
    else { return }
    if let notBefore = partition.commitNotBefore, now < notBefore {
      nextCommitAt = min(nextCommitAt ?? notBefore, notBefore)
      return
    }
    partitions[slot]?.commitInFlight = watermark
    effects.append(.commit(partition.id, offset: watermark, metadata: ""))
  }

  mutating func commitFinished(_ id: AssignmentID, _ offset: Int64, _ result: CommitResult, at now: Instant) {
    guard let slot = slot(of: id) else { return }
    partitions[slot]?.commitInFlight = nil
    switch result {
    case .committed:
      let before = partitions[slot]?.committed ?? -1
      partitions[slot]?.committed = max(offset, before)
      partitions[slot]?.commitNotBefore = nil
    case .unknown, .metadataRefused:
      partitions[slot]?.commitNotBefore = now + max(policy.commitEvery, .milliseconds(100))
    case .forbidden:
      partitions[slot]?.commitNotBefore = now + .seconds(10)
    case .assignmentGone:
      return forget(id)
    }
    if partitions[slot]?.isCommitted == false {
      let due = partitions[slot]?.commitNotBefore ?? now + policy.commitEvery
      nextCommitAt = min(nextCommitAt ?? due, due)
    }
  }

  // MARK: - Draining

  /// Every partition settles what was begun, up to its last record that any destination was sent, and starts nothing
  /// behind it: what was not begun stays in Kafka and is no duplicate later.
  mutating func drain(at now: Instant) {
    guard drainDeadline == nil else { return }
    drainDeadline = now + policy.drain
    for slot in partitions.indices {
      guard let ledger = partitions[slot]?.ledger, partitions[slot]?.releaseBy == nil else { continue }
      var below = ledger.head
      for sequence in ledger.head..<ledger.end
      where destinations.indices.contains(where: { ledger[sequence, $0].requests > 0 }) { below = sequence + 1 }
      partitions[slot]?.startBelow = below
    }
  }

  mutating func finishDrain(at now: Instant, into effects: inout [Effect]) {
    guard !hasDrained, let deadline = drainDeadline else { return }
    commitAll(at: now, into: &effects)
    let isComplete = partitions.allSatisfy { partition in
      guard let partition else { return true }
      return partition.ledger.head >= min(partition.startBelow, partition.ledger.end) && partition.busy == 0
        && partition.isCommitted
    }
    guard isComplete || now >= deadline else { return }
    hasDrained = true
    effects.append(.drained(complete: isComplete))
  }
}
