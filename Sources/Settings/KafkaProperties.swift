/// Which librdkafka properties `kafka.properties` takes.
package enum KafkaPropertyRules {
  private static let offsets = "the bridge itself decides which offsets are stored and committed"
  private static let producer = "a dead letter must be acknowledged by all replicas, once"
  private static let callback = "the bridge's own code handles this event"

  private static let refused: [String: String] = [
    "enable.auto.commit": offsets, "enable.auto.offset.store": offsets, "auto.commit.interval.ms": offsets,
    "auto.commit.enable": offsets, "offset.store.method": offsets, "offset.store.path": offsets,
    "offset.store.sync.interval.ms": offsets, "enable.partition.eof": "the bridge sets it",
    "bootstrap.servers": "set kafka.brokers", "metadata.broker.list": "set kafka.brokers",
    "group.id": "set kafka.group",
    "group.instance.id": "set kafka.instance_id", "auto.offset.reset": "set kafka.start_at",
    "acks": producer, "request.required.acks": producer, "enable.idempotence": producer,
    "enable.gapless.guarantee": producer, "transactional.id": "the bridge's producer has no transactions",
    "message.send.max.retries": producer, "retries": producer, "max.in.flight": producer,
    "max.in.flight.requests.per.connection": producer, "delivery.report.only.error": producer,
    "security.protocol": "it follows from kafka.tls and kafka.sasl", "log.queue": "the bridge writes the log",
    "log_level": "set log.level", "group.protocol.type": "it is always 'consumer'", "opaque": callback,
    "default_topic_conf": callback, "interceptors": callback, "plugin.library.paths": "foreign code is not loaded",
    "produce.offset.report": producer, "internal.termination.signal": "the bridge handles signals",
    "allow.auto.create.topics": "a misspelt topic would be created instead of reported",
    "enabled_events": callback, "partitioner_cb": callback, "msg_order_cmp": callback,
    "queuing.strategy": "the order of records would be lost",
  ]

  private static let coveredByTLS = [
    "ssl.ca.location", "ssl.ca.pem", "ssl.certificate.location", "ssl.certificate.pem", "ssl.key.location",
    "ssl.key.pem",
    "ssl_ca", "ssl_certificate", "ssl_key",
  ]

  static var refusedNames: [String] { (refused.keys + coveredByTLS).sorted() }

  /// Why a property is refused; `nil` for one that is passed on.
  package static func refusal(of name: String) -> String? {
    if let why = refused[name] { return why }
    if coveredByTLS.contains(name) { return "set kafka.tls" }
    if name.hasPrefix("sasl.") { return "set kafka.sasl" }
    return name.hasSuffix("_cb") ? callback : nil
  }

  static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 100 && name.utf8.allSatisfy { NameText.isWord($0) || $0 == UInt8(ascii: ".") }
  }
}

extension ValueType where Value == [(name: String, value: String)] {
  /// A map from a property's name to a scalar, which goes to librdkafka as text.
  static var kafkaProperties: ValueType {
    ValueType(
      expected: "a map of properties", example: "{ session.timeout.ms: 45000 }",
      shape: .named(
        NamedEntries(
          what: "property", pattern: "^(?!sasl\\.)(?!.*_cb$)[A-Za-z0-9._-]{1,100}$",
          refused: KafkaPropertyRules.refusedNames, underscore: ".", item: .scalar)),
      write: { .map($0.map { PlainValue.Entry($0.name, SecretMask.value($0.value, ofKey: $0.name)) }) }
    ) { node, _, reader in
      let example = "{ session.timeout.ms: 45000 }"
      guard let entries = reader.entries(node, expected: "a map of properties", example: example) else { return nil }
      var properties: [(name: String, value: String)] = []
      for entry in entries {
        let name = PlainText.quoted(entry.key)
        guard KafkaPropertyRules.isName(entry.key) else {
          reader.log.error("\(name) is no property name", hint: "for example: session.timeout.ms", at: entry.keyPlace)
          continue
        }
        if let why = KafkaPropertyRules.refusal(of: entry.key) {
          reader.log.error("the property \(name) cannot be set", hint: why, at: entry.keyPlace)
          continue
        }
        guard let value = reader.scalar(entry.value, expected: "a property's value", example: example) else { continue }
        guard value.utf8.count <= 8192, !value.utf8.contains(0) else {
          reader.log.error("a NUL in a property, or more than 8192 bytes", at: entry.value.place)
          continue
        }
        if entry.key == "isolation.level", value != "read_committed" {
          reader.log.warning(
            "records of aborted transactions will be delivered", hint: "read_committed leaves them out",
            at: entry.value.place)
        }
        properties.append((entry.key, value))
      }
      return properties
    }
  }
}
