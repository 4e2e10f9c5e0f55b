/// A whole file while it is read: the settings, and what destinations begin as.
struct SettingsDraft: Sendable {
  var settings = BridgeSettings()
  var defaults = DestinationSettings(name: "", url: .unset)
  var version = 1

  /// Keys of which a file has one.
  static let alternatives = [("topic", "topics")]

  /// The whole table, with the defaults.
  static let table = type.describe(SettingsDraft())
  static let type = ValueType<SettingsDraft>.map(fields, example: "topic: orders", rule: check)

  /// The keys of the file. `defaults` stands before `destinations`, for rows are read in this order.
  static let fields: [Field<SettingsDraft>] = [
    Field("version", \.version, .integer(1...1, example: "1"), "the version of this format"),
    Field(
      "kafka", \.settings.kafka,
      .map(KafkaSettings.fields, example: "kafka: { brokers: [localhost:9092], group: orders-bridge }"),
      required: true, example: "{ brokers: [localhost:9092], group: orders-bridge }", "how to reach Kafka"),
    topic, topics,
    Field("order", \.settings.order, .choice, "the order of first attempts"),
    Field(
      "limits", \.settings.limits, .map(Limits.fields, example: "{ in_flight_records: 10000 }"), "what may be in flight"
    ),
    Field(
      "commit_every", \.settings.commitEvery, .duration(min: .milliseconds(1), example: "250ms"),
      "how often offsets are committed"),
    Field("drain", \.settings.drain, .duration(example: "25s"), "how long a stop waits for what is in flight"),
    Field(
      "defaults", \.defaults, .map(DestinationSettings.sharedFields, example: "{ timeout: 15s }").forDelivering,
      "what destinations have in common"),
    destinations,
    Field(
      "dead_letters", \.settings.deadLetters, .map(DeadLetterSettings.fields, example: "{ topic: orders.dead }"),
      required: true,
      "where refused records go"),
    Field(
      "results", \.settings.results,
      .optionalMap(
        ResultsSettings.fields, from: ResultsSettings(),
        example: "{ topic: orders.results, keep: { crm: { body: .id } } }"),
      "the topic with a row for each record, and what became of it at each destination"),
    Field(
      "admin", \.settings.admin,
      .optionalMap(
        AdminSettings.fields, from: AdminSettings(), example: "{ listen: 127.0.0.1:9640, token: {env: ADMIN_TOKEN} }"
      ).forDelivering,
      "the admin endpoint; checked only, this version does not listen there"),
    Field("log", \.settings.log, .map(LogSettings.fields, example: "{ level: info }"), "log lines on standard error"),
  ]

  private static let topic = Field<SettingsDraft>(
    "topic", type: { _ in .topic(example: "orders") }, example: "orders",
    current: { $0.settings.topics.first ?? "" }, isWritten: { $0.settings.topics.count == 1 }, "the topic to read"
  ) { $1.settings.topics = [$0] }

  private static let topics = Field<SettingsDraft>(
    "topics", type: { _ in .list(of: .topic(example: "orders"), blank: "", example: "[orders, refunds]", same: ==) },
    example: "[orders, refunds]", current: \.settings.topics, isWritten: { $0.settings.topics.count > 1 },
    "the topics to read, in place of 'topic'"
  ) { $1.settings.topics = $0 }

  private static let destinations = Field<SettingsDraft>(
    "destinations",
    type: {
      .destinations(from: $0.defaults, example: "{ crm: { url: https://crm.example.com/orders } }").forDelivering
    },
    required: true, example: "{ crm: { url: https://crm.example.com/orders } }", current: \.settings.destinations,
    "the APIs that get every record"
  ) { $1.settings.destinations = $0 }

  /// What concerns more than one key.
  static func check(_ node: Node, _ draft: inout SettingsDraft, _ reader: inout Reader) {
    switch (node["topic"], node["topics"]) {
    case (nil, nil):
      reader.log.error("missing key 'topic'", hint: "the topic to read; for example: topic: orders", at: .start)
    case (let topic?, let topics?):
      let (first, second) = topic.place.line <= topics.place.line ? (topic, topics) : (topics, topic)
      reader.log.error(
        "both 'topic' and 'topics'", hint: "keep one; the other is \((first.owner ?? first.place).words)",
        at: second.owner ?? second.place)
    default: break
    }
    ResultsSettings.check(node, draft.settings, &reader)
    AdminSettings.check(node, draft.settings, &reader)
    checkForTwins(node, draft.settings.destinations, &reader)
    checkForRequired(node, draft.settings.destinations, &reader)
    let dead = draft.settings.deadLetters.topic
    if !dead.isEmpty, draft.settings.topics.contains(dead), let place = node["dead_letters"]?["topic"]?.place {
      reader.log.error(
        "dead letters would go to the source topic \(PlainText.quoted(dead))",
        hint: "they would be read again without end; name another topic", at: place)
    }
  }
}

extension SettingsDraft {
  /// Two names for one API are seldom meant.
  private static func checkForTwins(_ node: Node, _ destinations: [DestinationSettings], _ reader: inout Reader) {
    for (i, destination) in destinations.enumerated() {
      let twin = destinations[..<i].first { $0.asksTheSame(as: destination) }
      guard let twin, let place = node["destinations"]?[destination.name]?["url"]?.place else { continue }
      reader.log.warning(
        "the same method and URL as \(PlainText.quoted(twin.name))", hint: "the API gets every record twice", at: place)
    }
  }
}

extension SettingsDraft {
  /// Without one that commits wait for, everything might be lost.
  private static func checkForRequired(
    _ node: Node, _ destinations: [DestinationSettings], _ reader: inout Reader
  ) {
    guard let named = node["destinations"], !destinations.isEmpty, destinations.count == named.keys.count,
      destinations.allSatisfy({ !$0.isRequired })
    else { return }
    reader.log.error(
      "no destination is required", hint: "no commit would wait for a delivery; leave out one 'required: false'",
      at: named.owner ?? named.place)
  }
}

extension DestinationSettings {
  /// Whether a record makes requests to both for which one would do.
  fileprivate func asksTheSame(as other: DestinationSettings) -> Bool {
    method == other.method && url.isSamePlace(as: other.url) && when == other.when && body == other.body
      && query.elementsEqual(other.query) { $0 == $1 }
  }
}

extension Limits {
  /// The keys of `limits`.
  static let fields: [Field<Limits>] = [
    Field(
      "in_flight_records", \.inFlightRecords, .integer(1...10_000_000, example: "10000"), "records in flight, at most"),
    Field(
      "in_flight_bytes", \.inFlightBytes, .size(1...(1 << 40), example: "64MiB"), "bytes of records in flight, at most"),
  ]
}

extension DeadLetterSettings {
  /// The keys of `dead_letters`.
  static let fields: [Field<DeadLetterSettings>] = [
    Field("topic", \.topic, .topic(example: "orders.dead"), required: true, "the dead-letter topic"),
    Field(
      "compat", \.compat, .choice, "connect: also the headers __connect.errors.* of Kafka Connect's dead letters"),
    Field(
      "response_excerpt", \.responseExcerptBytes, .size(0...(64 << 10), example: "1KiB"),
      "how much of a response a dead letter carries; 0 keeps it out"),
  ]
}

extension LogSettings {
  /// The keys of `log`.
  static let fields: [Field<LogSettings>] = [
    Field("level", \.level, .choice, example: "info", "the least severe lines to write"),
    Field("format", \.format, .choice, "readable text or JSON lines"),
  ]
}
