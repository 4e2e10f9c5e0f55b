/// Lets one line through per interval and counts the others, so that 100,000 dead letters make a few lines with a count.
///
/// Pure: it is told the time (monotonic nanoseconds) and owned by one lane. Keep one per thing that repeats, such as
/// (destination, kind of failure).
///
/// ```
/// quiet ──admit: emit(0)──► open window ──admit: suppress──► open window, counting
///   ▲                            │ interval over: admit → emit(counted), overdue → counted
///   └── interval over, none counted
/// ```
package struct LogThrottle: Sendable, Equatable {
  /// What to do with a line.
  package enum Verdict: Sendable, Equatable {
    /// Write it; so many of its kind were left out since the last one.
    case emit(suppressed: Int)
    case suppress
  }

  private let intervalNanoseconds: Int64
  private var windowStart: Int64?
  private var suppressed = 0

  package init(intervalNanoseconds: Int64 = 10_000_000_000) { self.intervalNanoseconds = intervalNanoseconds }

  /// Something happened that would make a line.
  package mutating func admit(atNanoseconds now: Int64) -> Verdict {
    if isWindowOpen(now) {
      suppressed += 1
      return .suppress
    }
    defer { open(now) }
    return .emit(suppressed: suppressed)
  }

  /// The count to report when the interval is over and nothing more came, or `nil`. Ask now and then, so that the end of
  /// a burst is told too.
  package mutating func overdue(atNanoseconds now: Int64) -> Int? {
    guard suppressed > 0, !isWindowOpen(now) else { return nil }
    defer { open(now) }
    return suppressed
  }

  /// What is still untold, at the end of the process or of an assignment.
  package mutating func drain() -> Int {
    defer { suppressed = 0 }
    return suppressed
  }

  private func isWindowOpen(_ now: Int64) -> Bool {
    guard let windowStart else { return false }
    let (age, overflow) = now.subtractingReportingOverflow(windowStart)
    return !overflow && age < intervalNanoseconds
  }

  private mutating func open(_ now: Int64) {
    windowStart = now
    suppressed = 0
  }
}
