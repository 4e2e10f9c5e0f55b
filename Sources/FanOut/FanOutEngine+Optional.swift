// Optional destinations: no commit waits for them, and what they have not had is kept within their share.

extension FanOutEngine {
  /// After a required destination, the last one perhaps, is done with the record: it is kept for the optional ones that
  /// are not.
  mutating func keep(_ slot: Int, _ sequence: UInt64, at now: Instant, into effects: inout [Effect]) {
    guard let record = partitions[slot].ledger.kept(sequence) else { return }
    let missing = policy.optional & ~partitions[slot].ledger.settledBits(sequence)
    for destination in destinations.indices where missing & (1 << UInt64(destination)) != 0 {
      keeps[destination].add(deliveryID(slot, sequence, destination), bytes: record.footprint)
      if keeps[destination].isQueueStale { tidyQueue(destination) }
      while keeps[destination].isTooMuch, !planted(.keepsTooMuch),
        let oldest = planted(.dropsNewest) ? deliveryID(slot, sequence, destination) : popOldest(destination),
        let slot = self.slot(of: oldest)
      {
        drop(oldest, slot, at: now, into: &effects)
      }
    }
  }

  /// An optional destination is done with the record. A commit speaks of it only beyond the watermark.
  mutating func settleOptional(_ id: DeliveryID, _ slot: Int, at now: Instant, into effects: inout [Effect]) {
    let destination = Int(id.destination)
    if let record = partitions[slot].ledger.kept(id.sequence) {
      keeps[destination].remove(bytes: record.footprint)
    }
    if id.sequence >= partitions[slot].ledger.head {
      partitions[slot].shares[destination].settled += 1
      if nextCommitAt == nil { nextCommitAt = now + policy.commitEvery }
    }
    complete(slot, id.sequence, destination, at: now, into: &effects)
  }

  /// A request or a dead letter goes on its way, or comes back.
  mutating func countBusy(_ slot: Int, _ sequence: UInt64, _ destination: Int, begins: Bool) {
    guard policy.optional & (1 << UInt64(destination)) != 0, !planted(.startsTooMuch),
      let record = partitions[slot].ledger.record(sequence)
    else { return }
    if begins {
      keeps[destination].began(bytes: record.footprint)
    } else {
      keeps[destination].ended(bytes: record.footprint)
    }
    destinations[destination].hasRoom = keeps[destination].mayStart
  }

  // MARK: - Dropping

  private enum Standing { case gone, busy, waiting }

  private func standing(_ id: DeliveryID) -> Standing {
    guard let slot = slot(of: id) else { return .gone }
    switch partitions[slot].ledger[id.sequence, Int(id.destination)].phase {
    case .waiting, .ready, .backoff: return .waiting
    case .inFlight, .deadLettering: return planted(.dropsInFlight) ? .waiting : .busy
    case .passing, .settled: return .gone
    }
  }

  /// The oldest that is kept and not on its way.
  private mutating func popOldest(_ destination: Int) -> DeliveryID? {
    var index = 0
    while index < keeps[destination].passedOver.count {
      switch standing(keeps[destination].passedOver[index]) {
      case .gone: keeps[destination].passedOver.remove(at: index)
      case .waiting: return keeps[destination].passedOver.remove(at: index)
      case .busy: index += 1
      }
    }
    while let id = keeps[destination].queue.popFirst() {
      switch standing(id) {
      case .gone: continue
      case .waiting: return id
      case .busy: keeps[destination].passedOver.append(id)
      }
    }
    return nil
  }

  private mutating func tidyQueue(_ destination: Int) {
    for _ in 0..<keeps[destination].queue.count {
      guard let id = keeps[destination].queue.popFirst(), standing(id) != .gone else { continue }
      keeps[destination].queue.append(id)
    }
  }

  private mutating func drop(_ id: DeliveryID, _ slot: Int, at now: Instant, into effects: inout [Effect]) {
    let destination = Int(id.destination)
    guard let record = partitions[slot].ledger.record(id.sequence) else { return }
    let wasWaiting = partitions[slot].ledger[id.sequence, destination].phase == .waiting
    if !troubles.isEmpty { troubles[id] = nil }
    keeps[destination].remove(bytes: record.footprint)
    if !planted(.dropsUncounted) { destinations[destination].counts.dropped += 1 }
    effects.append(.notice(.dropped(id)))
    // What waits behind it must not overtake what it waited for itself.
    endDelivery(slot, id.sequence, destination, isBehind: wasWaiting, at: now, into: &effects)
    if planted(.dropsRequired), partitions[slot].ledger.count > 0 {
      for other in destinations.indices where policy.required & (1 << UInt64(other)) != 0 {
        complete(slot, partitions[slot].ledger.head, other, at: now, into: &effects)
      }
    }
    let held = destinations[destination].holding + destinations[destination].backoffs.count
    guard !wasWaiting, keeps[destination].leavesGhost(among: held) else { return }
    var state = destinations[destination]
    state.removeWaiting { standing($0) == .gone }
    destinations[destination] = state
  }

  // MARK: - Ends

  /// The partition or the process is about to be given up, and whoever reads it next begins at the watermark: what
  /// waits behind that is missed. What is on its way may arrive still.
  mutating func giveUpLeftovers(_ slot: Int) {
    for sequence in partitions[slot].ledger.leftovers.sequences {
      guard let record = partitions[slot].ledger.record(sequence) else { continue }
      let missing = policy.optional & ~partitions[slot].ledger.settledBits(sequence)
      for destination in destinations.indices where missing & (1 << UInt64(destination)) != 0 {
        guard standing(deliveryID(slot, sequence, destination)) == .waiting else { continue }
        _ = partitions[slot].ledger.settle(sequence, for: destination)
        keeps[destination].remove(bytes: record.footprint)
        destinations[destination].counts.dropped += 1
      }
    }
  }

  /// Before the partition's state is dropped.
  mutating func forgetKept(_ slot: Int) {
    giveUpLeftovers(slot)
    let ledger = partitions[slot].ledger
    for sequence in ledger.leftovers.sequences + Array(ledger.head..<ledger.end) {
      guard let record = ledger.record(sequence) else { continue }
      for destination in destinations.indices where policy.optional & (1 << UInt64(destination)) != 0 {
        switch standing(deliveryID(slot, sequence, destination)) {
        case .gone: continue
        case .waiting: break
        case .busy: countBusy(slot, sequence, destination, begins: false)
        }
        if ledger.kept(sequence) != nil { keeps[destination].remove(bytes: record.footprint) }
      }
    }
  }
}
