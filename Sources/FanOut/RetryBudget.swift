/// How many retries a destination may have: a fifth of the first attempts, and some a second in any case, so that
/// retries cannot multiply the load on one that is in trouble (Google, "Site Reliability Engineering", chapter 21).
struct RetryBudget: Sendable, Equatable {
  private static let perFirstAttempt = 0.2
  private let perSecond: Double
  private let most: Double
  private var tokens: Double
  private var refilledAt = Instant(nanoseconds: .min)

  /// Begins with ten seconds' worth, which is also the most that an idle time saves up.
  init(perSecond: Double) {
    self.perSecond = perSecond
    most = max(1, perSecond * 10)
    tokens = most
  }

  mutating func earn() { tokens = min(max(most, tokens), tokens + Self.perFirstAttempt) }

  /// Deliveries that an outage held are no retries: their number is granted when it ends.
  mutating func grant(_ count: Int) { tokens = max(tokens, most + Double(count)) }

  mutating func take(at now: Instant) -> Bool {
    refill(at: now)
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }

  /// When the next retry may go, if no first attempt comes before.
  var nextAt: Instant {
    refilledAt + Nanoseconds(count: Int64(max(0, 1 - tokens) / perSecond * 1e9) + 1)
  }

  private mutating func refill(at now: Instant) {
    if refilledAt.nanoseconds == .min { refilledAt = now }
    let passed = now - refilledAt
    guard passed > .zero else { return }
    refilledAt = now
    tokens = min(max(most, tokens), tokens + passed.seconds * perSecond)
  }
}
