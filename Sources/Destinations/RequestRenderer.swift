package import FanOut
package import HTTPWire
package import Settings

/// A destination's settings compiled once into something that writes a request straight into a connection's buffer.
///
/// The plain request: the record's value byte for byte, everything but its type and length precomputed.
package struct RequestRenderer: Sendable {
  /// Request line and headers up to the one that depends on the record.
  private let head: [UInt8]
  private let hasContentType: Bool
  private let hasTrace: Bool
  private let sendsID: Bool
  private let sendsBody: Bool

  package init(_ settings: DestinationSettings) {
    var text = "\(settings.method.rawValue) \(settings.url.target) HTTP/1.1\r\nHost: \(settings.url.hostHeader)\r\n"
    var names: Set<String> = []
    for (name, value) in settings.headers {
      names.insert(name.lowercased())
      text += "\(name): \(value.literal ?? "")\r\n"
    }
    if !names.contains("user-agent") { text += "User-Agent: topictee\r\n" }
    hasContentType = names.contains("content-type")
    hasTrace = names.contains("traceparent")
    sendsBody = settings.method != .get
    sendsID = settings.sendsIdempotencyKey && !names.contains("idempotency-key")
    if sendsID { text += "Idempotency-Key: " }
    head = Array(text.utf8)
  }

  /// What stands in the way of a request for `record`, or nil.
  package func obstacle(to record: Record) -> Outcome? {
    guard sendsBody, !hasContentType, let type = ContentType.ofHeader(record) else { return nil }
    guard ContentType.isSafe(type) else {
      return .unsendable(
        .unsafe, AttemptFailure(message: "the record's content-type header holds a control character"))
    }
    return nil
  }

  /// Appends the whole request. The caller has seen that there is no `obstacle`.
  /// - Parameter ids: of the record's partition.
  package func render(_ record: Record, _ ids: RecordIDs, _ traces: inout TraceIDs, into buffer: inout ByteBuffer) {
    buffer.append(head)
    if sendsID {
      ids.id(ofOffset: record.offset).append(to: &buffer)
      buffer.append("\r\n")
    }
    if record.hasHeaders, !hasTrace { TraceContext.append(of: record, &traces, to: &buffer) }
    guard sendsBody else { return buffer.append("\r\n") }
    if !hasContentType {
      if let type = ContentType.ofHeader(record) {
        buffer.append("Content-Type: ")
        buffer.append(type)
        buffer.append("\r\n")
      } else {
        unsafe record.withValue { value in
          unsafe buffer.append(
            JSONText.isValid(value)
              ? "Content-Type: application/json\r\n" as StaticString : "Content-Type: application/octet-stream\r\n")
        }
      }
    }
    buffer.append("Content-Length: ")
    unsafe record.withValue { value in
      buffer.append(decimal: value.count)
      buffer.append("\r\n\r\n")
      unsafe buffer.append(value)
    }
  }
}

enum ContentType {
  /// The record's own `content-type` header, the last of equal names.
  static func ofHeader(_ record: Record) -> [UInt8]? {
    guard record.hasHeaders else { return nil }
    var found: [UInt8]?
    unsafe record.withHeaders { headers in
      unsafe headers.forEach { field in
        guard unsafe field.name.count == 12, let value = unsafe field.value else { return }
        if unsafe isContentType(field.name) { unsafe found = Array(value) }
      }
    }
    return found
  }

  private static func isContentType(_ name: UnsafeRawBufferPointer) -> Bool {
    // A letter's case is one bit; a carriage return with that bit is a hyphen.
    unsafe name.elementsEqual("content-type".utf8) { $0 == $1 || ($1 != UInt8(ascii: "-") && $0 | 0x20 == $1) }
  }

  /// No CR, LF, NUL or other control character, nothing beyond ASCII (RFC 9110, 5.5), and not empty.
  static func isSafe(_ value: [UInt8]) -> Bool {
    !value.isEmpty && value.allSatisfy { $0 == 9 || (0x20..<0x7f).contains($0) }
  }
}
