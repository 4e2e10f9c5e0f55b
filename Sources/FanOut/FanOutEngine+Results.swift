// One row for each record on the results topic, before its offset is committed: the row is what the record waits for when
// every required destination is done with it.

extension FanOutEngine {
  /// A row's id: the record's with the destination behind the last one.
  private func rowID(_ slot: Int, _ sequence: UInt64) -> DeliveryID { deliveryID(slot, sequence, destinations.count) }

  mutating func beginRow(_ slot: Int, _ sequence: UInt64, restored: UInt64, skipped: UInt64) {
    let columns = destinations.indices.map { destination in
      let bit = UInt64(1) << UInt64(destination)
      return ResultRow.Column(skipped & bit != 0 ? .skipped : restored & bit != 0 ? .restored : .pending)
    }
    partitions[slot].rows[sequence] = RowDraft(row: ResultRow(columns: columns))
  }

  // MARK: - Facts

  mutating func noteAccepted(_ id: DeliveryID, _ slot: Int, status: UInt16, body: [UInt8], at now: Instant) {
    note(.delivered, of: id, slot, status: status, body: body, at: now)
  }

  mutating func noteBuried(
    _ id: DeliveryID, _ slot: Int, _ reason: DeadLetterReason, _ failure: AttemptFailure, at now: Instant
  ) {
    let ending = planted(.rowSaysDelivered) ? .delivered : ResultRow.Ending.deadLettered(reason)
    note(ending, of: id, slot, status: failure.status, body: failure.kept, at: now)
  }

  private mutating func note(
    _ ending: ResultRow.Ending, of id: DeliveryID, _ slot: Int, status: UInt16, body: [UInt8], at now: Instant
  ) {
    guard partitions[slot].rows[id.sequence]?.isClosed == false else { return }
    let delivery = partitions[slot].ledger[id.sequence, Int(id.destination)]
    var column = ResultRow.Column(ending)
    column.status = status
    column.attempts = Int(delivery.requests)
    column.duration = delivery.requests == 0 ? nil : now - delivery.firstAttemptAt
    column.body = body
    partitions[slot].rows[id.sequence]?.row.columns[Int(id.destination)] = column
    partitions[slot].rows[id.sequence]?.bytes += body.count
    // It takes the place of records that could be read instead.
    giveBack(records: 0, bytes: -body.count)
  }

  // MARK: - Writing

  /// Writes the row when the last required destination is done with the record.
  mutating func closeRow(_ slot: Int, _ sequence: UInt64, at now: Instant, into effects: inout [Effect]) {
    let done = partitions[slot].ledger.settledBits(sequence)
    guard done & policy.required == policy.required || planted(.rowComesEarly) && done != 0,
      var draft = partitions[slot].rows[sequence], !draft.isClosed
    else { return }
    draft.isClosed = true
    for destination in destinations.indices
    where done & (1 << UInt64(destination)) == 0 && draft.row.columns[destination].ending != .pending {
      // Its dead letter is not on the topic yet.
      draft.row.columns[destination] = ResultRow.Column(.pending)
    }
    partitions[slot].rows[sequence] = draft
    writeRow(slot, sequence, into: &effects)
    if planted(.rowCountsWhenSent) { resultWritten(rowID(slot, sequence), error: nil, at: now, into: &effects) }
  }

  private mutating func writeRow(_ slot: Int, _ sequence: UInt64, into effects: inout [Effect]) {
    guard let draft = partitions[slot].rows[sequence], let record = partitions[slot].ledger.record(sequence) else {
      return
    }
    partitions[slot].rows[sequence]?.isOnItsWay = true
    partitions[slot].rows[sequence]?.nextTryAt = nil
    partitions[slot].busy += 1
    partitions[slot].rowsOnTheirWay += 1
    effects.append(.result(rowID(slot, sequence), record, draft.row))
  }

  /// A row that could not be written is written again, as a dead letter is.
  mutating func resultWritten(_ id: DeliveryID, error: String?, at now: Instant, into effects: inout [Effect]) {
    guard let slot = slot(of: id), var draft = partitions[slot].rows[id.sequence], draft.isOnItsWay else { return }
    partitions[slot].busy -= 1
    partitions[slot].rowsOnTheirWay -= 1
    guard let error, !planted(.rowCountsWhenFailed) else {
      partitions[slot].rows[id.sequence] = nil
      if !planted(.leaksBodies) { giveBack(records: 0, bytes: draft.bytes) }
      return completeRow(slot, id.sequence, at: now, into: &effects)
    }
    let due = now + Self.rewrite.backoff(afterFailures: draft.failures + 1, random: &random)
    draft.isOnItsWay = false
    draft.failures += 1
    draft.lastError = error
    draft.nextTryAt = due
    partitions[slot].rows[id.sequence] = draft
    rowRetries.insert(id, due: due)
  }

  mutating func rewriteRows(at now: Instant, into effects: inout [Effect]) {
    while let id = rowRetries.popDue(at: now), !planted(.dropsFailedRows) {
      guard let slot = slot(of: id), !partitions[slot].isStopped,
        partitions[slot].rows[id.sequence]?.isOnItsWay == false
      else { continue }
      writeRow(slot, id.sequence, into: &effects)
    }
  }

  /// The row was the last thing that the record waited for.
  private mutating func completeRow(_ slot: Int, _ sequence: UInt64, at now: Instant, into effects: inout [Effect]) {
    let settlement = partitions[slot].ledger.endRow(sequence)
    // A commit says so, or it would be written again by whoever reads the record next.
    partitions[slot].hasMoved = true
    if nextCommitAt == nil { nextCommitAt = now + policy.commitEvery }
    if settlement.orderHash != 0, !partitions[slot].ledger.isPassing(sequence) {
      partitions[slot].order.remove(hash: settlement.orderHash, ifLastIs: sequence)
    }
    if let record = settlement.completed { letGo(slot, record, at: now, into: &effects) }
    if hasOptional { keep(slot, sequence, at: now, into: &effects) }
  }

  /// What holds up the record at the watermark, if it is its row.
  func pendingRow(_ slot: Int, _ sequence: UInt64) -> FanOutSnapshot.Pending? {
    guard let draft = partitions[slot].rows[sequence], draft.isClosed else { return nil }
    return FanOutSnapshot.Pending(
      destination: "results", state: .writingRow, attempts: draft.failures + 1, nextTryAt: draft.nextTryAt,
      lastFailure: draft.failures == 0 ? nil : AttemptFailure(message: draft.lastError))
  }
}
