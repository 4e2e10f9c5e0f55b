// From outcome to settlement.

extension FanOutEngine {
  /// `Retry-After` beyond this is taken for a mistake.
  private static let retryAfterMax = Nanoseconds.seconds(300)

  mutating func finish(_ id: DeliveryID, _ outcome: Outcome, at now: Instant, into effects: inout [Effect]) {
    let destination = Int(id.destination)
    guard destination < destinations.count else { return }
    let outcome = outcome == .stale && planted(.staleIsAccepted) ? .accepted(status: 0) : outcome
    var known = slot(of: id)
    if let slot = known, partitions[slot].ledger[id.sequence, destination].phase != .inFlight { known = nil }
    if case .stale = outcome, let slot = known, destinations[destination].mayGoOn(id, at: now),
      let record = partitions[slot].ledger.record(id.sequence)
    {
      let number = Int(partitions[slot].ledger[id.sequence, destination].requests)
      effects.append(.attempt(Attempt(id: id, record: record, number: number, needsFreshConnection: true)))
      return
    }
    destinations[destination].inFlight -= 1
    var latency: Nanoseconds?
    if let slot = known {
      partitions[slot].busy -= 1
      partitions[slot].shares[destination].inFlight -= 1
      if hasOptional { countBusy(slot, id.sequence, destination, begins: false) }
      latency = now - partitions[slot].ledger[id.sequence, destination].startedAt
    }
    let hasClosed = observe(outcome, of: id, latency: latency, at: now, into: &effects)
    if let slot = known { apply(outcome, to: id, slot, at: now, into: &effects) }
    if hasClosed { endAllBackoffs(destination, at: now, into: &effects) }
    startReady(destination, at: now, into: &effects)
  }

  /// What the outcome says of the destination, whichever assignment it belongs to. True if its breaker closed.
  mutating func observe(
    _ outcome: Outcome, of id: DeliveryID, latency: Nanoseconds?, at now: Instant, into effects: inout [Effect]
  ) -> Bool {
    let destination = Int(id.destination)
    switch outcome {
    case .accepted, .refused:
      destinations[destination].healthyAnswers &+= 1
      if let latency { destinations[destination].limit.answered(after: latency, at: now) }
      guard destinations[destination].breaker.sawHealth() else { return false }
      let openFor = now - destinations[destination].breaker.openedAt
      effects.append(.notice(.breakerClosed(destination: destination, openFor: openFor)))
      return true
    case .failed(let failure): observe(failure, of: id, isTheirs: false, at: now, into: &effects)
    case .unavailable(let failure): observe(failure, of: id, isTheirs: true, at: now, into: &effects)
    case .stale, .unsendable: destinations[destination].breaker.probeSaidNothing(id)
    }
    return false
  }

  mutating func observe(
    _ failure: AttemptFailure, of id: DeliveryID, isTheirs: Bool, at now: Instant, into effects: inout [Effect]
  ) {
    let destination = Int(id.destination)
    destinations[destination].lastFailure = failure
    if failure.isOverload { destinations[destination].limit.overloaded() }
    if let wait = failure.retryAfter, !planted(.ignoresRetryAfter) {
      let until = now + min(max(.zero, wait), Self.retryAfterMax)
      destinations[destination].notBefore = max(destinations[destination].notBefore, until)
    }
    let owner = planted(.sharesBreaker) ? 0 : destination
    guard !planted(.neverOpens), destinations[owner].breaker.sawFailure(of: id, isTheirs: isTheirs, at: now) else {
      return
    }
    let failures = destinations[destination].breaker.failuresInARow
    effects.append(.notice(.breakerOpened(destination: destination, failure, failuresInARow: failures)))
    destinations[destination].limit.collapse()
    giveBackAttempts(destination)
  }

  /// The attempts that opened the breaker were spent on an outage.
  private mutating func giveBackAttempts(_ destination: Int) {
    for suspect in destinations[destination].breaker.suspects {
      guard let slot = slot(of: suspect.id) else { continue }
      var delivery = partitions[slot].ledger[suspect.id.sequence, destination]
      guard delivery.phase != .settled else { continue }
      let count = UInt16(clamping: suspect.failures)
      delivery.forgiven = min(count, delivery.failures)
      delivery.failures -= delivery.forgiven
      partitions[slot].ledger[suspect.id.sequence, destination] = delivery
    }
  }

  mutating func apply(
    _ outcome: Outcome, to id: DeliveryID, _ slot: Int, at now: Instant, into effects: inout [Effect]
  ) {
    let destination = Int(id.destination)
    switch outcome {
    case .accepted(let status, let body):
      destinations[destination].counts.accepted += 1
      if keepsResults { noteAccepted(id, slot, status: status, body: body, at: now) }
      settle(id, slot, at: now, into: &effects)
    case .refused(let reason, let failure): bury(id, slot, reason, failure, at: now, into: &effects)
    case .unsendable(let reason, let failure):
      // No request was made.
      partitions[slot].ledger[id.sequence, destination].requests -= 1
      bury(id, slot, reason, failure, at: now, into: &effects)
    case .failed(let failure):
      let isProven = prove(id, slot)
      if destinations[destination].breaker.isClosed || planted(.countsWhileOpen) {
        countFailure(id, slot, failure, isProven: isProven, at: now, into: &effects)
      } else {
        hold(id, slot, failure, at: now, into: &effects)
      }
    case .unavailable(let failure): hold(id, slot, failure, at: now, into: &effects)
    case .stale:
      // The gate has closed since it started: it was not sent, and waits as if it had not started.
      partitions[slot].ledger[id.sequence, destination].phase = .ready
      partitions[slot].ledger[id.sequence, destination].requests -= 1
      enqueue(slot, id.sequence, destination, at: now)
    }
  }

  /// Whether the destination has shown that it does its work since the delivery failed before.
  private mutating func prove(_ id: DeliveryID, _ slot: Int) -> Bool {
    let destination = Int(id.destination)
    var delivery = partitions[slot].ledger[id.sequence, destination]
    let health = destinations[destination].healthyAnswers
    let isProven = delivery.proofs > 0 && delivery.healthSeen != health
    if isProven || delivery.proofs == 0 { delivery.proofs = min(delivery.proofs, .max - 1) + 1 }
    delivery.healthSeen = health
    partitions[slot].ledger[id.sequence, destination] = delivery
    return isProven
  }

  /// An attempt that could be the record's fault. The last one makes a dead letter of it, but only when the destination
  /// is known to do its work: it has answered another record since this one failed before, or no other failed. What
  /// was given back at the last opening counts again then, and what was proven each time counts in any case, or bad
  /// records could hold each other up for ever.
  private mutating func countFailure(
    _ id: DeliveryID, _ slot: Int, _ failure: AttemptFailure, isProven: Bool, at now: Instant,
    into effects: inout [Effect]
  ) {
    let destination = Int(id.destination)
    var delivery = partitions[slot].ledger[id.sequence, destination]
    let attempts = destinations[destination].policy.retry.attempts
    let isRecords = attempts == 1 || isProven || destinations[destination].breaker.suspectsOnly(id)
    let counted = Int(delivery.failures) + 1
    delivery.failures = UInt16(clamping: min(counted, attempts))
    delivery.holds = 0
    delivery.isRetry = true
    partitions[slot].ledger[id.sequence, destination] = delivery
    if isRecords && counted + Int(delivery.forgiven) >= attempts || Int(delivery.proofs) >= attempts {
      return bury(id, slot, failure.whenExhausted, failure, at: now, into: &effects)
    }
    backOff(id, slot, failure, waits: counted, at: now, into: &effects)
  }

  /// The destination's fault: counts no attempt.
  private mutating func hold(
    _ id: DeliveryID, _ slot: Int, _ failure: AttemptFailure, at now: Instant, into effects: inout [Effect]
  ) {
    let destination = Int(id.destination)
    var delivery = partitions[slot].ledger[id.sequence, destination]
    delivery.holds = min(delivery.holds, 1_000) + 1
    if planted(.countsOutages) {
      return countFailure(id, slot, failure, isProven: true, at: now, into: &effects)
    }
    delivery.isRetry = true
    partitions[slot].ledger[id.sequence, destination] = delivery
    destinations[destination].counts.holds += 1
    backOff(id, slot, failure, waits: Int(delivery.holds), at: now, into: &effects)
  }

  mutating func backOff(
    _ id: DeliveryID, _ slot: Int, _ failure: AttemptFailure, waits: Int, at now: Instant, into effects: inout [Effect]
  ) {
    let destination = Int(id.destination)
    let delivery = partitions[slot].ledger[id.sequence, destination]
    if isTooOld(delivery, destination, at: now) {
      return bury(id, slot, .expired, failure, at: now, into: &effects)
    }
    if planted(.losesRetriesInDrain), drainDeadline != nil { return settle(id, slot, at: now, into: &effects) }
    let retry = destinations[destination].policy.retry
    var due = now + retry.backoff(afterFailures: waits, random: &random)
    if let maxAge = retry.maxAge { due = min(due, delivery.firstAttemptAt + maxAge) }
    troubles[id] = Trouble(failure: failure.withoutBody, nextTryAt: due)
    destinations[destination].counts.retries += 1
    partitions[slot].ledger[id.sequence, destination].phase = .backoff
    destinations[destination].backoffs.insert(id, due: due)
    tellSetback(id, slot, failure, until: due, into: &effects)
  }

  /// What its opening breaker tells of needs no other word, and in a drain there is no other try.
  func tellSetback(
    _ id: DeliveryID, _ slot: Int, _ failure: AttemptFailure, until due: Instant, into effects: inout [Effect]
  ) {
    let destination = Int(id.destination)
    guard destinations[destination].breaker.isClosed, !partitions[slot].isStopped,
      let record = partitions[slot].ledger.record(id.sequence)
    else { return }
    let attempts = Int(partitions[slot].ledger[id.sequence, destination].requests)
    effects.append(
      .notice(
        .setBack(
          Setback(
            destination: destination, partition: partitions[slot].partition, offset: record.offset, attempts: attempts,
            failure: failure.withoutBody, nextTryAt: due))))
  }

  // MARK: - Settlement

  mutating func settle(_ id: DeliveryID, _ slot: Int, at now: Instant, into effects: inout [Effect]) {
    let destination = Int(id.destination)
    if !troubles.isEmpty { troubles[id] = nil }
    if hasOptional, policy.optional & (1 << UInt64(destination)) != 0 {
      return settleOptional(id, slot, at: now, into: &effects)
    }
    partitions[slot].shares[destination].settled += 1
    if nextCommitAt == nil { nextCommitAt = now + policy.commitEvery }
    complete(slot, id.sequence, destination, at: now, into: &effects)
    if keepsResults { closeRow(slot, id.sequence, at: now, into: &effects) }
    if hasOptional { keep(slot, id.sequence, at: now, into: &effects) }
    if planted(.settlesForAll), partitions[slot].ledger.contains(id.sequence) {
      for other in destinations.indices { complete(slot, id.sequence, other, at: now, into: &effects) }
    }
    if !isSettlingBatch { commitIfMuchIsUncommitted(slot, destination, at: now, into: &effects) }
  }

  /// Shortly before all that may be uncommitted is used up: earlier is more commits, which cost the broker more than
  /// anything else here. All partitions together, for that is one request.
  mutating func commitIfMuchIsUncommitted(
    _ slot: Int, _ destination: Int, at now: Instant, into effects: inout [Effect]
  ) {
    if partitions[slot].shares[destination].uncommitted * 8 >= policy.uncommittedMax * 7,
      partitions[slot].commitInFlight == nil
    {
      commitAll(at: now, into: &effects)
    }
  }

  /// Sets the record's bit for the destination, moves the watermark, and lets the one behind it go.
  mutating func complete(
    _ slot: Int, _ sequence: UInt64, _ destination: Int, at now: Instant, into effects: inout [Effect]
  ) {
    let settlement = partitions[slot].ledger.settle(sequence, for: destination)
    if settlement.isAnyPassing {
      return completeWithPassing(slot, sequence, destination, settlement, at: now, into: &effects)
    }
    if settlement.orderHash != 0 { partitions[slot].order.remove(hash: settlement.orderHash, ifLastIs: sequence) }
    if let record = settlement.completed { letGo(slot, record, at: now, into: &effects) }
    let next: UInt64
    switch destinations[destination].policy.order {
    case .key: next = settlement.nextOfKey
    case .partition: next = sequence + 1
    case .none: return
    }
    endWait(slot, next, destination, at: now, into: &effects)
  }

  /// All that are required are done with the record.
  mutating func letGo(_ slot: Int, _ record: Record, at now: Instant, into effects: inout [Effect]) {
    let passed = partitions[slot].ledger.advance()
    span -= passed
    giveBack(records: 1, bytes: record.footprint)
    if passed > 0 {
      partitions[slot].hasMoved = true
      if nextCommitAt == nil { nextCommitAt = now + policy.commitEvery }
      partitions[slot].headSince = now
      endStall(at: now, into: &effects)
    }
  }

  /// What waited behind a record goes to the gate.
  @inline(__always) mutating func endWait(
    _ slot: Int, _ sequence: UInt64, _ destination: Int, at now: Instant, into effects: inout [Effect]
  ) {
    if partitions[slot].ledger.contains(sequence), partitions[slot].ledger[sequence, destination].phase == .waiting {
      makeReady(slot, sequence, destination, at: now, into: &effects)
    }
  }
}
