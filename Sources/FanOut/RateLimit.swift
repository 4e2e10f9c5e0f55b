/// At most so many requests a second, by the generic cell rate algorithm (ITU-T I.371, Annex A): one time is all its
/// state. Up to a tenth of a second's worth may go at once, since timers are no finer than a millisecond.
struct RateLimit: Sendable, Equatable {
  private let interval: Int64
  private let tolerance: Int64
  private var arrival = Int64.min / 2

  init(perSecond: Double) {
    interval = Int64(max(1, min(1e9 / max(perSecond, 1e-6), 1e15)))
    tolerance = max(0, 100_000_000 - interval)
  }

  /// When the next request may go.
  var nextAt: Instant { Instant(nanoseconds: arrival - tolerance) }

  mutating func take(at now: Instant) { arrival = max(arrival, now.nanoseconds) + interval }
}
