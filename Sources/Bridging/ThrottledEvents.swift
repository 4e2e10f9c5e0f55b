import FanOut
import Telemetry

/// What makes one line per interval at most, and none uncounted: the first is told at once, and the last of those that
/// came since when the interval is over.
struct ThrottledEvents<Event> {
  private var throttle: LogThrottle
  /// The last one that was left out.
  private var untold: Event?

  init(every interval: Nanoseconds) { throttle = LogThrottle(intervalNanoseconds: interval.count) }

  /// Whether to tell it now, and how many were left out before it.
  mutating func admit(_ event: Event, at now: Instant) -> LogThrottle.Verdict {
    let verdict = throttle.admit(atNanoseconds: now.nanoseconds)
    untold = verdict == .suppress ? event : nil
    return verdict
  }

  /// What is to be told where nothing more came, and how many were left out before it. At the end of time whatever is.
  mutating func overdue(at now: Instant) -> (event: Event, suppressed: Int)? {
    guard let count = throttle.overdue(atNanoseconds: now.nanoseconds), let event = untold else { return nil }
    untold = nil
    return (event, count - 1)
  }

  /// They are told in another way.
  mutating func forget() {
    _ = throttle.drain()
    untold = nil
  }

  /// For the end of a message.
  static func more(_ suppressed: Int) -> String {
    suppressed == 0 ? "" : " (and \(suppressed) more since the last line)"
  }
}
