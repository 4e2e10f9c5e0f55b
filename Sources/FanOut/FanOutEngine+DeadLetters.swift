// What a destination will not take goes to the dead-letter topic, and is settled when the broker has it.

extension FanOutEngine {
  /// Between two writes of a letter that failed.
  static let rewrite = RetryPolicy(
    attempts: 1, backoffMin: .milliseconds(200), backoffMax: .seconds(10), maxAge: nil)

  mutating func bury(
    _ id: DeliveryID, _ slot: Int, _ reason: DeadLetterReason, _ failure: AttemptFailure, at now: Instant,
    into effects: inout [Effect]
  ) {
    let delivery = partitions[slot].ledger[id.sequence, Int(id.destination)]
    if planted(.backsOffRefusals), reason == .rejected {
      return backOff(id, slot, failure, waits: 1, at: now, into: &effects)
    }
    if keepsResults { noteBuried(id, slot, reason, failure, at: now) }
    let failure = failure.withoutBody
    let letter = DeadLetter(
      reason: reason, failure: failure, attempts: Int(delivery.requests), firstAttemptAt: delivery.firstAttemptAt,
      failedAt: now)
    partitions[slot].ledger[id.sequence, Int(id.destination)].phase = .deadLettering
    troubles[id] = Trouble(failure: failure, letter: letter)
    if hasOptional { countBusy(slot, id.sequence, Int(id.destination), begins: true) }
    writeLetter(id, slot, into: &effects)
    if planted(.letterSettlesWhenSent) { settle(id, slot, at: now, into: &effects) }
  }

  private mutating func writeLetter(_ id: DeliveryID, _ slot: Int, into effects: inout [Effect]) {
    guard let trouble = troubles[id], let letter = trouble.letter,
      let record = partitions[slot].ledger.record(id.sequence)
    else { return }
    partitions[slot].busy += 1
    partitions[slot].shares[Int(id.destination)].letters += 1
    effects.append(.deadLetter(id, record, letter))
  }

  /// A letter that could not be written is written again, for ever: the record is in nobody's hands until then. Not
  /// once the partition is to be given up, though: whoever reads it next will write the letter.
  mutating func letterWritten(_ id: DeliveryID, error: String?, at now: Instant, into effects: inout [Effect]) {
    let destination = Int(id.destination)
    guard destination < destinations.count, let slot = slot(of: id),
      partitions[slot].ledger[id.sequence, destination].phase == .deadLettering
    else { return }
    partitions[slot].busy -= 1
    partitions[slot].shares[destination].letters -= 1
    guard error != nil, !planted(.letterSettlesWhenFailed) else {
      destinations[destination].counts.deadLetters += 1
      if hasOptional { countBusy(slot, id.sequence, destination, begins: false) }
      return settle(id, slot, at: now, into: &effects)
    }
    let failures = (troubles[id]?.letterFailures ?? 0) + 1
    let due = now + Self.rewrite.backoff(afterFailures: failures, random: &random)
    troubles[id]?.letterFailures = failures
    troubles[id]?.nextTryAt = due
    letterRetries.insert(id, due: due)
  }

  mutating func rewriteLetters(at now: Instant, into effects: inout [Effect]) {
    while let id = letterRetries.popDue(at: now), !planted(.dropsFailedLetters) {
      guard let slot = slot(of: id), !partitions[slot].isStopped,
        partitions[slot].ledger[id.sequence, Int(id.destination)].phase == .deadLettering
      else { continue }
      troubles[id]?.nextTryAt = nil
      writeLetter(id, slot, into: &effects)
    }
  }
}
