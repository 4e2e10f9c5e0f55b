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
/// | in full use, slower | stays, and the slow start is over |
///
/// The floor is the lowest mean of a window, drifting up towards what is seen now: an API that becomes slower for good
/// gets a new one. A queue of a few milliseconds costs nobody anything and keeps writes together.
struct ConcurrencyLimit: Sendable, Equatable {
  private static let slack = 5_000_000.0
  private let range: ClosedRange<Int>
  private(set) var limit: Int
  private var threshold: Int
  private var floor = 0.0
  private var total = Int64(0)
  private var answers = 0
  private var wasFull = false
  private var wasReduced = false

  init(_ range: ClosedRange<Int>) {
    self.range = range
    limit = range.lowerBound
    threshold = range.upperBound
  }

  /// A delivery would have started, had the limit been higher.
  mutating func wasInTheWay() { wasFull = true }

  mutating func answered(after latency: Nanoseconds) {
    total &+= latency.count
    answers &+= 1
    if answers >= limit { endWindow() }
  }

  mutating func overloaded() {
    guard !wasReduced else { return }
    wasReduced = true
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

  private mutating func endWindow() {
    let mean = Double(total) / Double(answers)
    if floor == 0 || mean < floor { floor = mean } else { floor += (mean - floor) / 16 }
    if wasFull && !wasReduced {
      if mean <= floor * 2 + Self.slack {
        limit = min(range.upperBound, limit < threshold ? min(limit * 2, threshold) : limit + 1)
      } else {
        threshold = min(threshold, limit)
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
