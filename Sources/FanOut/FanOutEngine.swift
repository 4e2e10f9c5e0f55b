/// The pure core: what happens goes in, what is to be done comes out. It knows no clock, socket, thread or Kafka.
///
/// One engine serves one lane: its partitions, their records, every destination. Its rules are the design's "Engine
/// rules"; the files beside this one hold deliveries, outcomes, dead letters, partitions, commits and draining.
package struct FanOutEngine: Sendable {
  package let policy: EnginePolicy
  /// A slot whose `id` is `none` is free. No optionals: looking into one would copy the whole state.
  var partitions: [PartitionState] = []
  var destinations: [DestinationState]
  var letterRetries = DeadlineHeap()
  var rowRetries = DeadlineHeap()
  var random: SeededRandom
  /// What went wrong last with a delivery that is not settled, and the letter that is being written for it.
  var troubles: [DeliveryID: Trouble] = [:]
  var nextCommitAt: Instant?
  var drainDeadline: Instant?
  var hasDrained = false
  var creditRecords = 0
  var creditBytes = 0
  /// What is held: received, and not settled.
  var heldRecords = 0
  var heldBytes = 0
  /// Records between watermark and end.
  var span = 0
  var stall = Stall()
  /// A commit would say half of it.
  var isSettlingBatch = false
  let ordersByKey: Bool
  let hasOptional: Bool
  let keepsResults: Bool
  /// Stands for the row in what commits say, as a destination behind the last one; 0 where there is none.
  let rowBit: UInt64
  /// Whom commits speak of: the destinations, and `*` for the row, which is no destination's name.
  let progressNames: [String]
  /// By destination; empty where all are required.
  var keeps: [OptionalKeep]
  private var lastSlot = 0
  #if PLANTED_FAULTS
    var plantedFault: PlantedFault?
  #endif

  struct Trouble: Sendable {
    var failure: AttemptFailure
    var nextTryAt: Instant?
    var letter: DeadLetter?
    var letterFailures = 0
  }

  package init(policy: EnginePolicy, seed: UInt64) {
    self.policy = policy
    destinations = policy.destinations.map { DestinationState(policy: $0) }
    hasOptional = policy.optional != 0
    keepsResults = policy.keepsResults
    rowBit = policy.keepsResults && policy.destinations.count < 64 ? 1 << UInt64(policy.destinations.count) : 0
    progressNames = policy.destinations.map(\.name) + (rowBit == 0 ? [] : ["*"])
    keeps = hasOptional ? policy.destinations.map { _ in OptionalKeep(policy.optionalShare) } : []
    ordersByKey = policy.destinations.contains { $0.order == .key }
    random = SeededRandom(seed: seed)
  }

  /// Handles one event; what is to be done is appended to `effects`, in order.
  package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
    switch event {
    case .received(let record, let skipped): receive(record, skipped: skipped, at: now, into: &effects)
    case .finished(let id, let outcome): finish(id, outcome, at: now, into: &effects)
    case .batchFinished(let id, let outcome): finish(id, outcome, at: now, into: &effects)
    case .tick: tick(at: now, into: &effects)
    case .deadLetterWritten(let id, let error): letterWritten(id, error: error, at: now, into: &effects)
    case .resultWritten(let id, let error): resultWritten(id, error: error, at: now, into: &effects)
    case .assigned(let id, let partition, let committed): assign(id, partition, committed, at: now, into: &effects)
    case .committed(let id, let offset, let result): commitFinished(id, offset, result, at: now, into: &effects)
    case .revoked(let id): revoke(id, at: now, into: &effects)
    case .lost(let id): if !planted(.keepsLostPartitions) { forget(id) }
    case .drain: drain(at: now)
    }
  }

  /// When `tick` is wanted at the latest.
  package var nextDeadline: Instant? {
    var earliest = letterRetries.earliest
    func consider(_ deadline: Instant?) {
      guard let deadline else { return }
      earliest = earliest.map { min($0, deadline) } ?? deadline
    }
    consider(rowRetries.earliest)
    consider(nextCommitAt)
    if !hasDrained { consider(drainDeadline) }
    for destination in destinations.indices { consider(destinations[destination].nextDeadline) }
    for slot in partitions.indices { consider(partitions[slot].releaseBy) }
    consider(stall.tellAt)
    return earliest
  }

  /// Where the engine keeps an assignment, or nil if it is over. Records of one partition come in runs.
  mutating func slot(of id: AssignmentID) -> Int? {
    guard id != .none else { return nil }
    if lastSlot < partitions.count, partitions[lastSlot].id == id { return lastSlot }
    guard let found = partitions.firstIndex(where: { $0.id == id }) else { return nil }
    lastSlot = found
    return found
  }

  /// The slot of a delivery whose record is still between watermark and end.
  func slot(of id: DeliveryID) -> Int? {
    let slot = Int(id.slot)
    guard slot < partitions.count, partitions[slot].id == id.assignment || planted(.ignoresEpoch),
      partitions[slot].ledger.contains(id.sequence)
    else { return nil }
    return slot
  }

  func deliveryID(_ slot: Int, _ sequence: UInt64, _ destination: Int) -> DeliveryID {
    let number = planted(.reusesDeliveryIDs) ? sequence & 7 : sequence
    return DeliveryID(
      assignment: partitions[slot].id, slot: UInt16(slot), destination: UInt16(destination), sequence: number)
  }

  private mutating func tick(at now: Instant, into effects: inout [Effect]) {
    for destination in destinations.indices { tick(destination, at: now, into: &effects) }
    if let due = letterRetries.earliest, due <= now { rewriteLetters(at: now, into: &effects) }
    if let due = rowRetries.earliest, due <= now { rewriteRows(at: now, into: &effects) }
    if let due = nextCommitAt, due <= now {
      nextCommitAt = nil
      commitAll(at: now, into: &effects)
    }
    for slot in partitions.indices where partitions[slot].releaseBy != nil {
      releaseIfDone(slot, at: now, into: &effects)
    }
    if drainDeadline != nil { finishDrain(at: now, into: &effects) }
    giveCredit(into: &effects)
    checkStall(at: now, into: &effects)
  }

  /// What has been granted and not received yet.
  var grantedRecords: Int { policy.recordsMax - heldRecords - creditRecords }

  private mutating func giveCredit(into effects: inout [Effect]) {
    let records = min(creditRecords, max(0, policy.spanMax - span - grantedRecords))
    guard records > 0 || creditBytes != 0 else { return }
    effects.append(.credit(records: records, bytes: creditBytes))
    creditRecords -= records
    creditBytes = 0
  }

  /// Room that is there again.
  mutating func giveBack(records: Int, bytes: Int) {
    creditRecords += records
    creditBytes += bytes
    heldRecords -= records
    heldBytes -= bytes
  }
}
