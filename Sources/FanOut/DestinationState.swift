/// One destination in this lane: what waits for it, and the gate that lets it start.
struct DestinationState: Sendable {
  let policy: DestinationPolicy
  let isBatching: Bool
  /// Whether a batch takes consecutive records of a partition, though they wait for one another.
  let takesRuns: Bool
  var inFlight = 0
  var ready = Ring<DeliveryID>()
  /// Ready again, but beyond the retry budget.
  var retries = Ring<DeliveryID>()
  var backoffs = DeadlineHeap()
  /// Instead of `ready` and `retries` where several go into one request.
  var batches: BatchAssembly
  var breaker: Breaker
  var limit: ConcurrencyLimit
  var budget: RetryBudget
  var rate: RateLimit?
  /// `Retry-After`: nothing starts before.
  var notBefore = Instant(nanoseconds: .min)
  /// Answers that show it does its work; wraps.
  var healthyAnswers: UInt32 = 0
  var lastFailure: AttemptFailure?
  /// When what is ready is looked through for what has become too old.
  var nextAgeCheck: Instant?
  var counts = FanOutSnapshot.DestinationCounts()
  /// False while what is on its way to an optional destination fills its share.
  var hasRoom = true

  init(policy: DestinationPolicy) {
    self.policy = policy
    breaker = Breaker(policy.breaker)
    limit = ConcurrencyLimit(policy.concurrency)
    budget = RetryBudget(perSecond: policy.retriesPerSecond)
    rate = policy.rate.map { RateLimit(perSecond: $0) }
    batches = BatchAssembly(policy.batch)
    isBatching = policy.batch != nil
    takesRuns = policy.order == .partition && policy.batch?.isWhole == true
  }

  var hasReady: Bool { !ready.isEmpty || !retries.isEmpty }
  /// Whether anything waits for the gate.
  var isHolding: Bool { hasReady || !batches.isEmpty }
  var holding: Int { ready.count + retries.count + batches.count }

  /// Takes the next delivery that may start now. `isPaid`: a retry for which the budget has been charged.
  mutating func popStartable(at now: Instant) -> (id: DeliveryID, isPaid: Bool)? {
    guard hasReady, letsThrough(at: now) else { return nil }
    if !retries.isEmpty, budget.take(at: now), let id = retries.popFirst() { return (id, true) }
    return ready.popFirst().map { ($0, false) }
  }

  /// The gate: breaker, `Retry-After`, concurrency, rate.
  mutating func letsThrough(at now: Instant) -> Bool {
    switch breaker.state {
    case .closed, .halfOpen(nil): break
    case .open, .halfOpen: return false
    }
    guard notBefore <= now, hasRoom else { return false }
    guard inFlight < limit.limit else {
      limit.wasInTheWay()
      return false
    }
    guard let rate else { return true }
    return rate.nextAt <= now
  }

  /// Whether what has started may be sent once more: nothing has closed the gate meanwhile.
  func mayGoOn(_ id: DeliveryID, at now: Instant) -> Bool {
    notBefore <= now && (breaker.isClosed || breaker.state == .halfOpen(probe: id))
  }

  /// Counts a delivery that starts.
  mutating func started(_ id: DeliveryID, isFirst: Bool, at now: Instant) {
    inFlight += 1
    counts.attempts += 1
    rate?.take(at: now)
    if isFirst { budget.earn() }
    if case .halfOpen = breaker.state { breaker.startedProbe(id) }
  }

  /// When the gate is to be tried again; nil where something else than time opens it.
  var nextDeadline: Instant? {
    var earliest = backoffs.earliest
    func consider(_ deadline: Instant) { earliest = min(earliest ?? deadline, deadline) }
    if let nextAgeCheck { consider(nextAgeCheck) }
    switch breaker.state {
    case .open(let probeAt):
      if isHolding || !backoffs.isEmpty { consider(max(probeAt, notBefore)) }
    case .halfOpen(nil) where (isHolding || !backoffs.isEmpty) && inFlight < limit.limit && hasRoom:
      consider(max(notBefore, rate?.nextAt ?? notBefore))
    case .closed where isBatching && inFlight < limit.limit && hasRoom:
      guard let due = batches.dueAt(retriesAt: budget.nextAt) else { break }
      consider(max(due, notBefore, rate?.nextAt ?? notBefore))
    case .closed where hasReady && inFlight < limit.limit && hasRoom:
      let gate = max(notBefore, rate?.nextAt ?? notBefore)
      consider(ready.isEmpty ? max(gate, budget.nextAt) : gate)
    case .closed, .halfOpen: break
    }
    return earliest
  }

  /// Drops what belongs to an assignment that is over.
  mutating func forget(_ id: AssignmentID) { removeWaiting { $0.assignment == id } }

  mutating func removeWaiting(where isGone: (DeliveryID) -> Bool) {
    ready.removeAll(where: isGone)
    retries.removeAll(where: isGone)
    batches.removeWaiting(where: isGone)
    backoffs.removeAll(where: isGone)
  }
}
