import FanOut

// What an engine wants done, checked before it is carried out.

extension Oracle {
  /// For a commit: its number in `commits`.
  mutating func emits(_ instance: Int, _ effect: Effect) {
    switch effect {
    case .attempt(let attempt): emitsAttempt(instance, attempt)
    case .deadLetter(let id, let record, let letter): emitsLetter(instance, id, record, letter)
    case .commit(let id, let offset, let metadata): emitsCommit(instance, Int(id.epoch), offset, metadata)
    case .released(let id): emitsReleased(instance, Int(id.epoch))
    case .credit(let records, let bytes): emitsCredit(instance, records, bytes)
    case .drained(let isComplete): emitsDrained(instance, isComplete)
    case .notice(let notice): emitsNotice(instance, notice)
    }
  }

  /// After an event was handled: what had to happen by now.
  mutating func wasTicked(_ instance: Int) {
    for assignment in instances[instance].assignments {
      if case .revoked(let by) = views[assignment].phase, by <= now {
        fail(.overdue) { _ in "assignment \(assignment) was to be released by \(clock(by))" }
      }
    }
    if let by = instances[instance].drainBy, by <= now, !instances[instance].hasDrained {
      fail(.overdue) { _ in "i\(instance) was to be drained by \(clock(by))" }
    }
  }

  /// After an outcome was handled.
  mutating func wasTold(_ instance: Int, _ event: Event) {
    if required != everybody { checkKept(instance) }
    guard case .finished(let id, .failed) = event, isLive(Int(id.assignment.epoch), of: instance) else { return }
    let assignment = Int(id.assignment.epoch)
    let destination = Int(id.destination)
    let ordinal = views[assignment].start + Int(id.sequence)
    let known = views[assignment].deliveries[delivery(assignment, ordinal, destination)]
    let view = instances[instance].destinations[destination]
    guard known.state == .idle, view.openUntil == nil else { return }
    if view.row >= policy.destinations[destination].breaker.openAfter, view.othersFailed {
      fail(.breakerStaysClosed) { "\($0.names[destination]): \(view.row) failures in a row" }
    }
    if known.proven >= policy.destinations[destination].retry.attempts {
      fail(.givesNotUp) { "\($0.name(assignment, ordinal, destination)) failed \(known.failures) times" }
    }
  }

  // MARK: - Attempts

  private mutating func emitsAttempt(_ instance: Int, _ attempt: Attempt) {
    let assignment = Int(attempt.id.assignment.epoch)
    let destination = Int(attempt.id.destination)
    tally.attempts += 1
    guard isLive(assignment, of: instance) else {
      return fail(.ended) { _ in "i\(instance) attempts something of assignment \(assignment)" }
    }
    let partition = views[assignment].partition
    guard let ordinal = partitions[partition].ordinal(of: attempt.record.offset),
      ordinal < views[assignment].received, attempt.record.assignment == attempt.id.assignment,
      ordinal == views[assignment].start + Int(attempt.id.sequence), destination < names.count
    else { return fail(.identity) { _ in "\(attempt.id) is not the id of offset \(attempt.record.offset)" } }
    note {
      "i\(instance): \($0.name(assignment, ordinal, destination)): attempt \(attempt.number)"
        + (attempt.needsFreshConnection ? ", fresh connection" : "")
    }
    let at = delivery(assignment, ordinal, destination)
    var known = views[assignment].deliveries[at]
    if partitions[partition].records[ordinal].skips & (1 << UInt64(destination)) != 0 {
      fail(.skipped) { $0.name(assignment, ordinal, destination) }
    }
    checkState(assignment, ordinal, destination, known, attempt)
    checkGate(instance, destination, DeliveryKey(assignment: assignment, ordinal: ordinal), attempt)
    if known.requests == 0 { checkOrder(assignment, ordinal, destination) }
    // What was not sent for a stale connection, and had to wait then, begins anew.
    let isFirst = known.requests == 0 || known.requests == 1 && known.state == .stale
    if isFirst, !attempt.needsFreshConnection { known.firstAttemptAt = now }
    if !attempt.needsFreshConnection {
      if known.state != .stale { known.requests += 1 }
      if views[assignment].phase != .active || instances[instance].drainBy != nil {
        fail(.stopped) { $0.name(assignment, ordinal, destination) }
      }
    }
    known.state = .inFlight
    views[assignment].deliveries[at] = known
    views[assignment].busy += 1
    views[assignment].shares[destination].inFlight += 1
    instances[instance].destinations[destination].inFlight += 1
    let share = views[assignment].shares[destination]
    if share.inFlight + share.settled - share.covered > policy.uncommittedMax, !views[assignment].saysLess,
      !attempt.needsFreshConnection, policy.destinations[destination].isRequired
    {
      fail(.uncommitted) {
        "\($0.name(assignment, ordinal, destination)): \(share), allowed \($0.policy.uncommittedMax)"
      }
    }
    let inFlight = instances[instance].destinations[destination].inFlight
    if inFlight > policy.destinations[destination].concurrency.upperBound {
      fail(.concurrency) { "\($0.name(assignment, ordinal, destination)): \(inFlight)" }
    }
  }

  private mutating func checkState(
    _ assignment: Int, _ ordinal: Int, _ destination: Int, _ known: DeliveryView, _ attempt: Attempt
  ) {
    let bit = UInt64(1) << UInt64(destination)
    if views[assignment].claims[ordinal] & bit != 0 { fail(.restored) { $0.name(assignment, ordinal, destination) } }
    if views[assignment].told[ordinal] & bit != 0 { fail(.repeated) { $0.name(assignment, ordinal, destination) } }
    if let maxAge = policy.destinations[destination].retry.maxAge, known.requests > 0,
      now - known.firstAttemptAt > maxAge.count + 2 * second
    {
      fail(.tooOld) { "\($0.name(assignment, ordinal, destination)): since \(clock(known.firstAttemptAt))" }
    }
    switch known.state {
    case .idle, .stale: break
    case .inFlight: fail(.overlapping) { $0.name(assignment, ordinal, destination) }
    default: fail(.repeated) { "\($0.name(assignment, ordinal, destination)) is \(known.state)" }
    }
    // What was not sent for a stale connection goes on at once, or starts anew once the gate is open.
    let isAgain = known.state == .stale
    if attempt.number != Int(known.requests) + (isAgain ? 0 : 1) || attempt.needsFreshConnection && !isAgain {
      fail(.identity) { "\($0.name(assignment, ordinal, destination)): \(attempt.number) after \(known.requests)" }
    }
  }

  /// Breaker, Retry-After, rate.
  private mutating func checkGate(_ instance: Int, _ destination: Int, _ key: DeliveryKey, _ attempt: Attempt) {
    var view = instances[instance].destinations[destination]
    if now < view.notBefore {
      fail(.retryAfter) { "\($0.name(key.assignment, key.ordinal, destination)): not before \(clock(view.notBefore))" }
    }
    if let openUntil = view.openUntil, view.probe != key {
      if now < openUntil || view.probe != nil {
        fail(.breaker) { "\($0.name(key.assignment, key.ordinal, destination)): open until \(clock(openUntil))" }
      }
      view.probe = key
    }
    if let rate = policy.destinations[destination].rate, !attempt.needsFreshConnection {
      let interval = Int64(1e9 / rate)
      // A tenth of a second's worth may go at once.
      if now < view.conformsAt - max(interval, second / 10) {
        fail(.rate) { "\($0.name(key.assignment, key.ordinal, destination)): \(rate) a second" }
      }
      view.conformsAt = max(view.conformsAt, now) + interval
    }
    instances[instance].destinations[destination] = view
  }

  private mutating func checkOrder(_ assignment: Int, _ ordinal: Int, _ destination: Int) {
    guard policy.destinations[destination].isRequired else {
      return checkOptionalOrder(assignment, ordinal, destination)
    }
    let truth = partitions[views[assignment].partition]
    let before = truth.previous(ordinal, destination, policy.destinations[destination].order)
    if before >= 0, truth.had[before] & (1 << UInt64(destination)) == 0 {
      fail(.order) { "\($0.name(assignment, ordinal, destination)) waits for @\(truth.records[before].offset)" }
    }
    guard calm[destination], policy.uncommittedMax >= truth.records.count else { return }
    let start = views[assignment].start
    let waitedFor = before >= start ? views[assignment].deliveries[delivery(assignment, before, destination)] : nil
    let receivedAt = views[assignment].deliveries[delivery(assignment, ordinal, destination)].receivedAt
    let mayGo = max(receivedAt, waitedFor?.settledAt ?? 0)
    if now > mayGo { fail(.isolation) { "\($0.name(assignment, ordinal, destination)) could go at \(clock(mayGo))" } }
  }

  // MARK: - Dead letters

  private mutating func emitsLetter(_ instance: Int, _ id: DeliveryID, _ record: Record, _ letter: DeadLetter) {
    let assignment = Int(id.assignment.epoch)
    let destination = Int(id.destination)
    guard isLive(assignment, of: instance) else {
      return fail(.ended) { _ in "i\(instance) writes a dead letter of assignment \(assignment)" }
    }
    let ordinal = views[assignment].start + Int(id.sequence)
    guard partitions[views[assignment].partition].ordinal(of: record.offset) == ordinal else {
      return fail(.identity) { _ in "\(id) is not the id of offset \(record.offset)" }
    }
    note { "i\(instance): dead letter of \($0.name(assignment, ordinal, destination)): \(letter.reason.rawValue)" }
    tally.letters += 1
    let known = views[assignment].deliveries[delivery(assignment, ordinal, destination)]
    checkReason(instance, DeliveryKey(assignment: assignment, ordinal: ordinal), destination, known, letter)
    views[assignment].deliveries[delivery(assignment, ordinal, destination)].state = .lettering
    views[assignment].busy += 1
    views[assignment].shares[destination].letters += 1
  }

  private mutating func checkReason(
    _ instance: Int, _ key: DeliveryKey, _ destination: Int, _ known: DeliveryView, _ letter: DeadLetter
  ) {
    let what = name(key.assignment, key.ordinal, destination)
    let retry = policy.destinations[destination].retry
    switch (known.state, letter.reason) {
    case (.letterFailed, _), (.refused, .rejected), (.unsendable, .template): break
    case (.idle, .expired):
      guard let maxAge = retry.maxAge, now - known.firstAttemptAt >= maxAge.count, known.requests > 0 else {
        return fail(.letterReason) { _ in "\(what) is not too old" }
      }
    case (.idle, .exhausted):
      if known.wasOutage || known.failures < retry.attempts {
        fail(.letterReason) { _ in "\(what) had \(known.failures) of \(retry.attempts) attempts" }
      }
      let view = instances[instance].destinations[destination]
      if view.openUntil != nil { fail(.outageLetter) { _ in "\(what): the breaker is open" } }
      let hasWorked = view.healthy != known.healthAtFirstFailure
      if retry.attempts > 1, !hasWorked, view.othersFailed {
        fail(.outageLetter) { _ in "\(what): nothing shows that the destination works" }
      }
    case (.lettering, _), (.settled, _): fail(.letterTwice) { _ in what }
    default: fail(.letterReason) { _ in "\(what) is \(known.state), the reason \(letter.reason.rawValue)" }
    }
    if letter.attempts != Int(known.requests) { fail(.letterReason) { _ in "\(what): \(letter.attempts) attempts" } }
  }
}
