/// How often and after which waits a delivery is tried again.
package struct RetryPolicy: Sendable, Equatable {
  /// Attempts that could be the record's fault, the first included; after the last one it is a dead letter.
  package let attempts: Int
  package let backoffMin: Nanoseconds
  package let backoffMax: Nanoseconds
  /// From the first attempt; nil for ever. The only thing that ends a delivery during an outage.
  package let maxAge: Nanoseconds?

  package init(attempts: Int, backoffMin: Nanoseconds, backoffMax: Nanoseconds, maxAge: Nanoseconds?) {
    self.attempts = max(1, attempts)
    self.backoffMin = max(.zero, backoffMin)
    self.backoffMax = max(self.backoffMin, backoffMax)
    self.maxAge = maxAge
  }

  /// Full jitter: uniform between 0 and an exponential ceiling, so that what failed together does not return together
  /// (AWS Architecture Blog, "Exponential Backoff And Jitter").
  /// - Parameter failures: how many attempts failed in a row, from 1.
  package func backoff(afterFailures failures: Int, random: inout SeededRandom) -> Nanoseconds {
    let doublings = min(max(0, failures - 1), 40)
    let (scaled, overflow) = backoffMin.count.multipliedReportingOverflow(by: 1 << Int64(doublings))
    let ceiling = overflow ? backoffMax.count : min(scaled, backoffMax.count)
    return Nanoseconds(count: ceiling <= 0 ? 0 : Int64.random(in: 0...ceiling, using: &random))
  }
}

/// SplitMix64: one word of state, so that an engine is copied with its future.
/// (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014.)
package struct SeededRandom: RandomNumberGenerator, Sendable, Equatable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
