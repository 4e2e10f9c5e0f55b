/// A rendered HTTP/1.1 request taken apart into the fields of HTTP/2 (RFC 9113, 8.3). Strict, for it is our own.
struct HTTP2Head: Equatable {
  /// All names, in lower case, and values, one behind the other.
  private(set) var text: [UInt8] = []
  /// Where each field's name and value stand in `text`; the pseudo-fields first.
  private(set) var fields: [Field] = []
  /// Where the body begins in the request.
  private(set) var bodyStart = 0

  struct Field: Equatable {
    var name: Range<Int>
    var value: Range<Int>
  }

  /// Nil for what is no request line, fields and an empty line, and for a request without `Host`.
  init?(_ request: Span<UInt8>) {
    guard let first = Self.line(request, from: 0) else { return nil }
    let parts = Self.split(request, first)
    guard parts.count == 3, equals(request.extracting(parts[2]), parts[2].count, "http/1.1") else { return nil }
    var host: Range<Int>?
    var others: [(name: Range<Int>, value: Range<Int>)] = []
    var at = first.upperBound + 2
    while true {
      guard let line = Self.line(request, from: at) else { return nil }
      at = line.upperBound + 2
      if line.isEmpty { break }
      guard let field = Self.field(request, line) else { return nil }
      let name = request.extracting(field.name)
      if equals(name, name.count, "host") {
        guard host == nil else { return nil }
        host = field.value
      } else if !Self.belongsToTheConnection(name) {
        others.append(field)
      }
    }
    guard let host else { return nil }
    bodyStart = at
    text.reserveCapacity(at + 40)
    add(":method", request.extracting(parts[0]))
    add(":scheme", "https")
    add(":authority", request.extracting(host))
    add(":path", request.extracting(parts[1]))
    for field in others { add(request.extracting(field.name), request.extracting(field.value)) }
  }

  // MARK: Taking apart

  /// The line that begins there, without its CRLF.
  private static func line(_ request: Span<UInt8>, from start: Int) -> Range<Int>? {
    var at = start
    while at + 1 < request.count {
      if request[at] == UInt8(ascii: "\r"), request[at + 1] == UInt8(ascii: "\n") { return start..<at }
      at += 1
    }
    return nil
  }

  private static func split(_ request: Span<UInt8>, _ line: Range<Int>) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = line.lowerBound
    for at in line where request[at] == UInt8(ascii: " ") {
      parts.append(start..<at)
      start = at + 1
    }
    parts.append(start..<line.upperBound)
    return parts.allSatisfy { !$0.isEmpty } ? parts : []
  }

  private static func field(_ request: Span<UInt8>, _ line: Range<Int>) -> (name: Range<Int>, value: Range<Int>)? {
    let text = request.extracting(line)
    guard checkField(text) == nil else { return nil }
    var colon = 0
    while text[colon] != UInt8(ascii: ":") { colon += 1 }
    let value = trimmed(text, from: colon + 1)
    let start = line.lowerBound
    return (start..<(start + colon), (start + value.lowerBound)..<(start + value.upperBound))
  }

  /// Fields that say how to go on with an HTTP/1.1 connection have no place in HTTP/2 (RFC 9113, 8.2.2).
  private static func belongsToTheConnection(_ name: Span<UInt8>) -> Bool {
    switch name.count {
    case 2: equals(name, 2, "te")
    case 7: equals(name, 7, "upgrade")
    case 10: equals(name, 10, "connection") || equals(name, 10, "keep-alive")
    case 16: equals(name, 16, "proxy-connection")
    case 17: equals(name, 17, "transfer-encoding")
    default: false
    }
  }

  // MARK: Putting together

  private mutating func add(_ name: StaticString, _ value: Span<UInt8>) {
    let start = text.count
    name.withUTF8Buffer { unsafe text.append(contentsOf: $0) }
    finish(start, value)
  }

  private mutating func add(_ name: StaticString, _ value: StaticString) {
    let start = text.count
    name.withUTF8Buffer { unsafe text.append(contentsOf: $0) }
    let middle = text.count
    value.withUTF8Buffer { unsafe text.append(contentsOf: $0) }
    fields.append(Field(name: start..<middle, value: middle..<text.count))
  }

  private mutating func add(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    let start = text.count
    for i in 0..<name.count {
      let byte = name[i]
      text.append(byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte)
    }
    finish(start, value)
  }

  private mutating func finish(_ start: Int, _ value: Span<UInt8>) {
    let middle = text.count
    unsafe value.withUnsafeBytes { unsafe text.append(contentsOf: $0) }
    fields.append(Field(name: start..<middle, value: middle..<text.count))
  }
}
