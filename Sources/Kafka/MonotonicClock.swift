import FanOut

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The monotonic clock, for deadlines.
func monotonicNow() -> Instant {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
}

extension Nanoseconds {
  /// For librdkafka's timeouts: whole milliseconds, rounded up, never negative (which would mean "for ever").
  var milliseconds: Int32 { Int32(clamping: max(0, count) / 1_000_000 + (max(0, count) % 1_000_000 > 0 ? 1 : 0)) }
}
