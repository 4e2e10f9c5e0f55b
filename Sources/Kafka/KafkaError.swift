internal import CRdKafka

/// What the Kafka client could not do, and why.
package struct KafkaError: Error, Sendable, Equatable, CustomStringConvertible {
  /// librdkafka's number; negative ones are the client's own.
  package let code: Int32
  /// Kafka's name of it, such as `TOPIC_AUTHORIZATION_FAILED`.
  package let name: String
  /// What was tried.
  package let what: String
  /// The client's or broker's own words.
  package let cause: String

  package init(code: Int32, name: String, what: String, cause: String) {
    self.code = code
    self.name = name
    self.what = what
    self.cause = cause
  }

  init(_ code: rd_kafka_resp_err_t, _ what: String, cause: String? = nil) {
    let text = unsafe rd_kafka_err2str(code).map { unsafe String(cString: $0) } ?? ""
    let name = unsafe rd_kafka_err2name(code).map { unsafe String(cString: $0) } ?? "\(code.rawValue)"
    self.init(code: code.rawValue, name: name, what: what, cause: cause ?? text)
  }

  package var description: String { "\(what): \(cause) (\(name))" }

  /// The record or batch is larger than the client or the broker takes.
  package var isTooLarge: Bool { code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE.rawValue }
}

/// One librdkafka property.
package struct KafkaProperty: Sendable, Equatable, CustomStringConvertible {
  package let name: String
  package let value: String
  package let isSecret: Bool

  package init(_ name: String, _ value: String, isSecret: Bool = false) {
    self.name = name
    self.value = value
    self.isSecret = isSecret
  }

  package var description: String { "\(name)=\(isSecret ? "<secret>" : value)" }
}

/// What a client says that belongs to no record.
package enum KafkaNotice: Sendable {
  /// Nothing of this client will work again.
  case fatal(KafkaError)
  case warning(KafkaError)
  case assignment(partitions: Int)
  /// Not clean: the broker did not answer in time, and the group finds out by the session timeout.
  case closed(clean: Bool)
}

/// A client handle in the making.
@safe struct ClientConfiguration: ~Copyable {
  private let conf: OpaquePointer?

  init(_ properties: [KafkaProperty]) throws(KafkaError) {
    unsafe conf = rd_kafka_conf_new()
    for property in properties {
      var text = [CChar](repeating: 0, count: 512)
      let result = unsafe rd_kafka_conf_set(conf, property.name, property.value, &text, text.count)
      guard result == RD_KAFKA_CONF_OK else {
        let cause = Clock.text(text)
        unsafe rd_kafka_conf_destroy(conf)
        throw KafkaError(
          code: RD_KAFKA_RESP_ERR__INVALID_ARG.rawValue, name: "_INVALID_ARG",
          what: "setting kafka property \(property.name)", cause: property.isSecret ? "not accepted" : cause)
      }
    }
  }

  /// Makes the client; the configuration is its own from here on.
  consuming func makeClient(_ kind: rd_kafka_type_t) throws(KafkaError) -> OpaquePointer {
    unsafe rd_kafka_conf_set_events(
      conf,
      RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT
        | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_LOG)
    var text = [CChar](repeating: 0, count: 512)
    guard let client = unsafe rd_kafka_new(kind, conf, &text, text.count) else {
      let cause = Clock.text(text)
      unsafe rd_kafka_conf_destroy(conf)
      throw KafkaError(
        code: RD_KAFKA_RESP_ERR__FAIL.rawValue, name: "_FAIL", what: "making a Kafka client", cause: cause)
    }
    return unsafe client
  }
}

/// `rd_kafka_version()` from which on something is known to work.
enum LibraryVersion {
  static let current = Int(rd_kafka_version())
  /// `fetch.queue.backoff.ms` may be set.
  static var hasFetchBackoff: Bool { current >= 0x0202_00ff }
  /// cooperative-sticky survives commits during a rebalance (librdkafka#4059, mended by #4908).
  static var hasSoundCooperativeSticky: Bool { current >= 0x020a_01ff }
}

/// The client library this process runs on.
package enum KafkaLibrary {
  package static var version: String {
    guard let text = unsafe rd_kafka_version_str() else { return "unknown" }
    return unsafe String(cString: text)
  }
}
