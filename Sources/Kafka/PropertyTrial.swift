private import CRdKafka

/// What the library says of properties without a word to any broker.
package enum PropertyTrial {
  package enum Fault: Error, Sendable, Equatable {
    /// The library that runs has no property of this name.
    case unknown
    /// It does not take the value; what it would take, or the library's words.
    case refused(String)
  }

  /// What is wrong with one property by itself.
  package static func fault(of property: KafkaProperty) -> Fault? {
    guard let settings = unsafe rd_kafka_conf_new() else { return nil }
    defer { unsafe rd_kafka_conf_destroy(settings) }
    var words = ""
    let result = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { reason in
      let result = unsafe rd_kafka_conf_set(
        settings, property.name, property.value, reason.baseAddress, reason.count)
      if result != RD_KAFKA_CONF_OK { words = unsafe text(reason.baseAddress) }
      return result
    }
    if result == RD_KAFKA_CONF_UNKNOWN { return .unknown }
    let row = PropertyTable.ofLibrary[property.name]
    // The library reads `45s` as 45, and says nothing.
    if let numbers = row?.numbers, Int(property.value).map(numbers.contains) != true {
      return .refused("it takes a whole number, \(numbers.lowerBound) to \(numbers.upperBound)")
    }
    guard result == RD_KAFKA_CONF_INVALID else { return nil }
    return .refused(row.flatMap { $0.range.isEmpty ? nil : "it takes \($0.range)" } ?? words)
  }

  /// Why `KafkaConsumer` could not be made of this; `nil` if it could. Without brokers nothing is connected to.
  package static func fault(of configuration: ConsumerConfiguration) -> KafkaError? {
    fault(of: configuration.settings(), .consumer)
  }

  /// The same for `KafkaProducer`.
  package static func fault(of configuration: ProducerConfiguration) -> KafkaError? {
    fault(of: configuration.settings(), .producer)
  }

  private static func fault(of settings: ClientSettings, _ type: ClientType) -> KafkaError? {
    do throws(KafkaError) {
      let client = try unsafe settings.makeClient(type)
      unsafe rd_kafka_destroy_flags(client, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
      return nil
    } catch {
      return error
    }
  }
}
