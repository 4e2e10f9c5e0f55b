extension FanOutEngine {
  // MARK: - From record to attempt

  mutating func receive(_ record: Record, at now: Instant, into effects: inout [Effect]) {
    guard let slot = slot(of: record.assignment) else { return giveBack(record) }
    let hash: UInt64 =
      switch policy.order {
      case .key: record.keyHash
      case .partition: 1
      case .none: 0
      }
    guard let sequence = partitions[slot]?.ledger.append(record, orderHash: hash) else { return giveBack(record) }
    var earlier: UInt64?
    if hash != 0 {
      earlier = partitions[slot]?.order.replaceLast(hash: hash, with: sequence)
      if let earlier { partitions[slot]?.ledger.chain(earlier, to: sequence) }
    }
    for destination in destinations.indices {
      if let earlier, partitions[slot]?.ledger.isSettled(earlier, for: destination) == false { continue }
      makeReady(slot, sequence, destination, at: now, into: &effects)
    }
  }

  private mutating func giveBack(_ record: Record) {
    creditRecords += 1
    creditBytes += record.footprint
  }

  private func deliveryID(_ slot: Int, _ sequence: UInt64, _ destination: Int) -> DeliveryID? {
    guard let id = partitions[slot]?.id else { return nil }
    return DeliveryID(assignment: id, slot: UInt16(slot), destination: UInt16(destination), sequence: sequence)
  }

  private mutating func makeReady(
    _ slot: Int, _ sequence: UInt64, _ destination: Int, at now: Instant, into effects: inout [Effect]
  ) {
    guard let id = deliveryID(slot, sequence, destination) else { return }
    partitions[slot]?.ledger[sequence, destination].phase = .ready
    destinations[destination].ready.append(id)
    startReady(destination, at: now, into: &effects)
  }

  /// Starts what the destination's gate lets through.
  mutating func startReady(_ destination: Int, at now: Instant, into effects: inout [Effect]) {
    while destinations[destination].inFlight < destinations[destination].policy.concurrency,
      let id = destinations[destination].ready.popFirst()
    {
      guard let slot = slot(of: id), var delivery = partitions[slot]?.ledger[id.sequence, destination],
        delivery.phase == .ready, let record = partitions[slot]?.ledger.record(id.sequence),
        id.sequence < partitions[slot]?.startBelow ?? 0
      else { continue }
      if delivery.requests == 0 { delivery.firstAttemptAt = now }
      delivery.phase = .inFlight
      delivery.requests &+= 1
      partitions[slot]?.ledger[id.sequence, destination] = delivery
      partitions[slot]?.busy += 1
      destinations[destination].inFlight += 1
      destinations[destination].counts.attempts += 1
      effects.append(
        .attempt(Attempt(id: id, record: record, number: Int(delivery.requests), needsFreshConnection: false)))
    }
  }

  // MARK: - From outcome to settlement

  mutating func finish(_ id: DeliveryID, _ outcome: Outcome, at now: Instant, into effects: inout [Effect]) {
    let destination = Int(id.destination)
    guard destination < destinations.count else { return }
    let known = slot(of: id)
    if case .stale = outcome, let slot = known, let record = partitions[slot]?.ledger.record(id.sequence),
      partitions[slot]?.ledger[id.sequence, destination].phase == .inFlight
    {
      let number = Int(partitions[slot]?.ledger[id.sequence, destination].requests ?? 1)
      effects.append(.attempt(Attempt(id: id, record: record, number: number, needsFreshConnection: true)))
      return
    }
    destinations[destination].inFlight -= 1
    if let slot = known, partitions[slot]?.ledger[id.sequence, destination].phase == .inFlight {
      partitions[slot]?.busy -= 1
      apply(outcome, to: id, slot, at: now, into: &effects)
    }
    startReady(destination, at: now, into: &effects)
  }

  private mutating func apply(
    _ outcome: Outcome, to id: DeliveryID, _ slot: Int, at now: Instant, into effects: inout [Effect]
  ) {
    let destination = Int(id.destination)
    switch outcome {
    case .accepted:
      destinations[destination].counts.accepted += 1
      settle(id, slot, at: now, into: &effects)
    case .refused(let reason, let failure), .unsendable(let reason, let failure):
      bury(id, slot, reason, failure, at: now, into: &effects)
    case .failed(let failure):
      guard var delivery = partitions[slot]?.ledger[id.sequence, destination] else { return }
      delivery.failures &+= 1
      delivery.holds = 0
      partitions[slot]?.ledger[id.sequence, destination] = delivery
      if Int(delivery.failures) >= destinations[destination].policy.retry.attempts {
        bury(id, slot, .exhausted, failure, at: now, into: &effects)
      } else {
        backOff(id, slot, failure, waits: Int(delivery.failures), at: now, into: &effects)
      }
    case .unavailable(let failure):
      guard var delivery = partitions[slot]?.ledger[id.sequence, destination] else { return }
      delivery.holds = min(delivery.holds, 1_000) + 1
      partitions[slot]?.ledger[id.sequence, destination] = delivery
      destinations[destination].counts.holds += 1
      backOff(id, slot, failure, waits: Int(delivery.holds), at: now, into: &effects)
    case .stale: break
    }
  }

  private mutating func backOff(
    _ id: DeliveryID, _ slot: Int, _ failure: AttemptFailure, waits: Int, at now: Instant, into effects: inout [Effect]
  ) {
    let destination = Int(id.destination)
    let retry = destinations[destination].policy.retry
    var due = now + retry.backoff(afterFailures: waits, random: &random)
    if let maxAge = retry.maxAge, let first = partitions[slot]?.ledger[id.sequence, destination].firstAttemptAt {
      if now - first >= maxAge { return bury(id, slot, .expired, failure, at: now, into: &effects) }
      due = min(due, first + maxAge)
    }
    troubles[id, default: Trouble(failure: failure)].failure = failure
    destinations[destination].counts.retries += 1
    partitions[slot]?.ledger[id.sequence, destination].phase = .backoff
    backoffs.insert(id, due: due)
  }

  mutating func endBackoffs(at now: Instant, into effects: inout [Effect]) {
    while let id = backoffs.popDue(at: now) {
      let destination = Int(id.destination)
      guard let slot = slot(of: id), let delivery = partitions[slot]?.ledger[id.sequence, destination] else { continue }
      switch delivery.phase {
      case .backoff:
        if let maxAge = destinations[destination].policy.retry.maxAge, now - delivery.firstAttemptAt >= maxAge {
          let failure = troubles[id]?.failure ?? AttemptFailure(message: "too old")
          bury(id, slot, .expired, failure, at: now, into: &effects)
        } else {
          makeReady(slot, id.sequence, destination, at: now, into: &effects)
        }
      case .deadLettering: writeLetter(id, slot, into: &effects)
      case .waiting, .ready, .inFlight, .settled: break
      }
    }
  }

  private mutating func settle(_ id: DeliveryID, _ slot: Int, at now: Instant, into effects: inout [Effect]) {
    let destination = Int(id.destination)
    if !troubles.isEmpty { troubles[id] = nil }
    guard let settlement = partitions[slot]?.ledger.settle(id.sequence, for: destination) else { return }
    if let record = settlement.completed {
      creditBytes += record.footprint
      if settlement.orderHash != 0 {
        partitions[slot]?.order.remove(hash: settlement.orderHash, ifLastIs: id.sequence)
      }
      let passed = partitions[slot]?.ledger.advance() ?? 0
      creditRecords += passed
      if passed > 0 && nextCommitAt == nil { nextCommitAt = now + policy.commitEvery }
    }
    let next = settlement.nextOfKey
    if next != PartitionLedger.noSequence, partitions[slot]?.ledger[next, destination].phase == .waiting {
      makeReady(slot, next, destination, at: now, into: &effects)
    }
  }

  // MARK: - Dead letters

  private mutating func bury(
    _ id: DeliveryID, _ slot: Int, _ reason: DeadLetterReason, _ failure: AttemptFailure, at now: Instant,
    into effects: inout [Effect]
  ) {
    guard let delivery = partitions[slot]?.ledger[id.sequence, Int(id.destination)] else { return }
    let letter = DeadLetter(
      reason: reason, failure: failure, attempts: Int(delivery.requests), firstAttemptAt: delivery.firstAttemptAt,
      failedAt: now)
    partitions[slot]?.ledger[id.sequence, Int(id.destination)].phase = .deadLettering
    troubles[id] = Trouble(failure: failure, letter: letter)
    writeLetter(id, slot, into: &effects)
  }

  private mutating func writeLetter(_ id: DeliveryID, _ slot: Int, into effects: inout [Effect]) {
    guard let letter = troubles[id]?.letter, let record = partitions[slot]?.ledger.record(id.sequence),
      partitions[slot]?.releaseBy == nil || troubles[id]?.letterFailures == 0
    else { return }
    partitions[slot]?.busy += 1
    effects.append(.deadLetter(id, record, letter))
  }

  /// A letter that could not be written is written again, for ever: the record is in nobody's hands until then.
  mutating func letterWritten(_ id: DeliveryID, error: String?, at now: Instant, into effects: inout [Effect]) {
    let destination = Int(id.destination)
    guard let slot = slot(of: id), partitions[slot]?.ledger[id.sequence, destination].phase == .deadLettering else {
      return
    }
    partitions[slot]?.busy -= 1
    guard error != nil else {
      destinations[destination].counts.deadLetters += 1
      return settle(id, slot, at: now, into: &effects)
    }
    let failures = (troubles[id]?.letterFailures ?? 0) + 1
    troubles[id]?.letterFailures = failures
    let wait = RetryPolicy(attempts: 1, backoffMin: .milliseconds(200), backoffMax: .seconds(10), maxAge: nil)
    backoffs.insert(id, due: now + wait.backoff(afterFailures: failures, random: &random))
  }
}
