// Records that a destination is done with before their turn: what it skips, had by an earlier commit, or
// misses. They keep their place in the order all the same, for what comes behind them must not overtake what stands
// before them.

extension FanOutEngine {
  /// Some destinations have the record by an earlier assignment's durable commit, or it is not for them; the second is
  /// not counted as progress, since who reads the record again will know it again.
  mutating func settleAtOnce(
    _ slot: Int, _ sequence: UInt64, _ done: UInt64, restored: UInt64, earlierOfKey earlier: UInt64?,
    at now: Instant, into effects: inout [Effect]
  ) {
    // The optional ones first: the record is not kept for them when the others let it go.
    for bits in [done & policy.optional, done & policy.required] where bits != 0 {
      for destination in destinations.indices where bits & (1 << UInt64(destination)) != 0 {
        if restored & (1 << UInt64(destination)) != 0 {
          partitions[slot].shares[destination].settled += 1
          partitions[slot].shares[destination].durable += 1
          destinations[destination].counts.restored += 1
        } else {
          destinations[destination].counts.skipped += 1
        }
        let isBehind = waits(slot, sequence, destination, earlierOfKey: earlier)
        endDelivery(slot, sequence, destination, isBehind: isBehind, at: now, into: &effects)
      }
    }
  }

  /// - Parameter isBehind: an earlier record of its key, or of the partition, is not settled.
  mutating func endDelivery(
    _ slot: Int, _ sequence: UInt64, _ destination: Int, isBehind: Bool, at now: Instant, into effects: inout [Effect]
  ) {
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
    // A record that all are done with stays the last of its key for as long as it waits for its turn itself.
    if settlement.orderHash != 0, !partitions[slot].ledger.isPassing(sequence) {
      partitions[slot].order.remove(hash: settlement.orderHash, ifLastIs: sequence)
    }
    if let record = settlement.completed { letGo(slot, record, at: now, into: &effects) }
    endWait(slot, next, destination, at: now, into: &effects)
  }

  /// Settles a row of them and returns the sequence behind it.
  private mutating func endPassing(_ slot: Int, from first: UInt64, _ destination: Int) -> UInt64 {
    let isOfKey = destinations[destination].policy.order == .key
    var sequence = first
    while partitions[slot].ledger.contains(sequence), !planted(.skipsBlock),
      partitions[slot].ledger[sequence, destination].phase == .passing
    {
      let next = isOfKey ? partitions[slot].ledger.nextOfKey(sequence) : sequence + 1
      let hash = partitions[slot].ledger.endPassing(sequence, for: destination)
      if hash != 0 { partitions[slot].order.remove(hash: hash, ifLastIs: sequence) }
      sequence = next
    }
    return sequence
  }
}
