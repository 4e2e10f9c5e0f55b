import FanOut

// Requests for several records, checked as one request and record by record.

extension Oracle {
  mutating func emitsBatch(_ instance: Int, _ batch: BatchAttempt) {
    let destination = Int(batch.id.destination)
    guard destination < names.count, let allowed = policy.destinations[destination].batch, !batch.members.isEmpty else {
      return fail(.identity) { _ in "\(batch.id) is none" }
    }
    tally.attempts += 1
    tally.batches += 1
    tally.batched += batch.members.count
    var keys: [DeliveryKey] = []
    var bytes = 0
    for member in batch.members {
      let requested = Requested(
        id: member.id, record: member.record, number: member.number, isFresh: batch.needsFreshConnection)
      guard Int(member.id.destination) == destination, let key = recognise(instance, requested) else {
        return fail(.identity) { _ in "\(member.id) in \(batch.id)" }
      }
      checkOrder(key, destination, behind: keys, takesRuns: allowed.isWhole)
      start(instance, key, requested)
      keys.append(key)
      bytes += partitions[views[key.assignment].partition].records[key.ordinal].valueBytes
    }
    let lead = instances[instance].batches[batch.id]?.lead ?? keys[0]
    checkGate(instance, destination, lead, isFresh: batch.needsFreshConnection)
    instances[instance].batches[batch.id] = BatchView(lead: lead, members: keys)
    countInFlight(instance, destination)
    if keys.count > allowed.recordsMax || keys.count > 1 && bytes > allowed.bytesMax {
      fail(.batchSize) { "\($0.names[destination]): \(keys.count) records, \(bytes) bytes" }
    }
  }

  /// At each attempt: what it waits behind is settled, or stands before it in a batch that is taken whole.
  private mutating func checkOrder(
    _ key: DeliveryKey, _ destination: Int, behind others: [DeliveryKey], takesRuns: Bool
  ) {
    let isInARow = takesRuns && policy.destinations[destination].order == .partition
    guard policy.destinations[destination].isRequired else {
      return checkOptionalOrder(key.assignment, key.ordinal, destination, behind: isInARow ? others : [])
    }
    let before = predecessor(key.assignment, key.ordinal, destination)
    let view = views[key.assignment]
    guard before >= view.start, view.told[before] & (1 << UInt64(destination)) == 0 else { return }
    if isInARow, others.contains(DeliveryKey(assignment: key.assignment, ordinal: before)) { return }
    fail(.order) { "\($0.name(key.assignment, key.ordinal, destination)) in a batch waits for ordinal \(before)" }
  }

  // MARK: - Outcomes

  mutating func tellsBatch(_ instance: Int, _ id: BatchID, _ outcome: BatchOutcome) {
    let destination = Int(id.destination)
    guard let batch = instances[instance].batches[id] else { return }
    instances[instance].destinations[destination].inFlight -= 1
    let isAlone = batch.members.count == 1
    switch outcome {
    case .all(let outcome):
      note { "i\(instance): batch \(id.number) of \($0.names[destination]): \($0.brief(outcome))" }
      observe(instance, destination, batch.lead, outcome)
      if !isAlone, case .failed = outcome { instances[instance].destinations[destination].othersFailed = true }
      if outcome == .stale { endProbe(instance, destination, batch.lead) }
      for key in batch.members {
        if isAlone || outcome == .accepted(status: 204) || outcome == .stale {
          conclude(instance, key, destination, outcome)
        } else {
          concludeInCompany(instance, key, destination, outcome)
        }
      }
    case .each(let outcomes):
      note { oracle in
        "i\(instance): batch \(id.number) of \(oracle.names[destination]): "
          + outcomes.map { oracle.brief($0) }.joined(separator: ", ")
      }
      observe(instance, destination, batch.lead, outcomes)
      let isMixed = outcomes.contains { if case .unsendable = $0 { true } else { false } } && takesRuns(destination)
      for (key, outcome) in zip(batch.members, outcomes) {
        conclude(instance, key, destination, isMixed && !isAlone ? .stale : outcome)
      }
    }
  }

  func takesRuns(_ destination: Int) -> Bool {
    policy.destinations[destination].order == .partition && policy.destinations[destination].batch?.isWhole == true
  }

  /// What all of them came to is no single one's doing.
  private mutating func concludeInCompany(
    _ instance: Int, _ key: DeliveryKey, _ destination: Int, _ outcome: Outcome
  ) {
    guard isLive(key.assignment, of: instance) else { return }
    let at = delivery(key.assignment, key.ordinal, destination)
    views[key.assignment].busy -= 1
    views[key.assignment].shares[destination].inFlight -= 1
    views[key.assignment].deliveries[at].state = .idle
    switch outcome {
    case .failed, .unavailable: views[key.assignment].deliveries[at].wasOutage = true
    default: break
    }
  }

  /// One answer, however many records.
  private mutating func observe(_ instance: Int, _ destination: Int, _ lead: DeliveryKey, _ outcomes: [Outcome]) {
    var failure: Outcome?
    for outcome in outcomes {
      switch outcome {
      case .accepted, .refused: return observe(instance, destination, lead, outcome)
      case .failed, .unavailable: failure = failure ?? outcome
      case .stale, .unsendable: break
      }
    }
    guard let failure else { return endProbe(instance, destination, lead) }
    observe(instance, destination, lead, failure)
    if outcomes.count > 1 { instances[instance].destinations[destination].othersFailed = true }
  }

  private mutating func endProbe(_ instance: Int, _ destination: Int, _ lead: DeliveryKey) {
    if instances[instance].destinations[destination].probe == lead {
      instances[instance].destinations[destination].probe = nil
    }
  }

  mutating func batchWasTold(_ instance: Int, _ id: BatchID, _ outcome: BatchOutcome) {
    let destination = Int(id.destination)
    guard let batch = instances[instance].batches[id] else { return }
    switch outcome {
    case .all(.stale): if batch.members.contains(where: { isInFlight($0, destination, of: instance) }) { return }
    case .all(.failed) where batch.members.count > 1: checkOpened(instance, destination)
    case .all(.failed): checkGivenUp(instance, batch.members, destination)
    case .each(let outcomes):
      checkGivenUp(
        instance, zip(batch.members, outcomes).filter { if case .failed = $1 { true } else { false } }.map(\.0),
        destination)
    case .all: break
    }
    instances[instance].batches[id] = nil
  }

  private mutating func checkGivenUp(_ instance: Int, _ keys: [DeliveryKey], _ destination: Int) {
    for key in keys where isLive(key.assignment, of: instance) { checkGivenUp(instance, key, destination) }
  }

  /// A batch whose connection was stale is on its way again.
  private func isInFlight(_ key: DeliveryKey, _ destination: Int, of instance: Int) -> Bool {
    isLive(key.assignment, of: instance)
      && views[key.assignment].deliveries[delivery(key.assignment, key.ordinal, destination)].state == .inFlight
  }

  // MARK: - Waits and dead letters

  /// After a tick: what a calm destination may have, and has waited long enough or fills a batch, is on its way.
  mutating func checkWaits(_ instance: Int) {
    guard instances[instance].drainBy == nil else { return }
    for destination in names.indices where calm[destination] {
      guard let allowed = policy.destinations[destination].batch else { continue }
      var waiting = 0
      for assignment in instances[instance].assignments where views[assignment].phase == .active {
        let view = views[assignment]
        guard policy.uncommittedMax >= view.told.count else { continue }
        for ordinal in view.start..<view.received where view.told[ordinal] & (1 << UInt64(destination)) == 0 {
          let known = view.deliveries[delivery(assignment, ordinal, destination)]
          let before = predecessor(assignment, ordinal, destination)
          guard known.state == .idle, known.requests == 0,
            before < view.start || view.told[before] & (1 << UInt64(destination)) != 0
          else { continue }
          waiting += 1
          let isBehind = before >= view.start
          let settledAt = isBehind ? view.deliveries[delivery(assignment, before, destination)].settledAt : 0
          let due = max(known.receivedAt, settledAt) + allowed.wait.count
          if due <= now { fail(.batchWait) { "\($0.name(assignment, ordinal, destination)): since \(clock(due))" } }
        }
      }
      if waiting >= allowed.recordsMax { fail(.batchWait) { "\($0.names[destination]): \(waiting) fill one" } }
    }
  }

  /// Refused or not to be sent: only by what the record is.
  mutating func checkNature(_ key: DeliveryKey, _ destination: Int) {
    guard !isCapricious else { return }
    let record = partitions[views[key.assignment].partition].records[key.ordinal]
    let isTooLarge = batches[destination].map { record.valueBytes > $0.bytesMax } ?? false
    switch record.natures[destination] {
    case .refused, .unsendable: break
    case .fine, .poison, .poisonHang:
      if !isTooLarge { fail(.neighbour) { $0.name(key.assignment, key.ordinal, destination) } }
    }
  }
}
