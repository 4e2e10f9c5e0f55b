private import CRdKafka

/// What went wrong with Kafka: code, what, where, cause.
package struct KafkaError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Kafka's own code when positive, librdkafka's when negative.
  package let code: Int32
  /// The code's name as Kafka writes it: `TOPIC_AUTHORIZATION_FAILED`; librdkafka's own begin with `_`.
  package let name: String
  /// The code in words.
  package let what: String
  /// The broker, topic or property it is about; empty when it is about the client as a whole.
  package let at: String
  /// What the library or the broker said about this very case; may be empty.
  package let cause: String
  /// The client cannot go on: it must be closed and made anew.
  package var isFatal: Bool

  package init(code: Int32, at: String = "", cause: String = "", isFatal: Bool = false) {
    let error = rd_kafka_resp_err_t(rawValue: code)
    self.code = code
    name = unsafe text(rd_kafka_err2name(error))
    what = unsafe text(rd_kafka_err2str(error))
    self.at = at
    self.cause = cause
    self.isFatal = isFatal || error == RD_KAFKA_RESP_ERR__FATAL
  }

  package var description: String {
    var line = "\(name): \(what)"
    if !at.isEmpty { line += " (\(at))" }
    if !cause.isEmpty && cause != what { line += ": \(cause)" }
    return line
  }

  /// The same call may succeed a moment later: the queue of what is to be sent is full.
  package var isQueueFull: Bool { code == RD_KAFKA_RESP_ERR__QUEUE_FULL.rawValue }
  /// A property that the library does not know, or a value that it does not take.
  package var isRefusedProperty: Bool { code == RD_KAFKA_RESP_ERR__INVALID_ARG.rawValue }
  /// The group has no offset for a partition, or one that the topic does not hold, and `start_at` is `fail`.
  package var isWithoutOffset: Bool { code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET.rawValue }
  package var isMissingTopic: Bool {
    code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART.rawValue || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC.rawValue
  }
  /// The record is larger than the client or the broker takes.
  package var isTooLarge: Bool { code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE.rawValue }
}

extension KafkaError {
  /// Asked of what is closed already.
  package static var closed: KafkaError { KafkaError(code: RD_KAFKA_RESP_ERR__STATE.rawValue, cause: "closed") }

  /// Takes over an error object of the library and destroys it; `nil` in, `nil` out.
  static func take(_ object: OpaquePointer?, at place: String = "") -> KafkaError? {
    guard let object = unsafe object else { return nil }
    defer { unsafe rd_kafka_error_destroy(object) }
    return unsafe KafkaError(
      code: rd_kafka_error_code(object).rawValue, at: place, cause: text(rd_kafka_error_string(object)),
      isFatal: rd_kafka_error_is_fatal(object) != 0)
  }

  /// The error that made the client unusable, if there is one.
  static func fatal(of client: OpaquePointer) -> KafkaError? {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer -> KafkaError? in
      let error = unsafe rd_kafka_fatal_error(client, buffer.baseAddress, buffer.count)
      guard error != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
      return unsafe KafkaError(code: error.rawValue, cause: text(buffer.baseAddress), isFatal: true)
    }
  }
}

/// A C string's text; empty for none.
func text(_ string: UnsafePointer<CChar>?) -> String {
  guard let string = unsafe string else { return "" }
  return unsafe String(cString: string)
}
