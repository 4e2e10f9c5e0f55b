import FanOut
import Kafka
import Payload
import Telemetry

/// How much of a record a dead letter carries. One that is too large for the topic is written once more in the next form.
enum DeadLetterForm: Int, Sendable {
  /// The record byte for byte, and all the headers that the contract names.
  case whole
  /// The record byte for byte, without what was kept of the response and with a short error.
  case lean
  /// Where the record is and what its value hashes to; its key only if that is short.
  case pointer

  private static let errorBytesMax = 200
  private static let pointerKeyBytesMax = 1_024

  var next: DeadLetterForm? { DeadLetterForm(rawValue: rawValue + 1) }

  func send(_ letter: OutgoingLetter, to topic: String, by producer: KafkaProducer, token: UInt64) -> KafkaError? {
    let headers = headers(of: letter)
    guard self == .pointer else {
      return producer.send(topic: topic, copyOf: letter.record, adding: headers, sink: 0, token: token)
    }
    let key = unsafe letter.record.withKey { unsafe $0.count <= Self.pointerKeyBytesMax ? Array($0) : nil }
    return producer.send(
      topic: topic, key: letter.record.hasKey ? key : nil, value: nil, headers: headers, sink: 0, token: token)
  }

  /// The contract's "Dead letter headers", and for a pointer what tells the value.
  func headers(of letter: OutgoingLetter) -> [OutgoingHeader] {
    var headers = letter.origin
    headers.append(.dlq("error", self == .whole ? letter.error : String(letter.error.prefix(Self.errorBytesMax))))
    if letter.isForConnect {
      headers.append(.connect("exception.message", String(letter.error.prefix(Self.errorBytesMax))))
    }
    if self == .whole, let response = letter.response {
      headers.append(OutgoingHeader(name: OutgoingHeader.dlqPrefix + "response", value: response))
    }
    if self == .pointer, letter.record.hasValue {
      headers.append(.dlq("value_sha256", unsafe letter.record.withValue { unsafe SHA256.hex($0) }))
      let length = unsafe letter.record.withValue { $0.count }
      headers.append(.dlq("value_length", "\(length)"))
    }
    return headers
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
