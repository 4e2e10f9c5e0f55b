// From the outcome of a batch to its records.
//
// | Outcome | Of one record alone | Of more than one, as a whole |
// |---|---|---|
// | accepted | settled | all settled |
// | refused, unsendable | dead letter | again at once among half as many, until the bad one is alone: no attempt of the others, no retry |
// | refused with 413 | dead letter | the same, and batches are smaller from then on |
// | failed | counts an attempt | counts none: it may be another's fault; again after a backoff among half as many |
// | unavailable | held | held together; among half as many if the destination did its work for others meanwhile |
// | stale | once more on a fresh connection, free | the same |
//
// What an API says of each record by itself is as good as an answer to a request for that record alone.

extension FanOutEngine {
  mutating func finish(_ id: BatchID, _ outcome: BatchOutcome, at now: Instant, into effects: inout [Effect]) {
    let destination = Int(id.destination)
    guard destination < destinations.count, var batch = destinations[destination].batches.take(id.number) else {
      return
    }
    let outcome = understood(outcome, of: batch, takesRuns: destinations[destination].takesRuns)
    if outcome == .all(.stale), destinations[destination].mayGoOn(batch.lead, at: now) {
      let members = batch.ids.compactMap { member($0) }
      if !members.isEmpty {
        batch.ids = members.map(\.id)
        destinations[destination].batches.putBack(id.number, batch)
        effects.append(.attemptBatch(BatchAttempt(id: id, members: members, needsFreshConnection: true)))
        return
      }
    }
    destinations[destination].inFlight -= 1
    if planted(.forgetsBatchOfLost), batch.ids.contains(where: { slot(of: $0) == nil }) { return }
    for member in batch.ids {
      guard let slot = slotInFlight(member) else { continue }
      partitions[slot].busy -= 1
      partitions[slot].shares[destination].inFlight -= 1
      if hasOptional { countBusy(slot, member.sequence, destination, begins: false) }
    }
    let hasClosed = observe(outcome, of: batch, destination, at: now, into: &effects)
    isSettlingBatch = true
    switch outcome {
    case .all(let outcome): apply(outcome, to: batch, destination, at: now, into: &effects)
    case .each(let outcomes):
      let isSettled = planted(.settlesWholeBatch) && outcomes.contains(where: \.isAccepted)
      for (id, own) in zip(batch.ids, outcomes) {
        let outcome = isSettled ? .accepted(status: 200) : own
        if let slot = slotInFlight(id) { apply(outcome, to: id, slot, at: now, into: &effects) }
      }
    }
    isSettlingBatch = false
    for slot in partitions.indices where partitions[slot].id != .none {
      commitIfMuchIsUncommitted(slot, destination, at: now, into: &effects)
    }
    if hasClosed { endAllBackoffs(destination, at: now, into: &effects) }
  }

  private func slotInFlight(_ id: DeliveryID) -> Int? {
    guard let slot = slot(of: id), partitions[slot].ledger[id.sequence, Int(id.destination)].phase == .inFlight else {
      return nil
    }
    return slot
  }

  private func member(_ id: DeliveryID) -> BatchAttempt.Member? {
    guard let slot = slotInFlight(id), let record = partitions[slot].ledger.record(id.sequence) else { return nil }
    let number = Int(partitions[slot].ledger[id.sequence, Int(id.destination)].requests)
    return BatchAttempt.Member(id: id, record: record, number: number)
  }

  /// Records in a row are not told apart: the later one may not be settled before the earlier one is.
  private func understood(_ outcome: BatchOutcome, of batch: BatchAssembly.InFlight, takesRuns: Bool) -> BatchOutcome {
    guard case .each(let outcomes) = outcome else { return outcome }
    guard outcomes.count == batch.ids.count else {
      let message = "\(outcomes.count) results for \(batch.ids.count) records"
      return .all(.failed(AttemptFailure(message: message)))
    }
    guard takesRuns || outcomes.count == 1 else { return outcome }
    let isAccepted = outcomes.allSatisfy(\.isAccepted)
    return .all(outcomes.first { isAccepted || !$0.isAccepted && $0 != .stale } ?? .stale)
  }

  // MARK: - The destination

  /// What the outcome says of the destination: one answer, however many records. True if its breaker closed.
  private mutating func observe(
    _ outcome: BatchOutcome, of batch: BatchAssembly.InFlight, _ destination: Int, at now: Instant,
    into effects: inout [Effect]
  ) -> Bool {
    let latency = now - batch.startedAt
    switch outcome {
    case .all(.failed(let failure)) where batch.ids.count > 1:
      // Of whichever record it is: it takes no second one to say something of the destination.
      observe(failure, of: batch.lead, isTheirs: true, at: now, into: &effects)
      return false
    case .all(let outcome):
      if outcome.isAccepted { destinations[destination].batches.limit.accepted(at: now) }
      return observe(outcome, of: batch.lead, latency: latency, at: now, into: &effects)
    case .each(let outcomes):
      if outcomes.contains(where: { $0.failure?.isOverload == true }) { destinations[destination].limit.overloaded() }
      if let healthy = outcomes.first(where: \.isHealthy) {
        destinations[destination].batches.limit.accepted(at: now)
        return observe(healthy, of: batch.lead, latency: latency, at: now, into: &effects)
      }
      guard let failure = outcomes.lazy.compactMap(\.failure).first else {
        return observe(.stale, of: batch.lead, latency: nil, at: now, into: &effects)
      }
      observe(failure, of: batch.lead, isTheirs: true, at: now, into: &effects)
      guard destinations[destination].breaker.isClosed else { return false }
      for (id, outcome) in zip(batch.ids, outcomes) {
        if case .failed = outcome { destinations[destination].breaker.suspect(id) }
      }
      return false
    }
  }

  // MARK: - The records

  private mutating func apply(
    _ outcome: Outcome, to batch: BatchAssembly.InFlight, _ destination: Int, at now: Instant,
    into effects: inout [Effect]
  ) {
    if case .refused(_, let failure) = outcome, failure.isTooLarge, batch.ids.count > 1, !planted(.keepsBatchSize) {
      destinations[destination].batches.limit.wasTooLarge(records: batch.ids.count, bytes: batch.bytes, at: now)
    }
    let half = UInt16(clamping: (batch.ids.count + 1) / 2)
    var due: Instant?
    for (index, id) in batch.ids.enumerated() {
      guard let slot = slotInFlight(id) else { continue }
      if outcome.isAccepted || batch.ids.count == 1 || planted(.buriesWholeBatch) && outcome.isHealthy {
        apply(outcome, to: id, slot, at: now, into: &effects)
        continue
      }
      var delivery = partitions[slot].ledger[id.sequence, destination]
      switch outcome {
      case .accepted: break
      case .refused(_, let failure):
        if !planted(.keepsBatchSize) || !failure.isTooLarge { delivery.companyMax = half }
        if planted(.losesSecondHalf), index >= Int(half) { continue }
        goAgain(id, slot, delivery, at: now)
      case .unsendable:
        delivery.companyMax = half
        delivery.requests -= 1
        goAgain(id, slot, delivery, at: now)
      case .stale:
        delivery.requests -= 1
        goAgain(id, slot, delivery, at: now)
      case .failed where planted(.countsCompany): apply(outcome, to: id, slot, at: now, into: &effects)
      case .failed(let failure):
        delivery.companyMax = half
        due = due ?? backoffEnd(destination, after: delivery, at: now)
        hold(id, slot, delivery, failure, until: due ?? now, at: now, into: &effects)
      case .unavailable(let failure):
        let health = destinations[destination].healthyAnswers
        if delivery.holds > 0, delivery.healthWhenHeld != health { delivery.companyMax = half }
        delivery.healthWhenHeld = health
        destinations[destination].counts.holds += 1
        due = due ?? backoffEnd(destination, after: delivery, at: now)
        hold(id, slot, delivery, failure, until: due ?? now, at: now, into: &effects)
      }
    }
  }

  /// One for the whole batch, so that it comes again together.
  private mutating func backoffEnd(
    _ destination: Int, after delivery: PartitionLedger.Delivery, at now: Instant
  ) -> Instant {
    let retry = destinations[destination].policy.retry
    return now + retry.backoff(afterFailures: Int(delivery.holds) + 1, random: &random)
  }

  /// Whether the delivery waits for the one before it, which goes back like itself.
  private func isBehind(_ id: DeliveryID, _ slot: Int) -> Bool {
    guard destinations[Int(id.destination)].takesRuns, id.sequence > 0, !planted(.startsBehindFailed) else {
      return false
    }
    return !partitions[slot].ledger.isSettled(id.sequence - 1, for: Int(id.destination))
  }

  private mutating func goAgain(
    _ id: DeliveryID, _ slot: Int, _ delivery: PartitionLedger.Delivery, at now: Instant
  ) {
    let destination = Int(id.destination)
    let isBehind = isBehind(id, slot)
    partitions[slot].ledger[id.sequence, destination] = delivery
    partitions[slot].ledger[id.sequence, destination].phase = isBehind ? .waiting : .ready
    if !isBehind { enqueue(slot, id.sequence, destination, at: now) }
  }

  private mutating func hold(
    _ id: DeliveryID, _ slot: Int, _ delivery: PartitionLedger.Delivery, _ failure: AttemptFailure, until due: Instant,
    at now: Instant, into effects: inout [Effect]
  ) {
    let destination = Int(id.destination)
    var delivery = delivery
    delivery.holds = min(delivery.holds, 1_000) + 1
    delivery.isRetry = true
    let isBehind = isBehind(id, slot)
    delivery.phase = isBehind ? .waiting : .backoff
    partitions[slot].ledger[id.sequence, destination] = delivery
    destinations[destination].counts.retries += 1
    guard !isBehind else { return }
    if isTooOld(delivery, destination, at: now) { return bury(id, slot, .expired, failure, at: now, into: &effects) }
    var due = due
    if let maxAge = destinations[destination].policy.retry.maxAge { due = min(due, delivery.firstAttemptAt + maxAge) }
    troubles[id] = Trouble(failure: failure.withoutBody, nextTryAt: due)
    destinations[destination].backoffs.insert(id, due: due)
    tellSetback(id, slot, failure, until: due, into: &effects)
  }
}

extension Outcome {
  fileprivate var isAccepted: Bool { if case .accepted = self { true } else { false } }

  /// The destination has done its work.
  fileprivate var isHealthy: Bool {
    switch self {
    case .accepted, .refused: true
    case .failed, .unavailable, .stale, .unsendable: false
    }
  }

  /// That of an attempt which is to be made again.
  fileprivate var failure: AttemptFailure? {
    switch self {
    case .failed(let failure), .unavailable(let failure): failure
    case .accepted, .refused, .stale, .unsendable: nil
    }
  }
}
