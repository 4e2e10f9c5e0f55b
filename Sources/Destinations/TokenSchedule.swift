/// A token of an OAuth2 server. It cannot be printed.
package struct AccessToken: Sendable, Equatable, CustomReflectable, CustomStringConvertible {
  private let value: String
  /// Seconds; nil where the server did not say.
  package let lifetimeSeconds: Double?

  package init(_ value: String, lifetimeSeconds: Double?) {
    self.value = value
    self.lifetimeSeconds = lifetimeSeconds
  }

  /// The token itself, for the one place that sends it.
  package func expose() -> String { value }
  package var description: String { "<secret>" }
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// Why there is no token: one line for people, without a secret.
package struct TokenFailure: Error, Sendable, Equatable {
  package let message: String
  /// For how long the server asked not to be called.
  package let retryAfterSeconds: Int?

  package init(_ message: String, retryAfterSeconds: Int? = nil) {
    self.message = message
    self.retryAfterSeconds = retryAfterSeconds
  }
}

/// When a token is asked for, one request at a time, and what requests do meanwhile. Pure: it is told the time (monotonic,
/// in nanoseconds) and its dice (0 to 1).
///
/// ```
///          ┌─────── 80–90 % of its life are over: asks, the old one stays in use ───────┐
/// asking ──┴─ answered ──► ready ───────────────────────────────────────────────────────┘
///    └─ failed ──► asks again after 1 s, 2 s … 30 s; until then the old token, or none: unavailable
/// ```
package struct TokenSchedule: Sendable {
  package enum Readiness: Sendable, Equatable {
    case ready(AccessToken)
    /// It will be known soon: wait.
    case pending
    /// Why not.
    case unavailable(String)
  }

  private static let second: Int64 = 1_000_000_000
  private static let defaultLifetimeSeconds = 300.0
  private static let lifetimeSeconds = 5.0...86_400.0
  private static let retrySeconds = 1...30
  /// A server that answers with dates far away means something else.
  private static let retryAfterSecondsMax = 300
  /// An API that answers 401 for its own reasons must not become a load on the token server.
  private static let refusalsApart = 10 * second

  private var token: AccessToken?
  private var endsAt: Int64 = 0
  private var failure: TokenFailure?
  private var failuresInARow = 0
  private var askedAt: Int64?
  private var dueAt: Int64
  private var changedAt: Int64
  /// The API has refused the token: nothing is sent before the answer.
  private var isDoubted = false

  /// It is asked for at once.
  package init(now: Int64) {
    dueAt = now
    changedAt = now
  }

  /// When something is to be done or changes by itself.
  package var deadline: Int64? {
    let end = token == nil ? nil : endsAt
    guard askedAt == nil else { return end }
    return min(dueAt, end ?? dueAt)
  }

  /// Whether to ask now; the answer goes to `succeeded` or `failed`.
  package mutating func ask(now: Int64) -> Bool {
    guard askedAt == nil, now >= dueAt else { return false }
    askedAt = now
    return true
  }

  package mutating func succeeded(_ token: AccessToken, now: Int64, dice: Double) {
    let given = token.lifetimeSeconds ?? Self.defaultLifetimeSeconds
    let lifetime =
      given.isNaN
      ? Self.defaultLifetimeSeconds : min(max(given, Self.lifetimeSeconds.lowerBound), Self.lifetimeSeconds.upperBound)
    // It began when the server made it, at the earliest when it was asked.
    let start = askedAt ?? now
    self.token = token
    endsAt = start + Int64(lifetime * Double(Self.second))
    dueAt = start + Int64(lifetime * (0.8 + 0.1 * dice) * Double(Self.second))
    changedAt = now
    (failure, failuresInARow, askedAt, isDoubted) = (nil, 0, nil, false)
  }

  package mutating func failed(_ failure: TokenFailure, now: Int64, dice: Double) {
    self.failure = failure
    failuresInARow += 1
    let ceiling = min(Self.retrySeconds.upperBound, Self.retrySeconds.lowerBound << min(failuresInARow - 1, 10))
    let wait = Double(ceiling) * (0.5 + 0.5 * dice)
    let asked = Double(min(max(0, failure.retryAfterSeconds ?? 0), Self.retryAfterSecondsMax))
    dueAt = now + Int64(max(wait, asked) * Double(Self.second))
    changedAt = now
    // Nothing better is to be had.
    (askedAt, isDoubted) = (nil, false)
  }

  /// The API refused a request with the token (401): another is asked for, unless this one is new.
  /// - Returns: whether it is.
  @discardableResult package mutating func refused(now: Int64) -> Bool {
    guard token != nil, !isDoubted, now - changedAt >= Self.refusalsApart else { return false }
    isDoubted = true
    dueAt = now
    return true
  }

  /// What is sent to the server has changed: if it was the reason of a failure, it is no more.
  package mutating func hurry(now: Int64) {
    if failure != nil { dueAt = min(dueAt, now) }
  }

  package func readiness(now: Int64) -> Readiness {
    if let token, now < endsAt, !isDoubted { return .ready(token) }
    if let failure { return .unavailable(failure.message) }
    return .pending
  }
}
