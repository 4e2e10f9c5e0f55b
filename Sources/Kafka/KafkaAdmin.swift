internal import CRdKafka
package import FanOut

/// Questions asked once, at the start: blocking, with a deadline each.
package enum KafkaAdmin {
  /// Partitions of each topic; an error names the first that is missing or not allowed, or the brokers that do not
  /// answer.
  package static func partitionCounts(
    of topics: [String], properties: [KafkaProperty], timeout: Nanoseconds
  ) throws(KafkaError) -> [String: Int] {
    let client = unsafe try ClientConfiguration(properties).makeClient(RD_KAFKA_PRODUCER)
    defer { unsafe rd_kafka_destroy(client) }
    var counts: [String: Int] = [:]
    for topic in topics { counts[topic] = try unsafe count(topic, client, timeout) }
    return counts
  }

  private static func count(
    _ topic: String, _ client: OpaquePointer, _ timeout: Nanoseconds
  ) throws(KafkaError) -> Int {
    let handle = unsafe rd_kafka_topic_new(client, topic, nil)
    defer { unsafe rd_kafka_topic_destroy(handle) }
    var metadata: UnsafePointer<rd_kafka_metadata>?
    let deadline = Clock.now + UInt64(max(0, timeout.count))
    while true {
      let left = Int64(deadline) - Int64(Clock.now)
      let wait = Int32(clamping: max(1, left / 1_000_000))
      let error = unsafe rd_kafka_metadata(client, 0, handle, &metadata, wait)
      guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let found = unsafe metadata else {
        throw KafkaError(
          error, "asking the brokers for topic '\(topic)'", cause: unsafe lastError(client))
      }
      defer { unsafe rd_kafka_metadata_destroy(found) }
      let entry = unsafe found.pointee.topic_cnt > 0 ? found.pointee.topics[0] : nil
      let own = unsafe entry?.err ?? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
      if own == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, left > 0 { continue }
      guard own == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(own, "topic '\(topic)'") }
      return unsafe Int(entry?.partition_cnt ?? 0)
    }
  }

  /// The client's own words about the connection, such as "Connection refused", rather than "timed out".
  private static func lastError(_ client: OpaquePointer) -> String? {
    let queue = unsafe rd_kafka_queue_get_main(client)
    defer { unsafe rd_kafka_queue_destroy(queue) }
    var words: String?
    while let event = unsafe rd_kafka_queue_poll(queue, 0) {
      if unsafe rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR,
        unsafe rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
        let text = unsafe rd_kafka_event_error_string(event)
      {
        words = unsafe String(cString: text)
      }
      unsafe rd_kafka_event_destroy(event)
    }
    return words
  }

  package enum Proof: Sendable, Equatable {
    case writable
    /// Could not be asked without leaving a record behind.
    case unproven(String)
  }

  /// Proves that records can be written, without writing one: a message just over the topic's `max.message.bytes` is
  /// refused for its size only after the broker has checked the right to write and the in-sync replicas.
  package static func proveWritable(
    _ topic: String, properties: [KafkaProperty], timeout: Nanoseconds
  ) throws(KafkaError) -> Proof {
    let limit: Int
    switch try maxMessageBytes(of: topic, properties: properties, timeout: timeout) {
    case .some(let bytes) where bytes <= 8 << 20: limit = bytes
    case .some(let bytes): return .unproven("max.message.bytes is \(bytes), too large to be probed")
    case .none: return .unproven("the topic's configuration cannot be read")
    }
    let milliseconds = String(max(1_000, timeout.count / 1_000_000))
    let probe =
      properties + [
        KafkaProperty("message.max.bytes", String(limit + 65_536)), KafkaProperty("acks", "all"),
        KafkaProperty("compression.type", "none"), KafkaProperty("message.timeout.ms", milliseconds),
        KafkaProperty("message.send.max.retries", "2"),
      ]
    let client = unsafe try ClientConfiguration(probe).makeClient(RD_KAFKA_PRODUCER)
    let queue = unsafe rd_kafka_queue_get_main(client)
    defer {
      unsafe rd_kafka_queue_destroy(queue)
      unsafe rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
      unsafe rd_kafka_destroy(client)
    }
    let value = [UInt8](repeating: 0, count: limit + 1_024)
    let refusal = unsafe value.withUnsafeBytes {
      unsafe topictee_produce(client, topic, nil, 0, $0.baseAddress, $0.count, nil, 0, nil)
    }
    if let refusal = unsafe refusal {
      defer { unsafe rd_kafka_error_destroy(refusal) }
      throw KafkaError(unsafe rd_kafka_error_code(refusal), "writing to '\(topic)'")
    }
    let deadline = Clock.now + UInt64(max(0, timeout.count)) + 1_000_000_000
    while Clock.now < deadline {
      guard let event = unsafe rd_kafka_queue_poll(queue, 250) else { continue }
      defer { unsafe rd_kafka_event_destroy(event) }
      guard unsafe rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR,
        let message = unsafe rd_kafka_event_message_next(event)
      else { continue }
      let code = unsafe message.pointee.err
      if code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE { return .writable }
      throw KafkaError(code, "writing to '\(topic)'")
    }
    throw KafkaError(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, "writing to '\(topic)'")
  }

  private static func maxMessageBytes(
    of topic: String, properties: [KafkaProperty], timeout: Nanoseconds
  ) throws(KafkaError) -> Int? {
    let client = unsafe try ClientConfiguration(properties).makeClient(RD_KAFKA_PRODUCER)
    let queue = unsafe rd_kafka_queue_new(client)
    defer {
      unsafe rd_kafka_queue_destroy(queue)
      unsafe rd_kafka_destroy(client)
    }
    var resource = unsafe rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)
    unsafe rd_kafka_DescribeConfigs(client, &resource, 1, nil, queue)
    unsafe rd_kafka_ConfigResource_destroy(resource)
    guard let event = unsafe rd_kafka_queue_poll(queue, Int32(clamping: timeout.count / 1_000_000)) else { return nil }
    defer { unsafe rd_kafka_event_destroy(event) }
    guard let result = unsafe rd_kafka_event_DescribeConfigs_result(event) else { return nil }
    var resourceCount = 0
    let resources = unsafe rd_kafka_DescribeConfigs_result_resources(result, &resourceCount)
    guard resourceCount > 0 else { return nil }
    var count = 0
    guard let entries = unsafe rd_kafka_ConfigResource_configs(resources?[0], &count) else { return nil }
    for i in 0..<count {
      guard let name = unsafe rd_kafka_ConfigEntry_name(entries[i]),
        unsafe String(cString: name) == "max.message.bytes",
        let value = unsafe rd_kafka_ConfigEntry_value(entries[i])
      else { continue }
      return unsafe Int(String(cString: value))
    }
    return nil
  }
}
