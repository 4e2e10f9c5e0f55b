/// What an engine can say of itself, copied at one moment: for each partition what its watermark waits for, for each
/// destination its state and why.
package struct FanOutSnapshot: Sendable, Equatable {
  package struct DestinationCounts: Sendable, Equatable {
    package var attempts = 0
    package var accepted = 0
    package var retries = 0
    /// Attempts that were the destination's fault.
    package var holds = 0
    package var deadLetters = 0
    /// Records that an earlier commit said it had.
    package var restored = 0
    /// Records that were not for it (`when`).
    package var skipped = 0
    /// Records that it misses because it lags: of an optional destination only.
    package var dropped = 0
    package init() {}

    package static func + (a: Self, b: Self) -> Self {
      var sum = Self()
      sum.attempts = a.attempts + b.attempts
      sum.accepted = a.accepted + b.accepted
      sum.retries = a.retries + b.retries
      sum.holds = a.holds + b.holds
      sum.deadLetters = a.deadLetters + b.deadLetters
      sum.restored = a.restored + b.restored
      sum.skipped = a.skipped + b.skipped
      sum.dropped = a.dropped + b.dropped
      return sum
    }
  }

  /// Why a destination is sent to, or not.
  package enum Condition: Sendable, Equatable {
    case working
    /// The breaker is open: left alone until then.
    case down(probeAt: Instant)
    /// One request finds out whether it is back.
    case probing
    /// It asked for a pause (`Retry-After`).
    case paused(until: Instant)
  }

  package struct Destination: Sendable, Equatable {
    package var name: String
    package var condition: Condition
    package var inFlight: Int
    package var concurrencyLimit: Int
    /// Deliveries that wait for the gate or for the end of a backoff.
    package var held: Int
    /// Records that are kept for an optional destination only.
    package var kept: Int
    /// The last one, also of a destination that is fine again.
    package var lastFailure: AttemptFailure?
    package var counts: DestinationCounts
  }

  /// What one destination still has to do with the record at the watermark.
  package struct Pending: Sendable, Equatable {
    package enum State: String, Sendable {
      case behindItsKey, atTheGate, inFlight, inBackoff, writingDeadLetter
      /// Not a destination: the results topic.
      case writingRow
    }
    package var destination: String
    package var state: State
    /// Requests made.
    package var attempts: Int
    package var nextTryAt: Instant?
    package var lastFailure: AttemptFailure?
  }

  package struct Partition: Sendable, Equatable {
    package var partition: TopicPartition
    /// The lowest offset that is not settled.
    package var watermark: Int64?
    package var committed: Int64?
    /// Records between the watermark and the newest received one.
    package var buffered: Int
    /// Of those, the ones that not every required destination is done with.
    package var unsettled: Int
    /// Since when the watermark has stood where it is; nil if it waits for nothing.
    package var waitingSince: Instant?
    /// Who has not settled the record at the watermark; empty if it waits for nothing.
    package var waitingFor: [Pending]
  }

  package var destinations: [Destination]
  package var partitions: [Partition]

  package init(destinations: [Destination] = [], partitions: [Partition] = []) {
    self.destinations = destinations
    self.partitions = partitions
  }
}

extension FanOutEngine {
  /// Looks at the head of each partition only: cheap enough for ten times a second.
  package func snapshot(at now: Instant) -> FanOutSnapshot {
    FanOutSnapshot(
      destinations: destinations.indices.map { index in
        destinations[index].explained(at: now, kept: hasOptional ? keeps[index].records : 0)
      },
      partitions: partitions.indices.compactMap { explain($0) })
  }

  func explain(_ slot: Int) -> FanOutSnapshot.Partition? {
    guard partitions[slot].id != .none else { return nil }
    let partition = partitions[slot]
    let ledger = partition.ledger
    let isWaiting = ledger.head < ledger.end
    let waitingFor = isWaiting ? destinations.indices.compactMap { pending(slot, ledger, $0) } : []
    let row = isWaiting && keepsResults ? pendingRow(slot, ledger.head) : nil
    return FanOutSnapshot.Partition(
      partition: partition.partition, watermark: ledger.watermark, committed: partition.committed,
      buffered: ledger.count, unsettled: ledger.unsettled, waitingSince: isWaiting ? partition.headSince : nil,
      waitingFor: row.map { waitingFor + [$0] } ?? waitingFor)
  }

  private func pending(_ slot: Int, _ ledger: PartitionLedger, _ destination: Int) -> FanOutSnapshot.Pending? {
    guard policy.required & (1 << UInt64(destination)) != 0 else { return nil }
    let delivery = ledger[ledger.head, destination]
    let state: FanOutSnapshot.Pending.State
    switch delivery.phase {
    case .waiting: state = .behindItsKey
    case .ready: state = .atTheGate
    case .inFlight: state = .inFlight
    case .backoff: state = .inBackoff
    case .deadLettering: state = .writingDeadLetter
    case .passing, .settled: return nil
    }
    let trouble = troubles[deliveryID(slot, ledger.head, destination)]
    return FanOutSnapshot.Pending(
      destination: policy.destinations[destination].name, state: state, attempts: Int(delivery.requests),
      nextTryAt: trouble?.nextTryAt, lastFailure: trouble?.failure)
  }
}

extension DestinationState {
  fileprivate func explained(at now: Instant, kept: Int) -> FanOutSnapshot.Destination {
    let condition: FanOutSnapshot.Condition
    switch breaker.state {
    case .open(let probeAt): condition = .down(probeAt: probeAt)
    case .halfOpen: condition = .probing
    case .closed: condition = notBefore > now ? .paused(until: notBefore) : .working
    }
    return FanOutSnapshot.Destination(
      name: policy.name, condition: condition, inFlight: inFlight, concurrencyLimit: limit.limit,
      held: holding + backoffs.count, kept: kept, lastFailure: lastFailure, counts: counts)
  }
}
