// From deliveries that are ready to one request for several of them.
//
// What may share a request, by the destination's order:
//
// | Order | A batch holds | Because |
// |---|---|---|
// | key | one record of each key, any number without one | a record is ready only when the one before it with its key is settled: its successor is not |
// | partition | of each partition the next records in a row if the API takes a batch whole, else one | what comes behind the last one waits until all of them are settled |
// | none | any records | |
//
// A batch that did not succeed goes back the same way: of records in a row only the first is ready again, the others
// wait behind it, so that none is sent again before all that stand before it are settled or beside it.

extension FanOutEngine {
  /// Lets a delivery that is ready wait for its destination's gate.
  mutating func enqueue(_ slot: Int, _ sequence: UInt64, _ destination: Int, at now: Instant) {
    let id = deliveryID(slot, sequence, destination)
    guard destinations[destination].isBatching else { return destinations[destination].ready.append(id) }
    let delivery = partitions[slot].ledger[sequence, destination]
    let bytes = partitions[slot].ledger.record(sequence)?.valueCount ?? 0
    destinations[destination].batches.append(
      BatchAssembly.Waiting(
        id: id, bytes: bytes, since: now, companyMax: Int(delivery.companyMax), isRetry: delivery.isRetry))
    partitions[slot].shares[destination].run = PartitionState.Run(
      start: sequence, end: sequence + 1, records: 1, bytes: bytes)
    if delivery.requests > 0 { watchAge(destination, at: now) }
  }

  /// Starts the batches that are full, have waited long enough, or come again, as far as the gate lets them: at the end
  /// of a turn, when all that may go together is there.
  mutating func startBatches(_ destination: Int, at now: Instant, into effects: inout [Effect]) {
    // Nothing is ready for the probe: what waits for the end of its backoff will do.
    while destinations[destination].breaker.state == .halfOpen(probe: nil), destinations[destination].batches.isEmpty,
      destinations[destination].notBefore <= now,
      let id = destinations[destination].backoffs.popDue(at: Instant(nanoseconds: .max))
    {
      endBackoff(id, at: now, into: &effects)
    }
    guard !destinations[destination].batches.isEmpty else { return }
    for ring in BatchAssembly.again { while startBatch(destination, ring, at: now, into: &effects) {} }
    while isDue(destination, at: now), startBatch(destination, BatchAssembly.fresh, at: now, into: &effects) {}
  }

  /// Whether what is new is to wait no longer.
  private mutating func isDue(_ destination: Int, at now: Instant) -> Bool {
    dropGone(destination, BatchAssembly.fresh)
    let isFull = fillsBatch(destination)
    destinations[destination].batches.mayBeFull = isFull
    guard let policy = destinations[destination].policy.batch,
      let first = destinations[destination].batches.first(BatchAssembly.fresh)
    else { return false }
    if isFull || planted(.waitsForFullBatches) { return isFull }
    return first.since + policy.wait <= now || !destinations[destination].breaker.isClosed
  }

  /// Whether what is new makes a batch that could not be larger.
  private mutating func fillsBatch(_ destination: Int) -> Bool {
    let limit = destinations[destination].batches.limit
    var records = destinations[destination].batches.freshCount
    var bytes = destinations[destination].batches.freshBytes
    guard destinations[destination].takesRuns, records > 0 else {
      return records >= limit.records || bytes >= limit.bytes
    }
    (records, bytes) = (0, 0)
    for slot in partitions.indices where partitions[slot].id != .none && !partitions[slot].isStopped {
      var run = partitions[slot].shares[destination].run
      guard partitions[slot].ledger.contains(run.start),
        partitions[slot].ledger[run.start, destination].joins(BatchAssembly.fresh, in: .ready)
      else { continue }
      while records + run.records < limit.records, bytes + run.bytes < limit.bytes,
        partitions[slot].ledger.contains(run.end)
      {
        let behind = partitions[slot].ledger[run.end, destination]
        if behind.phase != .passing {
          guard behind.joins(BatchAssembly.fresh, in: .waiting) else { break }
          run.records += 1
          run.bytes += partitions[slot].ledger.record(run.end)?.valueCount ?? 0
        }
        run.end += 1
      }
      partitions[slot].shares[destination].run = run
      records += run.records
      bytes += run.bytes
    }
    return records >= limit.records || bytes >= limit.bytes
  }

  /// The next record that the destination gets: what it skips does not end the row.
  private func nextInRow(_ slot: Int, from first: UInt64, _ destination: Int) -> UInt64? {
    var next = first
    while partitions[slot].ledger.contains(next) {
      if partitions[slot].ledger[next, destination].phase != .passing { return next }
      next += 1
    }
    return nil
  }

  // MARK: - One batch

  /// A request in the making.
  private struct Draft {
    let ring: Int
    /// At most so many records.
    var most: Int
    var members: [BatchAttempt.Member] = []
    var bytes = 0
    var hasFirsts = false
  }

  /// Takes what may go together from the front of a ring. False if the gate is closed, or nothing is there.
  private mutating func startBatch(
    _ destination: Int, _ ring: Int, at now: Instant, into effects: inout [Effect]
  ) -> Bool {
    dropGone(destination, ring)
    guard let first = destinations[destination].batches.first(ring), destinations[destination].letsThrough(at: now)
    else { return false }
    let isClosed = destinations[destination].breaker.isClosed
    if first.isRetry, isClosed, !destinations[destination].budget.take(at: now) { return false }
    // The probe is one record: nobody else is to suffer with it.
    var draft = Draft(ring: ring, most: isClosed ? destinations[destination].batches.limit.records : 1)
    if planted(.ignoresBatchRecords) { draft.most = .max }
    while let next = destinations[destination].batches.first(ring), next.isRetry == first.isRetry,
      fits(next.bytes, companyMax: next.companyMax, draft, destination)
    {
      _ = destinations[destination].batches.popFirst(ring)
      admit(next, to: &draft, destination, at: now, into: &effects)
    }
    guard let lead = draft.members.first else { return true }
    let ids = draft.members.map(\.id)
    let number = destinations[destination].batches.start(
      BatchAssembly.InFlight(lead: lead.id, ids: ids, bytes: draft.bytes, startedAt: now))
    destinations[destination].started(lead.id, isFirst: draft.hasFirsts, at: now)
    effects.append(
      .attemptBatch(
        BatchAttempt(
          id: BatchID(destination: UInt16(destination), number: number), members: draft.members,
          needsFreshConnection: false)))
    return true
  }

  /// What is at the front and cannot start any more says nothing of what comes behind it.
  private mutating func dropGone(_ destination: Int, _ ring: Int) {
    while let first = destinations[destination].batches.first(ring) {
      if let slot = slot(of: first.id), !partitions[slot].isStopped,
        partitions[slot].ledger[first.id.sequence, destination].phase == .ready
      {
        return
      }
      _ = destinations[destination].batches.popFirst(ring)
    }
  }

  private func fits(_ bytes: Int, companyMax: Int, _ draft: Draft, _ destination: Int) -> Bool {
    if draft.members.isEmpty { return true }
    guard destinations[destination].hasRoom else { return false }
    let most = companyMax == 0 ? draft.most : min(draft.most, companyMax)
    guard draft.members.count < most else { return false }
    return draft.bytes + bytes <= destinations[destination].batches.limit.bytes || planted(.ignoresBatchBytes)
  }

  /// Puts a delivery into the request, with those in a row behind it where the destination takes them so.
  private mutating func admit(
    _ waiting: BatchAssembly.Waiting, to draft: inout Draft, _ destination: Int, at now: Instant,
    into effects: inout [Effect]
  ) {
    let id = waiting.id
    guard let slot = slot(of: id), !partitions[slot].isStopped else { return }
    let delivery = partitions[slot].ledger[id.sequence, destination]
    guard delivery.phase == .ready, let record = partitions[slot].ledger.record(id.sequence) else { return }
    if isTooOld(delivery, destination, at: now) {
      let failure = troubles[id]?.failure ?? AttemptFailure(message: "too old")
      return bury(id, slot, .expired, failure, at: now, into: &effects)
    }
    if partitions[slot].shares[destination].atStake >= policy.uncommittedMax,
      destinations[destination].policy.isRequired
    {
      partitions[slot].shares[destination].parked.append(id.sequence)
      return commit(slot, at: now, into: &effects)
    }
    begin(slot, id.sequence, destination, record, in: &draft, at: now)
    guard destinations[destination].takesRuns else { return }
    var last = id.sequence
    while partitions[slot].shares[destination].atStake < policy.uncommittedMax,
      let next = nextInRow(slot, from: last + 1, destination)
    {
      let behind = partitions[slot].ledger[next, destination]
      guard behind.joins(draft.ring, in: .waiting), !isTooOld(behind, destination, at: now),
        let record = partitions[slot].ledger.record(next),
        fits(record.valueCount, companyMax: Int(behind.companyMax), draft, destination)
      else { return }
      begin(slot, next, destination, record, in: &draft, at: now)
      last = next
    }
  }

  private mutating func begin(
    _ slot: Int, _ sequence: UInt64, _ destination: Int, _ record: Record, in draft: inout Draft, at now: Instant
  ) {
    var delivery = partitions[slot].ledger[sequence, destination]
    if delivery.requests == 0 {
      delivery.firstAttemptAt = now
      draft.hasFirsts = true
    }
    if delivery.companyMax > 0 { draft.most = min(draft.most, Int(delivery.companyMax)) }
    delivery.startedAt = now
    delivery.phase = .inFlight
    delivery.requests &+= 1
    partitions[slot].ledger[sequence, destination] = delivery
    partitions[slot].busy += 1
    partitions[slot].shares[destination].inFlight += 1
    if hasOptional { countBusy(slot, sequence, destination, begins: true) }
    draft.bytes += record.valueCount
    draft.members.append(
      BatchAttempt.Member(
        id: deliveryID(slot, sequence, destination), record: record, number: Int(delivery.requests)))
  }
}

extension PartitionLedger.Delivery {
  /// Whether it may share a request with what waits in this ring.
  fileprivate func joins(_ ring: Int, in phase: PartitionLedger.Phase) -> Bool {
    self.phase == phase && BatchAssembly.ring(companyMax: Int(companyMax), isRetry: isRetry) == ring
  }
}
