/// The pure core: what happens goes in, what is to be done comes out. It knows no clock, socket, thread or Kafka.
///
/// One engine serves one lane: its partitions, their records, every destination. Its rules are the design's "Engine
/// rules"; the files beside this one hold deliveries, partitions and draining.
package struct FanOutEngine: Sendable {
  package let policy: EnginePolicy
  var partitions: [PartitionState?] = []
  var destinations: [DestinationState]
  var backoffs = DeadlineHeap()
  var random: SeededRandom
  /// What went wrong last with a delivery that is not settled, and the letter that is being written for it.
  var troubles: [DeliveryID: Trouble] = [:]
  var nextCommitAt: Instant?
  var drainDeadline: Instant?
  var hasDrained = false
  var creditRecords = 0
  var creditBytes = 0
  private var lastSlot = 0

  struct Trouble: Sendable {
    var failure: AttemptFailure
    var letter: DeadLetter?
    var letterFailures = 0
  }

  package init(policy: EnginePolicy, seed: UInt64) {
    self.policy = policy
    destinations = policy.destinations.map { DestinationState(policy: $0) }
    random = SeededRandom(seed: seed)
  }

  /// Handles one event; what is to be done is appended to `effects`, in order.
  package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
    switch event {
    case .received(let record): receive(record, at: now, into: &effects)
    case .finished(let id, let outcome): finish(id, outcome, at: now, into: &effects)
    case .tick: tick(at: now, into: &effects)
    case .deadLetterWritten(let id, let error): letterWritten(id, error: error, at: now, into: &effects)
    case .assigned(let id, let partition): assign(id, partition)
    case .committed(let id, let offset, let result): commitFinished(id, offset, result, at: now)
    case .revoked(let id): revoke(id, at: now, into: &effects)
    case .lost(let id): forget(id)
    case .drain: drain(at: now)
    }
  }

  /// When `tick` is wanted at the latest.
  package var nextDeadline: Instant? {
    var earliest = backoffs.earliest
    func consider(_ deadline: Instant?) {
      guard let deadline else { return }
      earliest = earliest.map { min($0, deadline) } ?? deadline
    }
    consider(nextCommitAt)
    if !hasDrained { consider(drainDeadline) }
    for case .some(let partition) in partitions { consider(partition.releaseBy) }
    return earliest
  }

  /// Where the engine keeps an assignment, or nil if it is over. Records of one partition come in runs.
  mutating func slot(of id: AssignmentID) -> Int? {
    if lastSlot < partitions.count, partitions[lastSlot]?.id == id { return lastSlot }
    guard let found = partitions.firstIndex(where: { $0?.id == id }) else { return nil }
    lastSlot = found
    return found
  }

  /// The slot of a delivery whose record is still between watermark and end.
  func slot(of id: DeliveryID) -> Int? {
    let slot = Int(id.slot)
    guard slot < partitions.count, let partition = partitions[slot], partition.id == id.assignment,
      partition.ledger.contains(id.sequence)
    else { return nil }
    return slot
  }

  private mutating func tick(at now: Instant, into effects: inout [Effect]) {
    if let due = backoffs.earliest, due <= now { endBackoffs(at: now, into: &effects) }
    if let due = nextCommitAt, due <= now {
      nextCommitAt = nil
      commitAll(at: now, into: &effects)
    }
    for slot in partitions.indices where partitions[slot]?.releaseBy != nil {
      releaseIfDone(slot, at: now, into: &effects)
    }
    if drainDeadline != nil { finishDrain(at: now, into: &effects) }
    if creditRecords > 0 || creditBytes > 0 {
      effects.append(.credit(records: creditRecords, bytes: creditBytes))
      creditRecords = 0
      creditBytes = 0
    }
  }
}

/// One destination in this lane.
struct DestinationState: Sendable {
  let policy: DestinationPolicy
  var inFlight = 0
  var ready = Ring<DeliveryID>()
  var counts = FanOutSnapshot.DestinationCounts()

  init(policy: DestinationPolicy) { self.policy = policy }
}

/// One assigned partition.
struct PartitionState: Sendable {
  let id: AssignmentID
  let partition: TopicPartition
  var ledger: PartitionLedger
  var order = KeyOrder()
  /// Deliveries whose request or dead letter is on its way.
  var busy = 0
  /// Deliveries from this sequence on are not started: none while the partition is wanted, all once it is revoked.
  var startBelow = UInt64.max
  /// The end of the time for `released`; nil while the partition is not revoked.
  var releaseBy: Instant?
  /// What the broker has said it has.
  var committed: Int64?
  var commitInFlight: Int64?
  /// No commit is to be tried before this, after an error that time alone does not mend.
  var commitNotBefore: Instant?

  init(id: AssignmentID, partition: TopicPartition, destinations: Int) {
    self.id = id
    self.partition = partition
    ledger = PartitionLedger(destinations: destinations)
  }

  var isCommitted: Bool {
    commitInFlight == nil && (ledger.watermark == nil || ledger.watermark == committed || isUntouched)
  }
  /// Nothing was settled yet, so there is nothing to commit.
  private var isUntouched: Bool { committed == nil && ledger.head == 0 }
}
