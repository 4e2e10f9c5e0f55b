#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How long jq programs take: while one runs, its lane does nothing else. One for a lane.
package final class JQMeter {
  package struct Slowness: Equatable, Sendable {
    /// Slow runs in all.
    package var runs = 0
    /// Nanoseconds of the longest since the last `takeNews`.
    package var longest: Int64 = 0
  }

  /// A run that takes longer than this is slow; in nanoseconds.
  package static let slow: Int64 = 50_000_000
  /// Those of which there was one, by destination.
  private var slowness: [String: Slowness] = [:]
  /// Whether `takeNews` would give some.
  package private(set) var hasNews = false

  package init() {}

  package func time<R>(_ destination: String, _ run: () -> R) -> R {
    let start = Self.now()
    defer { note(destination, Self.now() - start) }
    return run()
  }

  /// - Parameter nanoseconds: that a run took.
  package func note(_ destination: String, _ nanoseconds: Int64) {
    guard nanoseconds > Self.slow else { return }
    hasNews = true
    var known = slowness[destination] ?? Slowness()
    known.runs += 1
    known.longest = max(known.longest, nanoseconds)
    slowness[destination] = known
  }

  /// The destinations that have had slow runs since this was asked last, by name.
  package func takeNews() -> [(destination: String, Slowness)] {
    guard hasNews else { return [] }
    hasNews = false
    let news = slowness.filter { $0.value.longest > 0 }.sorted { $0.key < $1.key }
    for (name, _) in news { slowness[name]?.longest = 0 }
    return news.map { ($0.key, $0.value) }
  }

  private static func now() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
