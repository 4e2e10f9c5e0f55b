/// Whether a destination is worth a request.
///
/// | State | Goes to |
/// |---|---|
/// | closed | open: `openAfter` failures in a row |
/// | open: nothing is sent | halfOpen: when its time is over; closed: a late healthy answer |
/// | halfOpen: one probe | closed: any healthy answer; open: the probe failed |
///
/// Healthy is what shows that the destination does its work: acceptance and refusal alike. One record that fails again
/// and again says nothing about the destination, so it takes two to open the breaker, or an answer (or none at all)
/// that is the destination's fault by itself.
struct Breaker: Sendable, Equatable {
  enum State: Sendable, Equatable {
    case closed
    case open(probeAt: Instant)
    case halfOpen(probe: DeliveryID?)
  }

  /// A delivery that failed in the present row, and how often.
  struct Suspect: Sendable, Equatable {
    let id: DeliveryID
    var failures: Int
  }

  private let policy: BreakerPolicy
  private(set) var state = State.closed
  private(set) var failuresInARow = 0
  private(set) var openedAt = Instant(nanoseconds: 0)
  /// Whose attempts may have been spent on an outage.
  private(set) var suspects: [Suspect] = []

  init(_ policy: BreakerPolicy) { self.policy = policy }

  var isClosed: Bool { state == .closed }

  /// When the probe may go; nil unless open.
  var probeAt: Instant? { if case .open(let probeAt) = state { probeAt } else { nil } }

  /// The row of failures is this delivery's alone.
  func suspectsOnly(_ id: DeliveryID) -> Bool {
    suspects.count == 1 && suspects[0].id == id && suspects[0].failures == failuresInARow
  }

  /// True if that closes the breaker.
  mutating func sawHealth() -> Bool {
    if failuresInARow > 0 {
      failuresInARow = 0
      suspects.removeAll(keepingCapacity: true)
    }
    guard state != .closed else { return false }
    state = .closed
    return true
  }

  /// True if that opens the breaker.
  /// - Parameter isTheirs: the destination's fault, whatever the record is.
  mutating func sawFailure(of id: DeliveryID, isTheirs: Bool, at now: Instant) -> Bool {
    switch state {
    case .closed:
      failuresInARow += 1
      if !isTheirs { suspect(id) }
      guard failuresInARow >= policy.openAfter, !suspectsOnly(id) else { return false }
      openedAt = now
      state = .open(probeAt: now + policy.openFor)
      return true
    case .halfOpen(let probe) where probe == id:
      state = .open(probeAt: now + policy.openFor)
      return false
    case .open, .halfOpen: return false
    }
  }

  /// Lets a probe through when the time has come.
  mutating func allowProbe(at now: Instant) {
    if case .open(let probeAt) = state, probeAt <= now { state = .halfOpen(probe: nil) }
  }

  mutating func startedProbe(_ id: DeliveryID) { state = .halfOpen(probe: id) }

  /// The probe ended without saying anything about the destination.
  mutating func probeSaidNothing(_ id: DeliveryID) {
    if state == .halfOpen(probe: id) { state = .halfOpen(probe: nil) }
  }

  mutating func suspect(_ id: DeliveryID) {
    if let known = suspects.firstIndex(where: { $0.id == id }) {
      suspects[known].failures += 1
    } else {
      suspects.append(Suspect(id: id, failures: 1))
    }
  }
}
