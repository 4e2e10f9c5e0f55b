private import CRdKafka

/// What a producer is made of.
package struct ProducerConfiguration: Sendable {
  package var brokers: [String]
  /// The user's librdkafka properties, over the room's defaults.
  package var properties: [KafkaProperty]
  /// How long a batch waits for more.
  package var lingerMilliseconds: Int

  package init(brokers: [String], properties: [KafkaProperty] = [], lingerMilliseconds: Int = 5) {
    self.brokers = brokers
    self.properties = properties
    self.lingerMilliseconds = lingerMilliseconds
  }

  func settings() -> ClientSettings {
    var settings = ClientSettings(
      brokers: brokers, properties: properties,
      events: RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG)
    // Only what every in-sync replica has counts, and once.
    settings.fix("acks", "all")
    settings.fix("enable.idempotence", "true")
    settings.fix("log.queue", "true")
    // The topic's own limit decides what is too large: the client's would be in the way of a topic that takes more.
    settings.set("message.max.bytes", "1000000000")
    settings.set("linger.ms", String(lingerMilliseconds))
    return settings
  }
}

/// A header to be added behind those of the original.
package struct OutgoingHeader: Sendable, Equatable {
  package let name: String
  /// `nil` is Kafka's null.
  package let value: [UInt8]?

  package init(name: String, value: [UInt8]?) {
    self.name = name
    self.value = value
  }
}
