import FanOut
import Settings

extension EnginePolicy {
  /// One lane's share of what the file gives to the process.
  init(_ settings: BridgeSettings, lanes: Int) {
    self.init(
      destinations: settings.destinations.map {
        DestinationPolicy($0, order: ($0.order ?? settings.order).forEngine, lanes: lanes)
      },
      commitEvery: Nanoseconds(settings.commitEvery),
      recordsMax: settings.limits.inFlightRecords / lanes, bytesMax: settings.limits.inFlightBytes / lanes,
      drain: Nanoseconds(settings.drain), keepsResults: settings.results != nil)
  }
}

extension DestinationPolicy {
  init(_ settings: DestinationSettings, order: RecordOrder, lanes: Int) {
    self.init(
      name: settings.name, order: order,
      retry: RetryPolicy(
        attempts: settings.retry.attempts, backoffMin: Nanoseconds(settings.retry.backoffMin),
        backoffMax: Nanoseconds(settings.retry.backoffMax), maxAge: settings.retry.maxAge.map { Nanoseconds($0) }),
      breaker: BreakerPolicy(openAfter: settings.breaker.openAfter, openFor: Nanoseconds(settings.breaker.openFor)),
      concurrency: settings.concurrency(of: lanes), rate: settings.rate.map { Double($0) / Double(lanes) },
      retriesPerSecond: 10 / Double(lanes), batch: settings.batch.map { BatchPolicy($0) },
      isRequired: settings.isRequired)
  }
}

extension BatchPolicy {
  init(_ settings: BatchSettings) {
    self.init(
      recordsMax: settings.records, bytesMax: settings.bytes, wait: Nanoseconds(settings.wait),
      isWhole: settings.results == nil)
  }
}

extension DestinationSettings {
  /// Requests in flight in one of so many lanes.
  func concurrency(of lanes: Int) -> ClosedRange<Int> {
    let most = max(1, concurrency.max / lanes)
    return min(most, max(1, concurrency.min / lanes))...most
  }
}

extension Order {
  fileprivate var forEngine: RecordOrder {
    switch self {
    case .key: .key
    case .partition: .partition
    case .unordered: .none
    }
  }
}
