import CRdKafka

/// A record as it stands in a topic.
struct StoredRecord: Sendable {
  struct Header: Sendable, Equatable {
    let name: String
    let value: [UInt8]?
  }

  let topic: String
  let partition: Int32
  let offset: Int64
  let timestamp: Int64
  let key: [UInt8]?
  let value: [UInt8]?
  let headers: [Header]

  /// The last one of this name, as text.
  func header(_ name: String) -> String? {
    headers.last { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
  }
}

extension TestClient {
  /// All that stands in a topic now, by partition and offset; waits until there are at least so many.
  static func readAll(
    _ topic: String, partitions: Int, brokers: String, atLeast count: Int = 0, seconds: Double = 60
  ) throws -> [StoredRecord] {
    let client = try TestClient(
      RD_KAFKA_CONSUMER, brokers: brokers,
      [
        "group.id": "reader-of-\(topic)", "enable.auto.commit": "false", "auto.offset.reset": "earliest",
        "fetch.wait.max.ms": "50",
      ])
    var left: [Int32: Int64] = [:]
    let list = unsafe rd_kafka_topic_partition_list_new(Int32(partitions))
    defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
    for partition in 0..<partitions {
      let end = try client.end(of: topic, partition)
      if end > 0 { left[Int32(partition)] = end }
      guard let part = unsafe rd_kafka_topic_partition_list_add(list, topic, Int32(partition)) else { continue }
      unsafe part.pointee.offset = 0
    }
    try check(unsafe rd_kafka_assign(client.pointer, list), "assign")
    var records: [StoredRecord] = []
    let deadline = monotonicNanoseconds() + UInt64(seconds * 1e9)
    while !left.isEmpty || records.count < count {
      guard monotonicNanoseconds() < deadline else {
        throw Failure(description: "\(topic): \(records.count) of \(count) records, still missing \(left)")
      }
      guard let message = unsafe rd_kafka_consumer_poll(client.pointer, 1_000) else { continue }
      defer { unsafe rd_kafka_message_destroy(message) }
      guard unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
      let record = unsafe StoredRecord(message)
      records.append(record)
      if let end = left[record.partition], record.offset + 1 >= end { left[record.partition] = nil }
    }
    unsafe rd_kafka_consumer_close(client.pointer)
    return records.sorted { ($0.partition, $0.offset) < ($1.partition, $1.offset) }
  }
}

extension StoredRecord {
  fileprivate init(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
    let fields = unsafe message.pointee
    topic = unsafe String(cString: rd_kafka_topic_name(fields.rkt))
    partition = unsafe fields.partition
    offset = unsafe fields.offset
    timestamp = unsafe rd_kafka_message_timestamp(message, nil)
    key = unsafe Self.bytes(fields.key, fields.key_len)
    value = unsafe Self.bytes(fields.payload, fields.len)
    var found: [Header] = []
    var list: OpaquePointer?
    if unsafe rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR {
      var name: UnsafePointer<CChar>?
      var start: UnsafeRawPointer?
      var size = 0
      while unsafe rd_kafka_header_get_all(list, found.count, &name, &start, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
        guard let name = unsafe name else { break }
        unsafe found.append(
          Header(
            name: String(cString: name),
            value: start.map { unsafe Array(UnsafeRawBufferPointer(start: $0, count: size)) }))
      }
    }
    headers = found
  }

  private static func bytes(_ start: UnsafeMutableRawPointer?, _ count: Int) -> [UInt8]? {
    guard let start = unsafe start else { return nil }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
  }
}
