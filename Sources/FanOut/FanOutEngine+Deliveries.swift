// From record to attempt.

extension FanOutEngine {
  mutating func receive(_ record: Record, skipped: UInt64, at now: Instant, into effects: inout [Effect]) {
    heldRecords += 1
    heldBytes += record.footprint
    let hash = ordersByKey ? record.keyHash : 0
    guard let slot = slot(of: record.assignment) else { return giveBack(records: 1, bytes: record.footprint) }
    if let committed = partitions[slot].committed, record.offset < committed { wasReset(slot) }
    guard let sequence = partitions[slot].ledger.append(record, orderHash: hash)
    else { return giveBack(records: 1, bytes: record.footprint) }
    span += 1
    if partitions[slot].ledger.head == sequence { partitions[slot].headSince = now }
    var earlier: UInt64?
    if hash != 0 {
      earlier = partitions[slot].order.replaceLast(hash: hash, with: sequence)
      if let earlier { partitions[slot].ledger.chain(earlier, to: sequence) }
    }
    let isNew = partitions[slot].progress == nil || planted(.ignoresProgress)
    let known = isNew ? 0 : restoredBits(slot, record.offset)
    let restored = known & ~rowBit
    let hasRow = known & (planted(.takesRowsForThere) && keepsResults ? .max : planted(.forgetsRows) ? 0 : rowBit) != 0
    let done = planted(.ignoresSkips) ? restored : restored | skipped
    if hasRow {
      partitions[slot].ledger.restoreRow(sequence)
    } else if keepsResults {
      beginRow(slot, sequence, restored: restored, skipped: skipped)
    }
    // First: what starts below may begin a commit, which says what is restored.
    if done != 0 {
      settleAtOnce(slot, sequence, done, restored: restored, earlierOfKey: earlier, at: now, into: &effects)
    }
    for destination in destinations.indices where done & (1 << UInt64(destination)) == 0 {
      if waits(slot, sequence, destination, earlierOfKey: earlier) { continue }
      if planted(.openBreakerDelaysAll), destinations.contains(where: { !$0.breaker.isClosed }) {
        partitions[slot].ledger[sequence, destination].phase = .backoff
        destinations[destination].backoffs.insert(deliveryID(slot, sequence, destination), due: now + .seconds(1))
        continue
      }
      makeReady(slot, sequence, destination, at: now, into: &effects)
    }
    if keepsResults { closeRow(slot, sequence, at: now, into: &effects) }
    guard hasOptional else { return }
    if policy.required == 0, !keepsResults || hasRow {
      partitions[slot].ledger.completeUnrequired()
      letGo(slot, record, at: now, into: &effects)
    }
    keep(slot, sequence, at: now, into: &effects)
  }

  /// Reading begins before what was committed: the topic was made anew, or the offset lay outside of what it holds.
  /// What was committed says nothing about these records.
  private mutating func wasReset(_ slot: Int) {
    guard partitions[slot].ledger.end == 0 else { return }
    partitions[slot].committed = nil
    partitions[slot].progress = nil
  }

  /// Whether the record has one before it that the destination is not done with.
  func waits(_ slot: Int, _ sequence: UInt64, _ destination: Int, earlierOfKey: UInt64?) -> Bool {
    let earlier: UInt64?
    switch destinations[destination].policy.order {
    case .key: earlier = earlierOfKey
    case .partition: earlier = sequence == 0 ? nil : sequence - 1
    case .none: earlier = nil
    }
    guard let earlier, !planted(.ignoresKeyOrder) else { return false }
    return !partitions[slot].ledger.isSettled(earlier, for: destination)
  }

  mutating func makeReady(
    _ slot: Int, _ sequence: UInt64, _ destination: Int, at now: Instant, into effects: inout [Effect]
  ) {
    partitions[slot].ledger[sequence, destination].phase = .ready
    enqueue(slot, sequence, destination, at: now)
    startReady(destination, at: now, into: &effects)
  }

  /// Starts what the destination's gate lets through.
  mutating func startReady(_ destination: Int, at now: Instant, into effects: inout [Effect]) {
    while let (id, isPaid) = destinations[destination].popStartable(at: now) {
      guard let slot = slot(of: id), !partitions[slot].isStopped else { continue }
      var delivery = partitions[slot].ledger[id.sequence, destination]
      guard delivery.phase == .ready, let record = partitions[slot].ledger.record(id.sequence) else { continue }
      if isTooOld(delivery, destination, at: now) {
        let failure = troubles[id]?.failure ?? AttemptFailure(message: "too old")
        bury(id, slot, .expired, failure, at: now, into: &effects)
        continue
      }
      if partitions[slot].shares[destination].atStake >= policy.uncommittedMax, !planted(.ignoresUncommittedMax),
        destinations[destination].policy.isRequired
      {
        partitions[slot].shares[destination].parked.append(id.sequence)
        commit(slot, at: now, into: &effects)
        continue
      }
      if delivery.isRetry, !isPaid, destinations[destination].breaker.isClosed,
        !destinations[destination].budget.take(at: now)
      {
        destinations[destination].retries.append(id)
        continue
      }
      let isFirst = delivery.requests == 0
      if isFirst { delivery.firstAttemptAt = now }
      delivery.startedAt = now
      delivery.phase = .inFlight
      delivery.requests &+= 1
      partitions[slot].ledger[id.sequence, destination] = delivery
      partitions[slot].busy += 1
      partitions[slot].shares[destination].inFlight += 1
      if hasOptional { countBusy(slot, id.sequence, destination, begins: true) }
      destinations[destination].started(id, isFirst: isFirst, at: now)
      if planted(.ignoresRate) { destinations[destination].rate = nil }
      if planted(.forgetsInFlight) { destinations[destination].inFlight -= 1 }
      effects.append(
        .attempt(Attempt(id: id, record: record, number: Int(delivery.requests), needsFreshConnection: false)))
      if planted(.settlesWhenSent) { settle(id, slot, at: now, into: &effects) }
    }
  }

  /// What time alone brings for a destination: ends of backoffs, the probe of an open breaker, what became too old.
  mutating func tick(_ destination: Int, at now: Instant, into effects: inout [Effect]) {
    while let id = destinations[destination].backoffs.popDue(at: now) {
      endBackoff(id, at: now, into: &effects)
    }
    if let due = destinations[destination].nextAgeCheck, due <= now { buryAged(destination, at: now, into: &effects) }
    if !planted(.neverProbes) { destinations[destination].breaker.allowProbe(at: now) }
    if destinations[destination].isBatching { return startBatches(destination, at: now, into: &effects) }
    if destinations[destination].hasReady { startReady(destination, at: now, into: &effects) }
    // Nothing is ready for the probe: what waits for the end of its backoff will do.
    while destinations[destination].breaker.state == .halfOpen(probe: nil),
      destinations[destination].notBefore <= now,
      let id = destinations[destination].backoffs.popDue(at: Instant(nanoseconds: .max))
    {
      endBackoff(id, at: now, into: &effects)
    }
  }

  mutating func endBackoff(_ id: DeliveryID, at now: Instant, into effects: inout [Effect]) {
    let destination = Int(id.destination)
    guard let slot = slot(of: id) else { return }
    let delivery = partitions[slot].ledger[id.sequence, destination]
    guard delivery.phase == .backoff else { return }
    if isTooOld(delivery, destination, at: now) {
      let failure = troubles[id]?.failure ?? AttemptFailure(message: "too old")
      return bury(id, slot, .expired, failure, at: now, into: &effects)
    }
    troubles[id]?.nextTryAt = nil
    watchAge(destination, at: now)
    makeReady(slot, id.sequence, destination, at: now, into: &effects)
  }

  /// The breaker closed: what was held has waited long enough, and is no retry.
  mutating func endAllBackoffs(_ destination: Int, at now: Instant, into effects: inout [Effect]) {
    let held = destinations[destination].holding + destinations[destination].backoffs.count
    destinations[destination].budget.grant(held)
    while let id = destinations[destination].backoffs.popDue(at: Instant(nanoseconds: .max)) {
      if planted(.forgetsBackoffs) { continue }
      endBackoff(id, at: now, into: &effects)
    }
  }

  // MARK: - Age

  func isTooOld(_ delivery: PartitionLedger.Delivery, _ destination: Int, at now: Instant) -> Bool {
    guard let maxAge = destinations[destination].policy.retry.maxAge, delivery.requests > 0,
      !planted(.ignoresAge)
    else { return false }
    return now - delivery.firstAttemptAt >= maxAge
  }

  /// What was tried waits at the gate.
  mutating func watchAge(_ destination: Int, at now: Instant) {
    guard let maxAge = destinations[destination].policy.retry.maxAge, destinations[destination].nextAgeCheck == nil
    else { return }
    destinations[destination].nextAgeCheck = now + Self.ageCheckEvery(maxAge)
  }

  private static func ageCheckEvery(_ maxAge: Nanoseconds) -> Nanoseconds {
    min(.seconds(1), max(.milliseconds(10), Nanoseconds(count: maxAge.count / 10)))
  }

  /// What was tried and waits at a closed gate does not come up by itself.
  private mutating func buryAged(_ destination: Int, at now: Instant, into effects: inout [Effect]) {
    var aged: [DeliveryID] = []
    let isAged = { (id: DeliveryID) in
      guard let slot = self.slot(of: id) else { return }
      let delivery = self.partitions[slot].ledger[id.sequence, destination]
      if delivery.phase == .ready, self.isTooOld(delivery, destination, at: now) { aged.append(id) }
    }
    destinations[destination].ready.forEach(isAged)
    destinations[destination].retries.forEach(isAged)
    destinations[destination].batches.forEach(isAged)
    for id in aged {
      guard let slot = slot(of: id) else { continue }
      let failure = troubles[id]?.failure ?? AttemptFailure(message: "too old")
      bury(id, slot, .expired, failure, at: now, into: &effects)
    }
    destinations[destination].nextAgeCheck = nil
    if let maxAge = destinations[destination].policy.retry.maxAge, destinations[destination].isHolding {
      destinations[destination].nextAgeCheck = now + Self.ageCheckEvery(maxAge)
    }
  }
}
