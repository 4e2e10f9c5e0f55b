import FanOut

// What an engine wants done, checked before it is carried out.

extension Oracle {
  /// For a commit: its number in `commits`.
  mutating func emits(_ instance: Int, _ effect: Effect) {
    switch effect {
    case .attempt(let attempt): emitsAttempt(instance, attempt)
    case .attemptBatch(let batch): emitsBatch(instance, batch)
    case .deadLetter(let id, let record, let letter): emitsLetter(instance, id, record, letter)
    case .result(let id, let record, let row): emitsRow(instance, id, record, row)
    case .commit(let id, let offset, let metadata): emitsCommit(instance, Int(id.epoch), offset, metadata)
    case .released(let id): emitsReleased(instance, Int(id.epoch))
    case .credit(let records, let bytes): emitsCredit(instance, records, bytes)
    case .drained(let isComplete): emitsDrained(instance, isComplete)
    case .notice(let notice): emitsNotice(instance, notice)
    }
  }

  /// After an event was handled: what had to happen by now.
  mutating func wasTicked(_ instance: Int) {
    checkWaits(instance)
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
    switch event {
    case .finished(let id, .failed):
      guard isLive(Int(id.assignment.epoch), of: instance) else { return }
      let assignment = Int(id.assignment.epoch)
      let key = DeliveryKey(assignment: assignment, ordinal: views[assignment].start + Int(id.sequence))
      checkGivenUp(instance, key, Int(id.destination))
    case .batchFinished(let id, let outcome): batchWasTold(instance, id, outcome)
    default: break
    }
  }

  /// After a failure that is this record's, if it is anybody's.
  mutating func checkGivenUp(_ instance: Int, _ key: DeliveryKey, _ destination: Int) {
    let known = views[key.assignment].deliveries[delivery(key.assignment, key.ordinal, destination)]
    let view = instances[instance].destinations[destination]
    guard known.state == .idle, view.openUntil == nil else { return }
    checkOpened(instance, destination)
    if known.proven >= policy.destinations[destination].retry.attempts {
      fail(.givesNotUp) { "\($0.name(key.assignment, key.ordinal, destination)) failed \(known.failures) times" }
    }
  }

  mutating func checkOpened(_ instance: Int, _ destination: Int) {
    let view = instances[instance].destinations[destination]
    if view.row >= policy.destinations[destination].breaker.openAfter, view.othersFailed, view.openUntil == nil {
      fail(.breakerStaysClosed) { "\($0.names[destination]): \(view.row) failures in a row" }
    }
  }

  // MARK: - Attempts

  /// One record in a request.
  struct Requested {
    let id: DeliveryID
    let record: Record
    let number: Int
    let isFresh: Bool
  }

  private mutating func emitsAttempt(_ instance: Int, _ attempt: Attempt) {
    tally.attempts += 1
    let requested = Requested(
      id: attempt.id, record: attempt.record, number: attempt.number, isFresh: attempt.needsFreshConnection)
    guard let key = recognise(instance, requested) else { return }
    let destination = Int(attempt.id.destination)
    let isFirst = views[key.assignment].deliveries[delivery(key.assignment, key.ordinal, destination)].requests == 0
    checkGate(instance, destination, key, isFresh: requested.isFresh)
    if isFirst { checkOrder(key.assignment, key.ordinal, destination) }
    start(instance, key, requested)
    countInFlight(instance, destination)
  }

  /// The record that a request is for; nil if that is none.
  mutating func recognise(_ instance: Int, _ requested: Requested) -> DeliveryKey? {
    let assignment = Int(requested.id.assignment.epoch)
    guard isLive(assignment, of: instance) else {
      fail(.ended) { _ in "i\(instance) attempts something of assignment \(assignment)" }
      return nil
    }
    guard let ordinal = partitions[views[assignment].partition].ordinal(of: requested.record.offset),
      ordinal < views[assignment].received, requested.record.assignment == requested.id.assignment,
      ordinal == views[assignment].start + Int(requested.id.sequence), Int(requested.id.destination) < names.count
    else {
      fail(.identity) { _ in "\(requested.id) is not the id of offset \(requested.record.offset)" }
      return nil
    }
    note {
      "i\(instance): \($0.name(assignment, ordinal, Int(requested.id.destination))): attempt \(requested.number)"
        + (requested.isFresh ? ", fresh connection" : "")
    }
    return DeliveryKey(assignment: assignment, ordinal: ordinal)
  }

  mutating func start(_ instance: Int, _ key: DeliveryKey, _ requested: Requested) {
    let (assignment, ordinal, destination) = (key.assignment, key.ordinal, Int(requested.id.destination))
    let at = delivery(assignment, ordinal, destination)
    var known = views[assignment].deliveries[at]
    if partitions[views[assignment].partition].records[ordinal].skips & (1 << UInt64(destination)) != 0 {
      fail(.skipped) { $0.name(assignment, ordinal, destination) }
    }
    checkState(assignment, ordinal, destination, known, requested)
    // What was not sent for a stale connection, and had to wait then, begins anew.
    let isFirst = known.requests == 0 || known.requests == 1 && known.state == .stale
    if isFirst, !requested.isFresh { known.firstAttemptAt = now }
    if !requested.isFresh {
      if known.state != .stale { known.requests += 1 }
      if views[assignment].phase != .active || instances[instance].drainBy != nil {
        fail(.stopped) { $0.name(assignment, ordinal, destination) }
      }
    }
    known.state = .inFlight
    views[assignment].deliveries[at] = known
    views[assignment].busy += 1
    views[assignment].shares[destination].inFlight += 1
    let share = views[assignment].shares[destination]
    if share.inFlight + share.settled - share.covered > policy.uncommittedMax, !views[assignment].saysLess,
      !requested.isFresh, policy.destinations[destination].isRequired
    {
      fail(.uncommitted) {
        "\($0.name(assignment, ordinal, destination)): \(share), allowed \($0.policy.uncommittedMax)"
      }
    }
  }

  mutating func countInFlight(_ instance: Int, _ destination: Int) {
    instances[instance].destinations[destination].inFlight += 1
    let inFlight = instances[instance].destinations[destination].inFlight
    if inFlight > policy.destinations[destination].concurrency.upperBound {
      fail(.concurrency) { "\($0.names[destination]): \(inFlight)" }
    }
  }

  private mutating func checkState(
    _ assignment: Int, _ ordinal: Int, _ destination: Int, _ known: DeliveryView, _ requested: Requested
  ) {
    let bit = UInt64(1) << UInt64(destination)
    if views[assignment].claims[ordinal] & bit != 0 { fail(.restored) { $0.name(assignment, ordinal, destination) } }
    if views[assignment].told[ordinal] & bit != 0 { fail(.repeated) { $0.name(assignment, ordinal, destination) } }
    // Its age begins with the first request that was sent.
    let sent = known.state == .stale ? known.requests - 1 : known.requests
    if let maxAge = policy.destinations[destination].retry.maxAge, sent > 0,
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
    if requested.number != Int(known.requests) + (isAgain ? 0 : 1) || requested.isFresh && !isAgain {
      fail(.identity) { "\($0.name(assignment, ordinal, destination)): \(requested.number) after \(known.requests)" }
    }
  }

  /// Breaker, Retry-After, rate.
  mutating func checkGate(_ instance: Int, _ destination: Int, _ key: DeliveryKey, isFresh: Bool) {
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
    if let rate = policy.destinations[destination].rate, !isFresh {
      let interval = Int64(1e9 / rate)
      // A tenth of a second's worth may go at once.
      if now < view.conformsAt - max(interval, second / 10) {
        fail(.rate) { "\($0.name(key.assignment, key.ordinal, destination)): \(rate) a second" }
      }
      view.conformsAt = max(view.conformsAt, now) + interval
    }
    instances[instance].destinations[destination] = view
  }

  /// The record that it waits behind; -1 for none.
  func predecessor(_ assignment: Int, _ ordinal: Int, _ destination: Int) -> Int {
    partitions[views[assignment].partition].previous(ordinal, destination, policy.destinations[destination].order)
  }

  private mutating func checkOrder(_ assignment: Int, _ ordinal: Int, _ destination: Int) {
    guard policy.destinations[destination].isRequired else {
      return checkOptionalOrder(assignment, ordinal, destination)
    }
    let truth = partitions[views[assignment].partition]
    let before = predecessor(assignment, ordinal, destination)
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
    let at = delivery(assignment, ordinal, destination)
    if known.state != .letterFailed {
      let body = known.state == .refused ? known.column.body : []
      conclude(at, of: assignment, .deadLettered(letter.reason), status: letter.failure.status, body: body)
    }
    views[assignment].deliveries[at].state = .lettering
    views[assignment].busy += 1
    views[assignment].shares[destination].letters += 1
  }

  private mutating func checkReason(
    _ instance: Int, _ key: DeliveryKey, _ destination: Int, _ known: DeliveryView, _ letter: DeadLetter
  ) {
    let what = name(key.assignment, key.ordinal, destination)
    let retry = policy.destinations[destination].retry
    switch (known.state, letter.reason) {
    case (.letterFailed, _): break
    case (.refused, .rejected), (.unsendable, .template): checkNature(key, destination)
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
