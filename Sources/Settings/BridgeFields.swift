/// A whole file while it is read: the settings, and what destinations begin as.
struct SettingsDraft: Sendable {
  var settings = BridgeSettings()
  var defaults = DestinationSettings(name: "", url: .unset)
  var version = 1

  /// The keys of the file. `defaults` stands before `destinations`, for rows are read in this order.
  static let fields: [Field<SettingsDraft>] = [
    Field("version", \.version, .integer(1...1, example: "1"), "the version of this format"),
    Field(
      "kafka", \.settings.kafka,
      .map(KafkaSettings.fields, example: "kafka: { brokers: [localhost:9092], group: orders-bridge }"),
      required: true, example: "{ brokers: [localhost:9092], group: orders-bridge }", "how to reach Kafka"),
    Field(
      "topic", .topic(example: "orders"), current: { _ in "" }, "the topic to read",
      set: { $1.settings.topics = [$0] }),
    Field(
      "topics", \.settings.topics,
      .list(of: .topic(example: "orders"), blank: "", example: "[orders, refunds]", same: ==),
      "the topics to read, where there are several"),
    Field("order", \.settings.order, .choice, "the order of first attempts"),
    Field(
      "limits", \.settings.limits, .map(Limits.fields, example: "{ in_flight_records: 10000 }"), "what may be in flight"
    ),
    Field(
      "commit_every", \.settings.commitEvery, .duration(min: .milliseconds(1), example: "250ms"),
      "how often offsets are committed"),
    Field("drain", \.settings.drain, .duration(example: "25s"), "how long a stop waits for what is in flight"),
    Field(
      "defaults", \.defaults, .map(DestinationSettings.sharedFields, example: "{ timeout: 15s }"),
      "what destinations have in common"),
    destinations,
    Field(
      "dead_letters", \.settings.deadLetters, .map(DeadLetterSettings.fields, example: "{ topic: orders.dead }"),
      required: true,
      "where refused records go"),
    Field("log", \.settings.log, .map(LogSettings.fields, example: "{ level: info }"), "log lines on standard error"),
  ]

  private static let destinations = Field<SettingsDraft>(
    "destinations", isRequired: true, summary: "the APIs that get every record",
    example: "{ crm: { url: https://crm.example.com/orders } }"
  ) { node, draft, reader in
    let type = ValueType.destinations(from: draft.defaults, example: "{ crm: { url: https://crm.example.com/orders } }")
    if let destinations = type.read(node, [], &reader) { draft.settings.destinations = destinations }
  }

  /// What concerns more than one key.
  static func check(_ node: Node, _ draft: inout SettingsDraft, _ reader: inout Reader) {
    switch (node["topic"], node["topics"]) {
    case (nil, nil):
      reader.log.error("missing key 'topic'", hint: "the topic to read; for example: topic: orders", at: .start)
    case (let topic?, let topics?):
      let (first, second) = topic.place.line <= topics.place.line ? (topic, topics) : (topics, topic)
      reader.log.error(
        "both 'topic' and 'topics'", hint: "keep one; the other is on line \(first.owner?.line ?? first.place.line)",
        at: second.owner ?? second.place)
    default: break
    }
    let dead = draft.settings.deadLetters.topic
    if !dead.isEmpty, draft.settings.topics.contains(dead), let place = node["dead_letters"]?["topic"]?.place {
      reader.log.error(
        "dead letters would go to the source topic \(PlainText.quoted(dead))",
        hint: "they would be read again without end; name another topic", at: place)
    }
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
