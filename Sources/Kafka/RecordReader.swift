private import CRdKafka
import FanOut

/// Turns what stands in a lane's queue into records: each message is copied once and destroyed at once, for one that
/// is kept pins its whole fetch response.
struct RecordReader {
  struct Batch {
    var records: [Record] = []
    /// What the records cost against the lane's credit.
    var bytes = 0
    /// Messages taken from the queue, also those that were dropped.
    var messages = 0
    var errors: [KafkaError] = []
  }

  static let recordsMax = 256
  static let bytesMax = 1 << 20

  private var headers: [UInt8] = []

  /// Never waits. The batch may pass `bytes` by its last record.
  mutating func read(
    _ queue: OpaquePointer, table: inout AssignmentTable, records: Int, bytes: Int
  ) -> Batch {
    var batch = Batch()
    let recordLimit = min(records, Self.recordsMax)
    let byteLimit = min(bytes, Self.bytesMax)
    while batch.messages < Self.recordsMax, batch.records.count < recordLimit, batch.bytes < byteLimit {
      guard let message = unsafe rd_kafka_consume_queue(queue, 0) else { break }
      batch.messages += 1
      if let record = unsafe record(of: message, &table, &batch.errors) {
        if batch.records.isEmpty { batch.records.reserveCapacity(recordLimit) }
        batch.bytes += record.footprint
        batch.records.append(record)
      }
      unsafe rd_kafka_message_destroy(message)
    }
    return batch
  }

  private mutating func record(
    of message: UnsafeMutablePointer<rd_kafka_message_t>, _ table: inout AssignmentTable,
    _ errors: inout [KafkaError]
  ) -> Record? {
    let fields = unsafe message.pointee
    guard unsafe fields.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
      if unsafe fields.err != RD_KAFKA_RESP_ERR__PARTITION_EOF { unsafe errors.append(error(of: message)) }
      return nil
    }
    guard let id = unsafe table.assignment(ofTopic: fields.rkt, partition: fields.partition) else { return nil }
    unsafe readHeaders(message)
    let key = unsafe UnsafeRawBufferPointer(start: fields.key, count: fields.key == nil ? 0 : fields.key_len)
    let value = unsafe UnsafeRawBufferPointer(start: fields.payload, count: fields.payload == nil ? 0 : fields.len)
    return unsafe headers.withUnsafeBytes { encoded in
      unsafe Record.make(
        assignment: id, offset: fields.offset, timestampMilliseconds: rd_kafka_message_timestamp(message, nil),
        key: fields.key == nil ? nil : key, headers: encoded, value: fields.payload == nil ? nil : value)
    }
  }

  private mutating func readHeaders(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
    headers.removeAll(keepingCapacity: true)
    var list: OpaquePointer?
    guard unsafe rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    var index = 0
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var size = 0
    while unsafe rd_kafka_header_get_all(list, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
      if let name = unsafe name {
        unsafe RecordHeaders.encode(
          name: UnsafeRawBufferPointer(start: name, count: stringLength(name)),
          value: value == nil ? nil : UnsafeRawBufferPointer(start: value, count: size), into: &headers)
      }
      index += 1
    }
  }

  private func error(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> KafkaError {
    let fields = unsafe message.pointee
    let topic = unsafe fields.rkt == nil ? "" : text(rd_kafka_topic_name(fields.rkt))
    return unsafe KafkaError(
      code: fields.err.rawValue, at: topic.isEmpty ? "" : "\(topic)[\(fields.partition)]",
      cause: text(rd_kafka_message_errstr(message)))
  }
}
