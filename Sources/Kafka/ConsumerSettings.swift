private import CRdKafka

extension ConsumerConfiguration {
  /// The properties for librdkafka; what each guards against stands beside it.
  func settings() -> ClientSettings {
    let events =
      RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG
    var settings = ClientSettings(brokers: brokers, properties: properties, events: events)
    settings.fix("group.id", group)
    if let instanceID { settings.fix("group.instance.id", instanceID) }
    // Offsets are committed by watermark, never by what was merely read.
    settings.fix("enable.auto.commit", "false")
    settings.fix("enable.auto.offset.store", "false")
    // For an offset that the topic does not hold any more. The library's default, latest, is silent loss; where a group
    // without an offset begins at the end, `StartPositions` says so.
    settings.fix("auto.offset.reset", startAt.resetPolicy)
    settings.fix("enable.partition.eof", "false")
    settings.fix("log.queue", "true")
    if !usesNewGroupProtocol {
      settings.set(
        "partition.assignment.strategy",
        LibraryVersion.hasSoundCooperative ? "cooperative-sticky" : "range,roundrobin")
    }
    // Measured: where the pause of a full queue cannot be set, the queue must hold a second's traffic.
    settings.set("queued.min.messages", "100000")
    settings.set("queued.max.messages.kbytes", LibraryVersion.hasFetchBackoff ? "4096" : "8192")
    if LibraryVersion.hasFetchBackoff { settings.set("fetch.queue.backoff.ms", "5") }
    return settings
  }

  /// Known from the settings: asking the library may give nothing, or hang, while it closes.
  func isCooperative(_ settings: ClientSettings) -> Bool {
    usesNewGroupProtocol || settings.value(of: "partition.assignment.strategy")?.contains("cooperative") == true
  }

  /// The broker assigns (KIP-848); the client's assignors may not even be named.
  private var usesNewGroupProtocol: Bool {
    properties.last { $0.name == "group.protocol" }?.value.lowercased() == "consumer"
  }
}

extension StartAt {
  var resetPolicy: String {
    switch self {
    case .earliest, .latest: "earliest"
    case .fail: "error"
    }
  }
}
