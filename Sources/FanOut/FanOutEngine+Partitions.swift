// Assignments and their ends.

extension FanOutEngine {
  mutating func assign(
    _ id: AssignmentID, _ partition: TopicPartition, _ committed: CommittedPosition?, at now: Instant,
    into effects: inout [Effect]
  ) {
    let required = planted(.optionalHoldsCommit) ? .max : policy.required
    var state = PartitionState(
      id: id, partition: partition, destinations: destinations.count, required: required, keepsRows: keepsResults)
    state.committed = committed?.offset
    state.headSince = now
    state.isStopped = drainDeadline != nil
    if let committed {
      let begin = planted(.readsProgressOneTooFar) ? committed.offset + 1 : committed.offset
      switch CommitMetadata.read(
        CommittedPosition(offset: begin, metadata: committed.metadata), destinations: progressNames)
      {
      case .success(let progress):
        let foreign = planted(.keepsForeignProgress) ? partitions.compactMap(\.progress).last : nil
        state.progress = progress ?? foreign
      case .failure(let reason): effects.append(.notice(.progressIgnored(partition, reason.text)))
      }
    }
    if let free = partitions.firstIndex(where: { $0.id == .none }) {
      partitions[free] = state
    } else {
      partitions.append(state)
    }
  }

  /// The destinations that are known to have the record at this offset, one bit for each; `rowBit` if its row is written.
  mutating func restoredBits(_ slot: Int, _ offset: Int64) -> UInt64 {
    guard var progress = partitions[slot].progress else { return 0 }
    let bits = progress.bits(at: offset)
    partitions[slot].progress = progress.isOver(at: offset) ? nil : progress
    return bits
  }

  /// Starts nothing new for the partition; what is in flight has until `policy.revocation`.
  mutating func revoke(_ id: AssignmentID, at now: Instant, into effects: inout [Effect]) {
    guard let slot = slot(of: id) else {
      effects.append(.released(id))
      return
    }
    let isStopped = !planted(.startsWhileRevoked)
    partitions[slot].isStopped = isStopped
    partitions[slot].releaseBy = now + policy.revocation
    releaseIfDone(slot, at: now, into: &effects)
  }

  mutating func releaseIfDone(_ slot: Int, at now: Instant, into effects: inout [Effect]) {
    guard let releaseBy = partitions[slot].releaseBy else { return }
    if now < releaseBy, !planted(.releasesAtOnce) {
      guard partitions[slot].busy == 0 else { return }
      commit(slot, at: now, into: &effects)
      guard partitions[slot].isDurable || planted(.releasesUncommitted) else { return }
    }
    let id = partitions[slot].id
    forget(id)
    effects.append(.released(id))
  }

  /// Drops all that belongs to an assignment. What is in flight comes back with a stale epoch.
  mutating func forget(_ id: AssignmentID) {
    guard let slot = slot(of: id) else { return }
    if hasOptional { forgetKept(slot) }
    let ledger = partitions[slot].ledger
    var bytes = 0
    for sequence in ledger.head..<ledger.end where ledger.kept(sequence) == nil {
      if let record = ledger.record(sequence) { bytes += record.footprint }
    }
    for draft in partitions[slot].rows.values { bytes += draft.bytes }
    let surplus = planted(.givesTooMuchCredit) ? 1 : 0
    span -= ledger.count
    giveBack(records: planted(.leaksCredit) ? 0 : ledger.unsettled + surplus, bytes: bytes)
    partitions[slot] = PartitionState(id: .none, partition: partitions[slot].partition, destinations: 0)
    for destination in destinations.indices { destinations[destination].forget(id) }
    letterRetries.removeAll { $0.assignment == id }
    rowRetries.removeAll { $0.assignment == id }
    if !troubles.isEmpty { troubles = troubles.filter { $0.key.assignment != id } }
  }

  // MARK: - Draining

  /// Starts nothing more anywhere. What was not begun, or waits to be tried again, stays in Kafka; the last commit says
  /// which destination has what, so it is no duplicate later.
  mutating func drain(at now: Instant) {
    guard drainDeadline == nil else { return }
    drainDeadline = now + policy.drain
    let isStopped = !planted(.startsWhileDraining)
    for slot in partitions.indices { partitions[slot].isStopped = isStopped }
  }

  mutating func finishDrain(at now: Instant, into effects: inout [Effect]) {
    guard !hasDrained, let deadline = drainDeadline else { return }
    commitAll(at: now, into: &effects)
    let isIdle = partitions.allSatisfy { $0.busy == 0 && ($0.isDurable || planted(.drainsUncommitted)) }
    guard isIdle || now >= deadline else { return }
    // What an optional destination has not had by then is no failure.
    let isComplete = isIdle || !planted(.optionalHoldsDrain) && partitions.allSatisfy { $0.isComplete(policy.required) }
    hasDrained = true
    if hasOptional { for slot in partitions.indices { giveUpLeftovers(slot) } }
    effects.append(.drained(complete: isComplete))
  }
}
