private import CRdKafka
package import FanOut

/// Whether a topic takes records from us.
package enum Writability: Sendable, Equatable {
  case writable
  /// It exists, but more could not be proved without leaving a record behind; why.
  case unproven(String)
}

extension KafkaAdmin {
  /// Proves that the topic can be written to, and leaves no record behind: the broker checks the right to write and
  /// the in-sync replicas before the size, so "too large" for a message that is too large is the proof. Every other
  /// answer is the error.
  package static func proveWritable(
    topic: String, brokers: [String], properties: [KafkaProperty], timeout: Nanoseconds
  ) throws(KafkaError) -> Writability {
    let deadline = monotonicNow() + timeout
    let limit: Int
    do {
      let probe = try ProbeClient(brokers: brokers, properties: properties)
      _ = try probe.partitionCount(of: topic, until: deadline)
      switch probe.topicSetting("max.message.bytes", topic: topic, until: deadline) {
      case .success(let value):
        guard let bytes = Int(value) else { return .unproven("max.message.bytes of \(topic) is \(value)") }
        limit = bytes
      case .failure(let error):
        return .unproven("max.message.bytes of \(topic) cannot be read: \(error.reason)")
      }
    }
    guard limit <= 8 << 20 else { return .unproven("max.message.bytes of \(topic) is \(limit), too much to try") }
    return try sendTooLarge(topic: topic, limit: limit, brokers, properties, until: deadline)
  }

  private static func sendTooLarge(
    topic: String, limit: Int, _ brokers: [String], _ properties: [KafkaProperty], until deadline: Instant
  ) throws(KafkaError) -> Writability {
    let size = max(0, limit) + 1024
    let milliseconds = max(1000, (deadline - monotonicNow()).milliseconds)
    var settings = ProbeClient.settings(brokers: brokers, properties: properties)
    settings.fix("acks", "all")
    settings.fix("enable.idempotence", "false")
    settings.fix("compression.type", "none")
    settings.fix("linger.ms", "0")
    settings.fix("retries", "2")
    settings.fix("message.max.bytes", String(max(1000, size + 64 * 1024)))
    settings.fix("request.timeout.ms", String(milliseconds))
    settings.fix("message.timeout.ms", String(milliseconds))
    let probe = try ProbeClient(settings)
    let value = [UInt8](repeating: 0, count: size)
    let refused = unsafe value.withUnsafeBytes { bytes in
      unsafe KafkaError.take(
        topictee_produce(probe.pointer, topic, nil, 0, bytes.baseAddress, bytes.count, nil, nil), at: topic)
    }
    if let refused { throw refused }
    let error = probe.firstReport(until: deadline + .seconds(1), topic: topic)
    guard let error else { return .writable }
    if error.isTooLarge { return .writable }
    throw error
  }
}

/// Why a setting is not known.
struct Unreadable: Error { let reason: String }

extension ProbeClient {
  /// Nil for a message that was taken.
  func firstReport(until deadline: Instant, topic: String) -> KafkaError? {
    var last = KafkaError(code: RD_KAFKA_RESP_ERR__TIMED_OUT.rawValue, at: topic, cause: "no answer in time")
    while case let left = deadline - monotonicNow(), left > .zero {
      guard let event = unsafe rd_kafka_queue_poll(queue, left.milliseconds) else { continue }
      defer { unsafe rd_kafka_event_destroy(event) }
      if unsafe rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR {
        last = unsafe KafkaError(
          code: rd_kafka_event_error(event).rawValue, at: topic, cause: text(rd_kafka_event_error_string(event)))
      }
      if let message = unsafe rd_kafka_event_message_next(event) {
        let code = unsafe message.pointee.err
        if code == RD_KAFKA_RESP_ERR_NO_ERROR { return nil }
        return KafkaError(code: code.rawValue, at: topic)
      }
    }
    return last
  }

  /// A topic's setting as the broker has it.
  func topicSetting(_ name: String, topic: String, until deadline: Instant) -> Result<String, Unreadable> {
    guard let resource = unsafe rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic) else {
      return .failure(Unreadable(reason: "out of memory"))
    }
    defer { unsafe rd_kafka_ConfigResource_destroy(resource) }
    let options = unsafe rd_kafka_AdminOptions_new(pointer, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS)
    defer { unsafe rd_kafka_AdminOptions_destroy(options) }
    let timeout = max(1, (deadline - monotonicNow()).milliseconds)
    unsafe rd_kafka_AdminOptions_set_request_timeout(options, timeout, nil, 0)
    // Any broker knows. Unasked, the library looks for the controller first: the embedded cluster has none, and that
    // search lasts until the time is over.
    if let broker = someBroker(until: deadline) { unsafe rd_kafka_AdminOptions_set_broker(options, broker, nil, 0) }
    var resources: [OpaquePointer?] = unsafe [resource]
    unsafe rd_kafka_DescribeConfigs(pointer, &resources, 1, options, queue)
    while case let left = deadline + .milliseconds(500) - monotonicNow(), left > .zero {
      guard let event = unsafe rd_kafka_queue_poll(queue, left.milliseconds) else { continue }
      defer { unsafe rd_kafka_event_destroy(event) }
      guard unsafe rd_kafka_event_type(event) == RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT else { continue }
      return unsafe setting(name, in: event)
    }
    return .failure(Unreadable(reason: "no answer in time"))
  }

  private func someBroker(until deadline: Instant) -> Int32? {
    var answer: UnsafePointer<rd_kafka_metadata>?
    let timeout = max(1, (deadline - monotonicNow()).milliseconds)
    guard unsafe rd_kafka_metadata(pointer, 0, nil, &answer, timeout) == RD_KAFKA_RESP_ERR_NO_ERROR,
      let answer = unsafe answer
    else { return nil }
    defer { unsafe rd_kafka_metadata_destroy(answer) }
    return unsafe answer.pointee.broker_cnt > 0 ? answer.pointee.brokers?.pointee.id : nil
  }

  private func setting(_ name: String, in event: OpaquePointer) -> Result<String, Unreadable> {
    let error = unsafe rd_kafka_event_error(event)
    guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
      return .failure(Unreadable(reason: KafkaError(code: error.rawValue).name))
    }
    var resourceCount = 0
    let result = unsafe rd_kafka_event_DescribeConfigs_result(event)
    guard let resources = unsafe rd_kafka_DescribeConfigs_result_resources(result, &resourceCount), resourceCount > 0
    else { return .failure(Unreadable(reason: "an empty answer")) }
    let code = unsafe rd_kafka_ConfigResource_error(resources[0])
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      return .failure(Unreadable(reason: KafkaError(code: code.rawValue).name))
    }
    var entryCount = 0
    let entries = unsafe rd_kafka_ConfigResource_configs(resources[0], &entryCount)
    for index in 0..<entryCount {
      let entry = unsafe entries?[index]
      if unsafe text(rd_kafka_ConfigEntry_name(entry)) == name {
        return .success(unsafe text(rd_kafka_ConfigEntry_value(entry)))
      }
    }
    return .failure(Unreadable(reason: "the broker does not name it"))
  }
}
