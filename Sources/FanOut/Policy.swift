/// Which records wait for one another, per destination.
package enum RecordOrder: Sendable, Equatable {
  /// Records of one key in one partition are attempted one after the other; those without a key do not wait.
  case key
  /// All records of one partition are attempted one after the other.
  case partition
  case none
}

/// When a destination counts as down, and for how long it is left alone then.
package struct BreakerPolicy: Sendable, Equatable {
  /// Failures in a row, at least 1.
  package let openAfter: Int
  package let openFor: Nanoseconds

  package init(openAfter: Int, openFor: Nanoseconds) {
    self.openAfter = max(1, openAfter)
    self.openFor = max(.milliseconds(1), openFor)
  }
}

/// What the engine knows of one destination. Numbers are this lane's share of the process's.
package struct DestinationPolicy: Sendable, Equatable {
  package let name: String
  package let order: RecordOrder
  package let retry: RetryPolicy
  package let breaker: BreakerPolicy
  /// Between which the number of requests in flight adapts; at least 1.
  package let concurrency: ClosedRange<Int>
  /// Requests a second; nil for no bound.
  package let rate: Double?
  /// Retries a second that are always allowed; beyond them a fifth of the first attempts.
  package let retriesPerSecond: Double
  /// Several records in one request; nil for a request each.
  package let batch: BatchPolicy?
  /// False: no commit waits for it. After a crash, a rebalance or a stop it misses what the others were done with and it
  /// was not, and while it lags the oldest beyond its share is dropped.
  package let isRequired: Bool

  package init(
    name: String, order: RecordOrder, retry: RetryPolicy, breaker: BreakerPolicy, concurrency: ClosedRange<Int>,
    rate: Double? = nil, retriesPerSecond: Double = 10, batch: BatchPolicy? = nil, isRequired: Bool = true
  ) {
    self.name = name
    self.order = order
    self.retry = retry
    self.breaker = breaker
    self.concurrency = max(1, concurrency.lowerBound)...max(1, concurrency.upperBound)
    self.rate = rate
    self.retriesPerSecond = max(0.01, retriesPerSecond)
    self.batch = batch
    self.isRequired = isRequired
  }
}

/// What one lane's engine is built from. Limits are this lane's share of the process's.
package struct EnginePolicy: Sendable, Equatable {
  /// At most 64: a record's progress is one bit per destination in one machine word.
  package let destinations: [DestinationPolicy]
  package let commitEvery: Nanoseconds
  /// Per partition and destination: no more deliveries than this are made that no commit has made durable, so that a
  /// crash repeats no more than this.
  package let uncommittedMax: Int
  /// Records and bytes that may be held for the required destinations; what the shell grants at the start, and gives
  /// again for each `credit`.
  package let recordsMax: Int
  package let bytesMax: Int
  /// Where there are optional destinations, a quarter of the limits is theirs, in equal shares of at least one record.
  package let optionalShare: OptionalShare
  /// One bit for each destination that a commit waits for, and for each that none does.
  let required: UInt64
  let optional: UInt64
  /// Records between watermark and end, settled or not, in all partitions: at least `recordsMax`. One that is settled
  /// costs its place only, so that what holds up one key does not stop the others.
  package let spanMax: Int
  /// A place in a ledger of two destinations takes some 100 bytes.
  private static let spanUsualMax = 250_000
  /// How long a drain may take before it is given up.
  package let drain: Nanoseconds
  /// A record is settled only when the results topic has its row.
  package let keepsResults: Bool
  /// How long a revoked partition may keep what is in flight; the rebalance waits for it.
  package let revocation: Nanoseconds

  package init(
    destinations: [DestinationPolicy], commitEvery: Nanoseconds, uncommittedMax: Int = 1_000, recordsMax: Int,
    bytesMax: Int, spanMax: Int? = nil, drain: Nanoseconds, revocation: Nanoseconds = .milliseconds(4_500),
    keepsResults: Bool = false
  ) {
    self.destinations = Array(destinations.prefix(64))
    self.commitEvery = commitEvery
    self.uncommittedMax = max(1, uncommittedMax)
    var bits: (required: UInt64, optional: UInt64) = (0, 0)
    for (index, destination) in self.destinations.enumerated() {
      if destination.isRequired { bits.required |= 1 << UInt64(index) } else { bits.optional |= 1 << UInt64(index) }
    }
    (required, optional) = bits
    let count = optional.nonzeroBitCount
    optionalShare =
      count == 0
      ? .none : OptionalShare(recordsMax: max(1, recordsMax / 4 / count), bytesMax: max(1, bytesMax / 4 / count))
    self.recordsMax = max(1, count == 0 ? recordsMax : recordsMax - recordsMax / 4)
    self.bytesMax = max(1, count == 0 ? bytesMax : bytesMax - bytesMax / 4)
    self.spanMax = max(self.recordsMax, spanMax ?? min(16 * self.recordsMax, Self.spanUsualMax))
    self.drain = drain
    self.revocation = revocation
    self.keepsResults = keepsResults
  }
}
