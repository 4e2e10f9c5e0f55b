import FanOut
import Kafka
import Payload
import Settings
import Telemetry

/// How a results row is written. One that is too large for the topic is written once more in the next form.
enum RowForm: Int, Sendable {
  /// In a request with others: a broker refuses all of them for one.
  case whole
  /// The same in a request of its own.
  case alone
  /// With the length of each body in its place.
  case lean
  /// Also with the key's hash and length in its place, unless it is short.
  case pointer

  private static let keyBytesMax = 1_024

  var next: RowForm? { RowForm(rawValue: rawValue + 1) }

  func send(_ row: OutgoingRow, by producer: KafkaProducer, token: UInt64) -> KafkaError? {
    let key = unsafe row.record.withKey { unsafe hasRoom(for: $0) ? Array($0) : nil }
    return producer.send(
      topic: row.layout.topic, key: row.record.hasKey ? key : nil, value: value(of: row), headers: [], sink: 0,
      token: token)
  }

  private func hasRoom(for key: UnsafeRawBufferPointer) -> Bool { self != .pointer || key.count <= Self.keyBytesMax }

  /// The contract's "Results row".
  func value(of row: OutgoingRow) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(200 + row.row.columns.reduce(0) { $0 + 100 + $1.body.count })
    text += "{\"topic\":".utf8
    JSONText.append(row.place.topic, to: &text)
    text += ",\"partition\":\(row.place.partition),\"offset\":\(row.record.offset)".utf8
    text += ",\"timestamp\":\(row.record.timestampMilliseconds),".utf8
    appendKey(of: row.record, to: &text)
    text += ",\"destinations\":{".utf8
    for (index, (column, form)) in zip(row.row.columns, row.layout.columns).enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      text += form.start
      append(column, keepsStatus: form.keepsStatus, to: &text)
    }
    text += "}}".utf8
    return text
  }

  private func appendKey(of record: Record, to text: inout [UInt8]) {
    guard record.hasKey else {
      text += "\"key\":null".utf8
      return
    }
    unsafe record.withKey { key in
      guard unsafe hasRoom(for: key) else {
        text += "\"key_sha256\":\"\(unsafe SHA256.hex(key))\",\"key_length\":\(key.count)".utf8
        return
      }
      if let string = unsafe String(validating: key, as: UTF8.self) {
        text += "\"key\":".utf8
        return JSONText.append(string, to: &text)
      }
      text += "\"key_base64\":\"\(Base64.text(unsafe Array(key)))\"".utf8
    }
  }

  private func append(_ column: ResultRow.Column, keepsStatus: Bool, to text: inout [UInt8]) {
    text += "{\"outcome\":\"\(column.ending.name)\"".utf8
    switch column.ending {
    case .skipped, .restored, .pending: break
    case .delivered, .deadLettered:
      if case .deadLettered(let reason) = column.ending { text += ",\"reason\":\"\(reason.rawValue)\"".utf8 }
      if keepsStatus, column.status != 0 { text += ",\"status\":\(column.status)".utf8 }
      text += ",\"attempts\":\(column.attempts)".utf8
      if let duration = column.duration {
        text += ",\"duration_ms\":".utf8
        Self.appendMilliseconds(duration, to: &text)
      }
      appendBody(column.body, to: &text)
    }
    text.append(UInt8(ascii: "}"))
  }

  private func appendBody(_ body: [UInt8], to text: inout [UInt8]) {
    guard !body.isEmpty else { return }
    guard self == .whole || self == .alone else {
      text += ",\"body_length\":\(body.count)".utf8
      return
    }
    text += ",\"body\":".utf8
    text += body
  }

  /// With at most three digits behind the point: `12.5`.
  private static func appendMilliseconds(_ duration: Nanoseconds, to text: inout [UInt8]) {
    let (whole, rest) = (max(0, duration.count) / 1_000).quotientAndRemainder(dividingBy: 1_000)
    text += "\(whole)".utf8
    guard rest > 0 else { return }
    var digits = Array("\(1_000 + rest)".utf8.dropFirst())
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    text.append(UInt8(ascii: "."))
    text += digits
  }
}

/// A row before its form is chosen.
struct OutgoingRow: Sendable {
  let record: Record
  /// Where the record comes from.
  let place: TopicPartition
  let row: ResultRow
  let layout: RowLayout
}

/// What all rows have in common.
struct RowLayout: Sendable {
  struct Column: Sendable {
    /// The destination's name as a member's: `"crm":`.
    let start: [UInt8]
    let keepsStatus: Bool
  }
  let topic: String
  let columns: [Column]

  /// nil where no rows are written.
  init?(_ settings: BridgeSettings) {
    guard let results = settings.results else { return nil }
    topic = results.topic
    columns = settings.destinations.map { destination in
      var start: [UInt8] = []
      JSONText.append(destination.name, to: &start)
      start.append(UInt8(ascii: ":"))
      let keep = results.keep.first { $0.destination == destination.name }
      return Column(start: start, keepsStatus: keep?.status ?? true)
    }
  }
}

extension ResultRow.Ending {
  /// The contract's `outcome`; `settled` is either of the first two, before a crash or a rebalance.
  fileprivate var name: String {
    switch self {
    case .delivered: "delivered"
    case .deadLettered: "dead_lettered"
    case .skipped: "skipped"
    case .pending: "pending"
    case .restored: "settled"
    }
  }
}
