// Records that a destination is done with before their turn: what it skips, or had by an earlier commit. They keep their
// place in the order all the same, for what comes behind them must not overtake what stands before them.

extension FanOutEngine {
  /// The destination has the record by an earlier assignment's durable commit, or it is not for it; the second is not
  /// counted as progress, since who reads the record again will know it again.
  /// - Parameter isBehind: an earlier record of its key, or of the partition, is not settled.
  mutating func settleAtOnce(
    _ slot: Int, _ sequence: UInt64, _ destination: Int, isRestored: Bool, isBehind: Bool, at now: Instant,
    into effects: inout [Effect]
  ) {
    if isRestored {
      partitions[slot].shares[destination].settled += 1
      partitions[slot].shares[destination].durable += 1
      destinations[destination].counts.restored += 1
    } else {
      destinations[destination].counts.skipped += 1
    }
    guard isBehind, !planted(.skipsOvertake) else {
      return complete(slot, sequence, destination, at: now, into: &effects)
    }
    let settlement = partitions[slot].ledger.settle(sequence, for: destination, isBehind: true)
    if let record = settlement.completed { letGo(slot, record, at: now, into: &effects) }
  }

  /// A delivery is settled while some have been settled before their turn, which may have come now.
  mutating func completeWithPassing(
    _ slot: Int, _ sequence: UInt64, _ destination: Int, _ settlement: PartitionLedger.Settlement, at now: Instant,
    into effects: inout [Effect]
  ) {
    var next = settlement.nextOfKey
    if destinations[destination].policy.order == .partition { next = sequence + 1 }
    if destinations[destination].policy.order == .none { next = PartitionLedger.noSequence }
    // Before the watermark moves over them.
    next = endPassing(slot, from: next, destination)
    if let record = settlement.completed {
      forgetKey(slot, sequence, settlement.orderHash)
      letGo(slot, record, at: now, into: &effects)
    }
    endWait(slot, next, destination, at: now, into: &effects)
  }

  /// Settles a row of them and returns the sequence behind it.
  private mutating func endPassing(_ slot: Int, from first: UInt64, _ destination: Int) -> UInt64 {
    var sequence = first
    while partitions[slot].ledger.contains(sequence), !planted(.skipsBlock),
      partitions[slot].ledger[sequence, destination].phase == .passing
    {
      partitions[slot].ledger.endPassing(sequence, for: destination)
      if let hash = partitions[slot].ledger.completedHash(sequence) { forgetKey(slot, sequence, hash) }
      let isOfKey = destinations[destination].policy.order == .key
      sequence = isOfKey ? partitions[slot].ledger.nextOfKey(sequence) : sequence + 1
    }
    return sequence
  }

  /// A record that all are done with stays the last of its key for as long as it waits for its turn itself.
  private mutating func forgetKey(_ slot: Int, _ sequence: UInt64, _ hash: UInt64) {
    guard hash != 0, !partitions[slot].ledger.isPassing(sequence) else { return }
    partitions[slot].order.remove(hash: hash, ifLastIs: sequence)
  }
}
