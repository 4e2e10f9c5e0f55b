/// What a log line says beside its message. The names are the contract's; what is `nil` does not stand in the line.
/// No bodies and no secrets belong here.
package struct LogFields: Sendable, Equatable {
  package var topic: String?
  package var partition: Int32?
  package var offset: Int64?
  package var destination: String?
  /// From 1.
  package var attempt: Int?
  /// The HTTP status code.
  package var status: Int?
  package var durationMilliseconds: Double?
  /// Code, what, where, cause of what went wrong.
  package var error: String?

  package init(
    topic: String? = nil, partition: Int32? = nil, offset: Int64? = nil, destination: String? = nil,
    attempt: Int? = nil, status: Int? = nil, durationMilliseconds: Double? = nil, error: String? = nil
  ) {
    self.topic = topic
    self.partition = partition
    self.offset = offset
    self.destination = destination
    self.attempt = attempt
    self.status = status
    self.durationMilliseconds = durationMilliseconds
    self.error = error
  }
}

/// Renders log lines; pure, so that what a line looks like is tested without a thread.
package enum LogLine {
  /// One line as UTF-8, its line feed included. No other control character is in it, whatever the texts hold.
  package static func render(
    _ level: LogLevel, _ message: String, _ fields: LogFields, _ format: LogFormat, atMilliseconds: Int64
  ) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(160 + message.utf8.count)
    switch format {
    case .json: renderJSON(level, message, fields, atMilliseconds, into: &line)
    case .readable: renderReadable(level, message, fields, atMilliseconds, into: &line)
    }
    line.append(UInt8(ascii: "\n"))
    return line
  }

  private static func renderJSON(
    _ level: LogLevel, _ message: String, _ fields: LogFields, _ milliseconds: Int64, into line: inout [UInt8]
  ) {
    line += "{\"ts\":\"".utf8
    Timestamp.append(milliseconds: milliseconds, to: &line)
    line += "\",\"level\":\"".utf8
    line += level.name.utf8
    line += "\",\"msg\":".utf8
    JSONText.append(message, to: &line)
    forEach(fields) { key, value in
      line += ",\"".utf8
      line += key.utf8
      line += "\":".utf8
      switch value {
      case .text(let text): JSONText.append(text, to: &line)
      case .number(let digits): line += digits.utf8
      }
    }
    line.append(UInt8(ascii: "}"))
  }

  private static func renderReadable(
    _ level: LogLevel, _ message: String, _ fields: LogFields, _ milliseconds: Int64, into line: inout [UInt8]
  ) {
    Timestamp.appendTimeOfDay(milliseconds: milliseconds, to: &line)
    line.append(UInt8(ascii: " "))
    line += level.name.utf8
    for _ in level.name.utf8.count..<6 { line.append(UInt8(ascii: " ")) }
    JSONText.appendEscaped(message, quotes: false, to: &line)
    forEach(fields) { key, value in
      line.append(UInt8(ascii: " "))
      line += key.utf8
      line.append(UInt8(ascii: "="))
      switch value {
      case .number(let digits): line += digits.utf8
      case .text(let text) where text.utf8.allSatisfy(isPlain) && !text.isEmpty: line += text.utf8
      case .text(let text): JSONText.append(text, to: &line)
      }
    }
  }

  private enum Value {
    case text(String)
    case number(String)
  }

  /// The fields that are there, in the contract's order.
  private static func forEach(_ fields: LogFields, _ body: (String, Value) -> Void) {
    if let topic = fields.topic { body("topic", .text(topic)) }
    if let partition = fields.partition { body("partition", .number("\(partition)")) }
    if let offset = fields.offset { body("offset", .number("\(offset)")) }
    if let destination = fields.destination { body("destination", .text(destination)) }
    if let attempt = fields.attempt { body("attempt", .number("\(attempt)")) }
    if let status = fields.status { body("status", .number("\(status)")) }
    if let duration = fields.durationMilliseconds { body("duration_ms", .number(tenths(duration))) }
    if let error = fields.error { body("error", .text(error)) }
  }

  /// One decimal; JSON knows neither infinity nor NaN, and a duration beyond 10^12 ms (30 years) is none.
  private static func tenths(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "null" }
    return "\((value * 10).rounded() / 10)"
  }

  /// Printable ASCII that needs no quotes in `key=value`.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "=")
  }
}
