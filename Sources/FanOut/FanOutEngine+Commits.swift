// Watermarks and progress on their way to the broker.

extension FanOutEngine {
  mutating func commitAll(at now: Instant, into effects: inout [Effect]) {
    for slot in partitions.indices { commit(slot, at: now, into: &effects) }
  }

  /// Commits the newest watermark and, from the same moment, which destinations have what beyond it. One commit is in
  /// flight at a time; never a lower watermark.
  mutating func commit(_ slot: Int, at now: Instant, into effects: inout [Effect]) {
    guard partitions[slot].commitInFlight == nil || planted(.twoCommitsInFlight),
      !partitions[slot].isDurable,
      let watermark = partitions[slot].ledger.watermark, watermark >= partitions[slot].committed ?? 0
    else { return }
    if let notBefore = partitions[slot].commitNotBefore, now < notBefore {
      nextCommitAt = min(nextCommitAt ?? notBefore, notBefore)
      return
    }
    partitions[slot].commitInFlight = watermark
    partitions[slot].hasMoved = false
    for destination in destinations.indices {
      partitions[slot].shares[destination].committing = partitions[slot].shares[destination].settled
    }
    let metadata = CommitMetadata.text(
      partitions[slot].ledger, progress: partitions[slot].progress, destinations: progressNames,
      required: policy.required, bytesMax: partitions[slot].metadataBytesMax)
    let isBack = planted(.commitsBackwards) && partitions[slot].commitNotBefore != nil
    let offset = isBack ? partitions[slot].committed ?? 0 : planted(.commitsOneTooFar) ? watermark + 1 : watermark
    effects.append(
      .commit(partitions[slot].id, offset: offset, metadata: planted(.saysNoProgress) ? "" : metadata))
  }

  /// A failed commit means unknown: the newest watermark is committed again, never an older one.
  mutating func commitFinished(
    _ id: AssignmentID, _ offset: Int64, _ result: CommitResult, at now: Instant, into effects: inout [Effect]
  ) {
    guard let slot = slot(of: id), partitions[slot].commitInFlight == offset else { return }
    partitions[slot].commitInFlight = nil
    switch result {
    case .committed:
      let before = partitions[slot].committed ?? offset
      partitions[slot].committed = max(offset, before)
      partitions[slot].commitNotBefore = nil
      becameDurable(slot, at: now, into: &effects)
    case .unknown:
      partitions[slot].commitNotBefore = now + max(policy.commitEvery, .milliseconds(100))
      if planted(.unknownIsDurable) { becameDurable(slot, at: now, into: &effects) }
    case .metadataRefused:
      let half = partitions[slot].metadataBytesMax / 2
      partitions[slot].metadataBytesMax = half < 64 ? 0 : half
      partitions[slot].commitNotBefore = now + .milliseconds(10)
    case .forbidden: partitions[slot].commitNotBefore = now + .seconds(10)
    case .assignmentGone: return forget(id)
    }
    if result != .committed { partitions[slot].hasMoved = true }
    if !partitions[slot].isDurable, !planted(.forgetsFailedCommits) {
      let due = partitions[slot].commitNotBefore ?? now + policy.commitEvery
      nextCommitAt = min(nextCommitAt ?? due, due)
    }
  }

  /// What waited for a commit may go on.
  private mutating func becameDurable(_ slot: Int, at now: Instant, into effects: inout [Effect]) {
    // All of it first: what may go on can begin the next commit.
    for destination in destinations.indices {
      partitions[slot].shares[destination].durable = partitions[slot].shares[destination].committing
    }
    for destination in destinations.indices {
      guard !partitions[slot].shares[destination].parked.isEmpty else { continue }
      while let sequence = partitions[slot].shares[destination].parked.popFirst(), !planted(.dropsParked) {
        enqueue(slot, sequence, destination, at: now)
      }
      startReady(destination, at: now, into: &effects)
    }
  }
}
