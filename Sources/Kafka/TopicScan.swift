private import CRdKafka
package import FanOut

/// What a scan finds, in each partition's order.
package struct ScannedRecord: Sendable {
  package let partition: Int32
  package let offset: Int64
  /// Since 1970; -1 for none.
  package let timestampMilliseconds: Int64
  package let key: [UInt8]?
  package let value: [UInt8]?
}

/// Reads a topic without joining a group: all of its partitions, from a time on. Nothing is committed.
package struct TopicScan {
  package enum Finding {
    case record(ScannedRecord)
    /// All that stood in the topic at the beginning has been found. Once; where the scan goes on, what comes is new.
    case caughtUp
  }

  private struct Span {
    var next: Int64
    /// Behind the last record at the beginning.
    let end: Int64
  }

  private let probe: ProbeClient
  private let topic: String
  private let since: Int64?
  /// For brokers that do not answer.
  private let patience: Nanoseconds
  private var spans: [Span] = []

  /// Blocks until the end of the topic, or for ever where it follows.
  /// - Parameters:
  ///   - group: whose rights are used.
  ///   - since: records that were written before are left out; milliseconds since 1970.
  ///   - patience: with brokers that do not answer.
  ///   - take: false ends the scan.
  package static func run(
    _ topic: String, group: String, brokers: [String], properties: [KafkaProperty], since: Int64?, follows: Bool,
    patience: Nanoseconds, take: (Finding) -> Bool
  ) throws(KafkaError) {
    var settings = ProbeClient.settings(brokers: brokers, properties: properties)
    settings.fix("group.id", group)
    settings.fix("enable.auto.commit", "false")
    settings.fix("enable.partition.eof", "true")
    settings.fix("auto.offset.reset", "earliest")
    settings.fix("queued.max.messages.kbytes", "8192")
    var scan = TopicScan(
      probe: try ProbeClient(settings, .consumer), topic: topic, since: since, patience: patience)
    try scan.begin()
    try scan.read(follows: follows, take)
  }

  // MARK: - The beginning

  private mutating func begin() throws(KafkaError) {
    let deadline = monotonicNow() + patience
    let count = try probe.partitionCount(of: topic, until: deadline)
    guard let list = unsafe rd_kafka_topic_partition_list_new(Int32(clamping: count)) else { throw .outOfMemory }
    defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
    for partition in 0..<Int32(clamping: count) {
      let place = unsafe rd_kafka_topic_partition_list_add(list, topic, partition)
      // Below 0 it would have another meaning.
      unsafe place?.pointee.offset = max(0, since ?? 0)
    }
    let starts = since == nil ? nil : unsafe offsets(for: list, until: deadline)
    for partition in 0..<count {
      var low: Int64 = 0
      var high: Int64 = 0
      let error = unsafe rd_kafka_query_watermark_offsets(
        probe.pointer, topic, Int32(clamping: partition), &low, &high,
        max(1, (deadline - monotonicNow()).milliseconds))
      guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw probe.unreachable(error.rawValue) }
      let start = max(low, min(high, starts?[partition] ?? low))
      spans.append(Span(next: start, end: high))
      unsafe list.pointee.elems[partition].offset = start
    }
    let code = unsafe rd_kafka_assign(probe.pointer, list)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code: code.rawValue, at: topic) }
  }

  /// Where each partition's records of that time begin. Nil where the brokers cannot say: then all are looked at.
  /// - Parameter times: in the place of offsets.
  private func offsets(
    for times: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>, until deadline: Instant
  ) -> [Int64?]? {
    let timeout = max(1, (deadline - monotonicNow()).milliseconds)
    guard unsafe rd_kafka_offsets_for_times(probe.pointer, times, timeout) == RD_KAFKA_RESP_ERR_NO_ERROR else {
      return nil
    }
    return unsafe (0..<Int(times.pointee.cnt)).map { index in
      let place = unsafe times.pointee.elems[index]
      guard unsafe place.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
      // Below 0 there is no record of that time or a later one.
      return unsafe place.offset < 0 ? .max : place.offset
    }
  }

  // MARK: - Reading

  private mutating func read(follows: Bool, _ take: (Finding) -> Bool) throws(KafkaError) {
    var isBehind = true
    var heardAt = monotonicNow()
    while true {
      if isBehind, spans.allSatisfy({ $0.next >= $0.end }) {
        isBehind = false
        guard take(.caughtUp), follows else { return }
      }
      guard let message = unsafe rd_kafka_consumer_poll(probe.pointer, 500) else {
        if isBehind, monotonicNow() - heardAt > patience {
          throw probe.unreachable(RD_KAFKA_RESP_ERR__TIMED_OUT.rawValue)
        }
        // Or what the library says would pile up.
        probe.listen()
        continue
      }
      defer { unsafe rd_kafka_message_destroy(message) }
      heardAt = monotonicNow()
      if let record = unsafe try understand(message), isWanted(record), !take(.record(record)) { return }
    }
  }

  private func isWanted(_ record: ScannedRecord) -> Bool { since.map { record.timestampMilliseconds >= $0 } ?? true }

  private mutating func understand(
    _ message: UnsafeMutablePointer<rd_kafka_message_t>
  ) throws(KafkaError) -> ScannedRecord? {
    let fields = unsafe message.pointee
    let index = unsafe Int(fields.partition)
    switch unsafe fields.err {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      if spans.indices.contains(index) { unsafe spans[index].next = max(spans[index].next, fields.offset + 1) }
      return unsafe ScannedRecord(
        partition: fields.partition, offset: fields.offset,
        timestampMilliseconds: rd_kafka_message_timestamp(message, nil), key: bytes(fields.key, fields.key_len),
        value: bytes(fields.payload, fields.len))
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      // The last offsets may be no records: compacted away, or marks of a transaction.
      if spans.indices.contains(index) { spans[index].next = max(spans[index].next, spans[index].end) }
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      throw unsafe KafkaError(code: fields.err.rawValue, at: topic, cause: text(rd_kafka_message_errstr(message)))
    // Others are tried again by the library itself.
    default: break
    }
    return nil
  }
}

private func bytes(_ start: UnsafeMutableRawPointer?, _ count: Int) -> [UInt8]? {
  unsafe start.map { unsafe Array(UnsafeRawBufferPointer(start: $0, count: count)) }
}
