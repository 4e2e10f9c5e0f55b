import FanOut
import Kafka
import Payload
import Telemetry

/// How much of a record a dead letter carries. One that is too large for the topic is written once more in the next form:
/// first without the response, then without the largest part of the record, then without the next largest.
struct DeadLetterForm: Equatable, Sendable {
  /// The record byte for byte, and all the headers that the contract names.
  static let whole = DeadLetterForm(isLean: false, parts: .all)

  /// Without what was kept of the response, and with a short error.
  let isLean: Bool
  /// What is there of the record; headers tell of the rest.
  let parts: RecordParts

  private static let errorBytesMax = 200
  /// What tells of a part takes as much.
  private static let smallPartBytes = 128
  /// A record's own headers of these names must not pass for the letter's.
  private static let reserved = ReservedNames(prefix: OutgoingHeader.dlqPrefix, mark: "record.")

  /// nil for the smallest one.
  func next(of record: Record) -> DeadLetterForm? {
    guard isLean else { return DeadLetterForm(isLean: true, parts: .all) }
    // Of equals the first.
    let sizes: [(part: RecordParts, bytes: Int)] = [
      (.value, record.valueCount), (.headers, record.headerBytes), (.key, unsafe record.withKey { $0.count }),
    ]
    let largest = sizes.filter { parts.contains($0.part) && $0.bytes > Self.smallPartBytes }.max { $0.bytes < $1.bytes }
    return largest.map { DeadLetterForm(isLean: true, parts: parts.subtracting($0.part)) }
  }

  func send(_ letter: OutgoingLetter, to topic: String, by producer: KafkaProducer, token: UInt64) -> KafkaError? {
    producer.send(
      topic: topic, copyOf: letter.record, parts: parts, reserved: Self.reserved, adding: headers(of: letter), sink: 0,
      token: token)
  }

  /// The contract's "Dead letter headers", and what tells of the parts that are missed.
  func headers(of letter: OutgoingLetter) -> [OutgoingHeader] {
    var headers = letter.origin
    headers.append(.dlq("error", isLean ? String(letter.error.prefix(Self.errorBytesMax)) : letter.error))
    if letter.isForConnect {
      headers.append(.connect("exception.message", String(letter.error.prefix(Self.errorBytesMax))))
    }
    if !isLean, let response = letter.response {
      headers.append(OutgoingHeader(name: OutgoingHeader.dlqPrefix + "response", value: response))
    }
    if !parts.contains(.value) { unsafe letter.record.withValue { unsafe headers.tell("value", $0) } }
    if !parts.contains(.key) { unsafe letter.record.withKey { unsafe headers.tell("key", $0) } }
    if !parts.contains(.headers) {
      var count = 0
      unsafe letter.record.withHeaders { unsafe $0.forEach { _ in count += 1 } }
      headers.append(.dlq("headers_dropped", "\(count)"))
    }
    return headers
  }

  /// What the record is written without, for people; nil where it is all there.
  var missed: String? {
    let names = [(RecordParts.value, "value"), (.headers, "headers"), (.key, "key")]
      .filter { !parts.contains($0.0) }.map(\.1)
    return names.isEmpty ? nil : names.joined(separator: " and ")
  }
}

extension [OutgoingHeader] {
  fileprivate mutating func tell(_ part: String, _ bytes: UnsafeRawBufferPointer) {
    append(.dlq("\(part)_sha256", unsafe SHA256.hex(bytes)))
    append(.dlq("\(part)_length", "\(bytes.count)"))
  }
}

/// A dead letter before its form is chosen.
struct OutgoingLetter: Sendable {
  let record: Record
  /// Every header but `error` and `response`.
  let origin: [OutgoingHeader]
  let error: String
  /// The excerpt of the response's body; nil where none is wanted.
  let response: [UInt8]?
  /// Whether tools made for Kafka Connect's dead letters are to understand it (KIP-298).
  let isForConnect: Bool

  /// - Parameters:
  ///   - wallMilliseconds: the time of day at `now`, in milliseconds since 1970.
  ///   - connector: what Kafka Connect's headers name as the connector; nil where they are not wanted.
  init(
    _ record: Record, from partition: TopicPartition, destination: String, letter: DeadLetter, now: Instant,
    wallMilliseconds: Int64, keepsResponse: Bool, connector: String? = nil
  ) {
    func time(_ instant: Instant) -> String {
      Timestamp.text(milliseconds: wallMilliseconds - (now - instant).count / 1_000_000)
    }
    var headers: [OutgoingHeader] = [
      .dlq("id", "\(partition.topic)-\(partition.partition)-\(record.offset)-\(destination)"),
      .dlq("topic", partition.topic), .dlq("partition", "\(partition.partition)"), .dlq("offset", "\(record.offset)"),
      .dlq("timestamp", "\(record.timestampMilliseconds)"), .dlq("destination", destination),
      .dlq("reason", letter.reason.rawValue), .dlq("attempts", "\(letter.attempts)"),
      .dlq("first_attempt_at", time(letter.firstAttemptAt)), .dlq("failed_at", time(letter.failedAt)),
      .dlq("redrives", "0"),
    ]
    if letter.failure.status > 0 { headers.append(.dlq("status", "\(letter.failure.status)")) }
    if let connector {
      headers += [
        .connect("topic", partition.topic), .connect("partition", "\(partition.partition)"),
        .connect("offset", "\(record.offset)"), .connect("connector.name", connector), .connect("task.id", "0"),
        .connect("stage", "TASK_PUT"), .connect("class.name", destination),
        .connect("exception.class.name", "topictee.\(letter.reason.rawValue)"),
      ]
    }
    isForConnect = connector != nil
    self.record = record
    origin = headers
    error = letter.failure.message + (letter.failure.detail.isEmpty ? "" : ": \(letter.failure.detail)")
    response = keepsResponse ? letter.failure.response : nil
  }
}

extension OutgoingHeader {
  fileprivate static let dlqPrefix = "topictee.dlq."

  fileprivate static func connect(_ name: String, _ value: String) -> OutgoingHeader {
    OutgoingHeader(name: "__connect.errors." + name, value: Array(value.utf8))
  }

  fileprivate static func dlq(_ name: String, _ value: String) -> OutgoingHeader {
    OutgoingHeader(name: dlqPrefix + name, value: Array(value.utf8))
  }
}
