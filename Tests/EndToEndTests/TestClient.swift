import CRdKafka

/// A plain librdkafka client of the tests' own, so that what the bridge wrote is not read back by the bridge's code.
@safe final class TestClient {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let pointer: OpaquePointer

  init(_ type: rd_kafka_type_t, brokers: String, _ properties: [String: String] = [:]) throws {
    let settings = unsafe rd_kafka_conf_new()
    var reason = [CChar](repeating: 0, count: 512)
    let all = properties.merging(["bootstrap.servers": brokers, "log_level": "0"]) { own, _ in own }
    for (name, value) in all {
      guard unsafe rd_kafka_conf_set(settings, name, value, &reason, reason.count) == RD_KAFKA_CONF_OK else {
        unsafe rd_kafka_conf_destroy(settings)
        throw Failure(description: "\(name): \(Self.text(reason))")
      }
    }
    guard let client = unsafe rd_kafka_new(type, settings, &reason, reason.count) else {
      unsafe rd_kafka_conf_destroy(settings)
      throw Failure(description: Self.text(reason))
    }
    unsafe pointer = client
  }

  deinit { unsafe rd_kafka_destroy(pointer) }

  static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func check(_ code: rd_kafka_resp_err_t, _ what: String) throws {
    guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    throw Failure(description: unsafe "\(what): \(String(cString: rd_kafka_err2str(code)))")
  }

  /// Waits for the broker's answer.
  func createTopic(_ name: String, partitions: Int) throws {
    var reason = [CChar](repeating: 0, count: 512)
    let topic = unsafe rd_kafka_NewTopic_new(name, Int32(partitions), 1, &reason, reason.count)
    guard unsafe topic != nil else { throw Failure(description: "\(name): \(Self.text(reason))") }
    defer { unsafe rd_kafka_NewTopic_destroy(topic) }
    let queue = unsafe rd_kafka_queue_new(pointer)
    defer { unsafe rd_kafka_queue_destroy(queue) }
    var topics: [OpaquePointer?] = unsafe [topic]
    unsafe rd_kafka_CreateTopics(pointer, &topics, 1, nil, queue)
    guard let event = unsafe rd_kafka_queue_poll(queue, 30_000) else {
      throw Failure(description: "\(name): no answer to CreateTopics")
    }
    defer { unsafe rd_kafka_event_destroy(event) }
    try Self.check(unsafe rd_kafka_event_error(event), "CreateTopics")
    var count = 0
    let results = unsafe rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
    for i in 0..<count { try Self.check(unsafe rd_kafka_topic_result_error(results?[i]), name) }
  }

  /// The offset behind the last record.
  func end(of topic: String, _ partition: Int) throws -> Int64 {
    var low: Int64 = 0
    var high: Int64 = 0
    try Self.check(
      unsafe rd_kafka_query_watermark_offsets(pointer, topic, Int32(partition), &low, &high, 20_000),
      "\(topic)[\(partition)]")
    return high
  }
}
