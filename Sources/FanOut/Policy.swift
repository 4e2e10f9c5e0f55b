/// Which records wait for one another, per destination.
package enum RecordOrder: Sendable, Equatable {
  /// Records of one key in one partition are attempted one after the other; those without a key do not wait.
  case key
  /// All records of one partition are attempted one after the other.
  case partition
  case none
}

/// What the engine knows of one destination.
package struct DestinationPolicy: Sendable, Equatable {
  package let name: String
  package let retry: RetryPolicy
  /// Requests in flight at most, in this lane.
  package let concurrency: Int

  package init(name: String, retry: RetryPolicy, concurrency: Int) {
    self.name = name
    self.retry = retry
    self.concurrency = concurrency
  }
}

/// What one lane's engine is built from. Limits are this lane's share of the process's.
package struct EnginePolicy: Sendable, Equatable {
  package let order: RecordOrder
  /// At most 64: a record's progress is one bit per destination in one machine word.
  package let destinations: [DestinationPolicy]
  package let commitEvery: Nanoseconds
  /// How long a drain may take before it is given up.
  package let drain: Nanoseconds
  /// How long a revoked partition may keep what is in flight; the rebalance waits for it.
  package let revocation: Nanoseconds

  package init(
    order: RecordOrder, destinations: [DestinationPolicy], commitEvery: Nanoseconds, drain: Nanoseconds,
    revocation: Nanoseconds = .milliseconds(4_500)
  ) {
    self.order = order
    self.destinations = Array(destinations.prefix(64))
    self.commitEvery = commitEvery
    self.drain = drain
    self.revocation = revocation
  }
}
