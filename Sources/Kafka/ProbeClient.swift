import CRdKafka
import FanOut

/// A short-lived client for questions to the brokers, with deadlines; destroyed with the object, on the same thread.
@safe final class ProbeClient {
  let pointer: OpaquePointer
  let queue: OpaquePointer
  private let brokers: String
  /// What to say when the login fails, if the library itself may be the reason.
  private let loginHint: String?
  /// The library's last word about why.
  private var lastError: KafkaError?
  /// When it was first heard that no broker takes a connection.
  private(set) var downSince: Instant?

  init(_ settings: ClientSettings, _ type: ClientType = .producer) throws(KafkaError) {
    unsafe pointer = try settings.overridingUsers().makeClient(type)
    brokers = settings.value(of: "bootstrap.servers") ?? ""
    loginHint = settings.loginHint
    guard let main = unsafe rd_kafka_queue_get_main(pointer) else {
      unsafe rd_kafka_destroy(pointer)
      throw .outOfMemory
    }
    unsafe queue = main
    unsafe rd_kafka_set_log_queue(pointer, queue)
  }

  convenience init(brokers: [String], properties: [KafkaProperty]) throws(KafkaError) {
    try self.init(Self.settings(brokers: brokers, properties: properties))
  }

  deinit {
    unsafe rd_kafka_queue_destroy(queue)
    unsafe rd_kafka_destroy(pointer)
  }

  static func settings(brokers: [String], properties: [KafkaProperty]) -> ClientSettings {
    var settings = ClientSettings(
      brokers: brokers, properties: properties, events: RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR)
    settings.fix("log.queue", "true")
    // Asking for a topic must not make it.
    settings.fix("allow.auto.create.topics", "false")
    return settings
  }

  /// How many partitions the topic has.
  func partitionCount(of topic: String, until deadline: Instant) throws(KafkaError) -> Int {
    guard let handle = unsafe rd_kafka_topic_new(pointer, topic, nil) else {
      throw KafkaError(code: rd_kafka_last_error().rawValue, at: topic)
    }
    defer { unsafe rd_kafka_topic_destroy(handle) }
    var answer: UnsafePointer<rd_kafka_metadata>?
    let timeout = max(1, (deadline - monotonicNow()).milliseconds)
    let error = unsafe rd_kafka_metadata(pointer, 0, handle, &answer, timeout)
    guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let answer = unsafe answer else { throw unreachable(error.rawValue) }
    defer { unsafe rd_kafka_metadata_destroy(answer) }
    guard unsafe answer.pointee.topic_cnt > 0, let found = unsafe answer.pointee.topics?.pointee else {
      throw KafkaError(code: RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART.rawValue, at: topic)
    }
    guard unsafe found.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw KafkaError(code: unsafe found.err.rawValue, at: topic)
    }
    return Int(unsafe found.partition_cnt)
  }

  /// The error of a question without an answer, with what the library said last about why.
  func unreachable(_ code: Int32) -> KafkaError {
    listen()
    return lastError ?? KafkaError(code: code, at: brokers, cause: "no answer in time")
  }

  /// Takes what the library has said so far.
  func listen() {
    while let event = unsafe rd_kafka_queue_poll(queue, 0) {
      defer { unsafe rd_kafka_event_destroy(event) }
      guard unsafe rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR else { continue }
      let error = unsafe KafkaError(
        code: rd_kafka_event_error(event).rawValue, at: brokers, cause: text(rd_kafka_event_error_string(event)))
      if error.code == RD_KAFKA_RESP_ERR__AUTHENTICATION.rawValue, let loginHint {
        lastError = KafkaError(code: error.code, at: brokers, cause: "\(error.cause); \(loginHint)")
      } else if error.code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue {
        // It comes last and explains nothing.
        downSince = downSince ?? monotonicNow()
        lastError = lastError ?? error
      } else {
        lastError = error
      }
    }
  }
}
