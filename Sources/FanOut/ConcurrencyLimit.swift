/// How many requests a destination has in flight at most: grows while it answers about as fast as at its best, shrinks
/// when it says that it has too much (additive increase, multiplicative decrease; Chiu and Jain, 1989).
///
/// Judged once per window of as many answers as the limit allows in flight, which is about one round trip:
///
/// | In the window | Limit |
/// |---|---|
/// | 429, 503 or a timeout | × 0.7, at once, and once only |
/// | never in full use | stays |
/// | in full use, mean latency near its floor | below `threshold` × 2 (a slow start, as TCP's), from it on + 1 |
/// | in full use, slower | the slow start is over, one doubling back; else stays |
///
/// Beyond the slow start the mean is smoothed over windows: one lucky window is no reason to grow. The floor is the
/// lowest mean. It drifts up towards what is seen now, within minutes: an API that becomes slower for good gets a new
/// one. A queue of a millisecond costs nobody anything and keeps writes together.
struct ConcurrencyLimit: Sendable, Equatable {
  private static let slack = 1_000_000.0
  /// Fewer say nothing of an API whose answers differ much.
  private static let answersMin = 4
  private static let drift = 300_000_000_000.0
  private let range: ClosedRange<Int>
  private(set) var limit: Int
  private var threshold: Int
  private var mean = 0.0
  private var floor = 0.0
  private var total = Int64(0)
  private var answers = 0
  private var endedAt = Instant(nanoseconds: 0)
  private var wasFull = false
  private var wasReduced = false

  init(_ range: ClosedRange<Int>) {
    self.range = range
    limit = range.lowerBound
    threshold = range.upperBound
  }

  /// A delivery would have started, had the limit been higher.
  mutating func wasInTheWay() { wasFull = true }

  mutating func answered(after latency: Nanoseconds, at now: Instant) {
    total &+= latency.count
    answers &+= 1
    if answers >= max(limit, Self.answersMin) { endWindow(at: now) }
  }

  mutating func overloaded() {
    guard !wasReduced else { return }
    limit = max(range.lowerBound, limit * 7 / 10)
    threshold = limit
    startWindow()
    wasReduced = true
  }

  /// The breaker opened: begins from the bottom when it closes, quickly up to half of what was right before.
  mutating func collapse() {
    threshold = max(range.lowerBound, limit / 2)
    limit = range.lowerBound
    startWindow()
  }

  private mutating func endWindow(at now: Instant) {
    let isSlowStart = limit < threshold
    let latest = Double(total) / Double(answers)
    mean = mean == 0 || isSlowStart ? latest : mean + (latest - mean) / 8
    if floor == 0 || mean < floor {
      floor = mean
    } else {
      floor += (mean - floor) * min(1, Double((now - endedAt).count) / Self.drift)
    }
    endedAt = now
    if wasFull && !wasReduced {
      if mean <= floor * 2 + Self.slack {
        limit = min(range.upperBound, isSlowStart ? min(limit * 2, threshold) : limit + 1)
      } else if isSlowStart {
        limit = max(range.lowerBound, limit / 2)
        threshold = limit
      }
    }
    startWindow()
  }

  private mutating func startWindow() {
    total = 0
    answers = 0
    wasFull = false
    wasReduced = false
  }
}
