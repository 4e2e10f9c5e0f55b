import FanOut

// What an instance is told, before its engine handles it.

extension Oracle {
  mutating func tells(_ instance: Int, _ event: Event) {
    switch event {
    case .received(let record, let skipped): tellsRecord(instance, record, skipped)
    case .finished(let id, let outcome): tellsOutcome(instance, id, outcome)
    case .batchFinished(let id, let outcome): tellsBatch(instance, id, outcome)
    case .deadLetterWritten(let id, let error): tellsLetter(instance, id, error)
    case .resultWritten(let id, let error): tellsRow(instance, id, error)
    case .committed(let id, let offset, let result): tellsCommit(instance, Int(id.epoch), offset, result)
    case .assigned: tally.assignments += 1
    case .revoked(let id):
      note { _ in "i\(instance): assignment \(id.epoch) is revoked" }
      guard isLive(Int(id.epoch), of: instance) else { return }
      views[Int(id.epoch)].phase = .revoked(by: now + policy.revocation.count)
    case .lost(let id):
      note { _ in "i\(instance): assignment \(id.epoch) is lost" }
      mayRepeat = true
      if isLive(Int(id.epoch), of: instance) { end(Int(id.epoch)) }
    case .drain:
      tally.drains += 1
      note { _ in "i\(instance) drains" }
      instances[instance].drainBy = now + policy.drain.count
    case .tick: break
    }
  }

  private mutating func tellsRecord(_ instance: Int, _ record: Record, _ skipped: UInt64) {
    let assignment = Int(record.assignment.epoch)
    guard isLive(assignment, of: instance) else { return }
    let ordinal = views[assignment].received
    views[assignment].received += 1
    tally.records += 1
    for destination in names.indices {
      views[assignment].deliveries[delivery(assignment, ordinal, destination)].receivedAt = now
    }
    if views[assignment].told[ordinal] != 0 { tally.restored += 1 }
    tally.skipped += skipped.nonzeroBitCount
    views[assignment].told[ordinal] |= skipped
    complete(assignment, ordinal, bytes: record.footprint)
  }

  private mutating func tellsOutcome(_ instance: Int, _ id: DeliveryID, _ outcome: Outcome) {
    let assignment = Int(id.assignment.epoch)
    let destination = Int(id.destination)
    let key = DeliveryKey(assignment: assignment, ordinal: views[assignment].start + Int(id.sequence))
    note { "i\(instance): \($0.name(assignment, key.ordinal, destination)): \($0.brief(outcome))" }
    instances[instance].destinations[destination].inFlight -= 1
    observe(instance, destination, key, outcome)
    conclude(instance, key, destination, outcome)
  }

  /// What an outcome says of the record.
  mutating func conclude(_ instance: Int, _ key: DeliveryKey, _ destination: Int, _ outcome: Outcome) {
    let assignment = key.assignment
    guard isLive(assignment, of: instance) else { return }
    let at = delivery(assignment, key.ordinal, destination)
    views[assignment].busy -= 1
    views[assignment].shares[destination].inFlight -= 1
    var known = views[assignment].deliveries[at]
    switch outcome {
    case .accepted(let status, let body):
      views[assignment].deliveries[at].state = .idle
      conclude(at, of: assignment, .delivered, status: status, body: body)
      return settle(assignment, key.ordinal, destination)
    case .refused(_, let failure):
      known.state = .refused
      known.column.body = failure.kept
    case .unsendable:
      known.state = .unsendable
      known.requests -= 1
    case .stale: known.state = .stale
    case .failed:
      known.state = .idle
      let healthy = instances[instance].destinations[destination].healthy
      if known.failures == 0 { known.healthAtFirstFailure = healthy }
      if known.failures == 0 || known.healthAtFailure != healthy { known.proven += 1 }
      known.healthAtFailure = healthy
      known.failures += 1
      known.wasOutage = false
    case .unavailable:
      known.state = .idle
      known.wasOutage = true
    }
    views[assignment].deliveries[at] = known
  }

  /// What an outcome says of the destination.
  mutating func observe(_ instance: Int, _ destination: Int, _ key: DeliveryKey, _ outcome: Outcome) {
    var view = instances[instance].destinations[destination]
    switch outcome {
    case .accepted, .refused:
      view.healthy += 1
      (view.row, view.firstFailer, view.othersFailed) = (0, nil, false)
      if view.probe == key { view.probe = nil }
    case .failed(let failure), .unavailable(let failure):
      view.row += 1
      if case .unavailable = outcome { view.othersFailed = true }
      if view.firstFailer == nil { view.firstFailer = key } else if view.firstFailer != key { view.othersFailed = true }
      if let wait = failure.retryAfter { view.notBefore = max(view.notBefore, now + min(wait.count, 300 * second)) }
      if view.probe == key {
        view.probe = nil
        view.openUntil = now + policy.destinations[destination].breaker.openFor.count
      }
    case .unsendable: if view.probe == key { view.probe = nil }
    case .stale: break
    }
    instances[instance].destinations[destination] = view
  }

  private mutating func settle(_ assignment: Int, _ ordinal: Int, _ destination: Int) {
    let at = delivery(assignment, ordinal, destination)
    views[assignment].deliveries[at].state = .settled
    views[assignment].deliveries[at].settledAt = now
    views[assignment].told[ordinal] |= 1 << UInt64(destination)
    // Of what the watermark has passed no commit speaks.
    if ordinal >= views[assignment].head { views[assignment].shares[destination].settled += 1 }
    tally.accepted += 1
    let key = DeliveryKey(assignment: assignment, ordinal: ordinal)
    instances[views[assignment].instance].destinations[destination].kept.removeAll { $0.key == key }
    if required & (1 << UInt64(destination)) != 0 { complete(assignment, ordinal) }
  }

  private mutating func tellsLetter(_ instance: Int, _ id: DeliveryID, _ error: String?) {
    let assignment = Int(id.assignment.epoch)
    guard isLive(assignment, of: instance) else { return }
    let ordinal = views[assignment].start + Int(id.sequence)
    let destination = Int(id.destination)
    note { "i\(instance): dead letter of \($0.name(assignment, ordinal, destination)): \(error ?? "written")" }
    views[assignment].busy -= 1
    views[assignment].shares[destination].letters -= 1
    if error == nil { return settle(assignment, ordinal, destination) }
    views[assignment].deliveries[delivery(assignment, ordinal, destination)].state = .letterFailed
  }

  private mutating func tellsCommit(_ instance: Int, _ assignment: Int, _ offset: Int64, _ result: CommitResult) {
    note { _ in "i\(instance): commit \(offset) of assignment \(assignment): \(result)" }
    guard isLive(assignment, of: instance) else { return }
    views[assignment].commitInFlight = false
    switch result {
    case .assignmentGone:
      mayRepeat = true
      end(assignment)
    case .metadataRefused:
      mayRepeat = true
      views[assignment].saysLess = true
    case .committed:
      views[assignment].committed = offset
      for destination in names.indices {
        views[assignment].shares[destination].known = views[assignment].shares[destination].committing
      }
    case .unknown, .forbidden: break
    }
  }

  func brief(_ outcome: Outcome) -> String {
    switch outcome {
    case .accepted: "accepted"
    case .refused(let reason, _): "refused (\(reason.rawValue))"
    case .failed(let failure): "failed: \(failure.message)"
    case .unavailable(let failure):
      "unavailable: \(failure.message)" + (failure.retryAfter.map { ", retry after \(clock($0.count)) s" } ?? "")
    case .stale: "stale connection"
    case .unsendable(let reason, _): "unsendable (\(reason.rawValue))"
    }
  }
}
