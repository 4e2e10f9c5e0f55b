import FanOut
import HTTPWire

/// What a request says about its body's type.
enum ContentType {
  /// The record's own `content-type` header, the last of equal names.
  static func ofHeader(_ record: Record) -> [UInt8]? {
    guard record.hasHeaders else { return nil }
    var found: [UInt8]?
    unsafe record.withHeaders { headers in
      unsafe headers.forEach { field in
        guard unsafe NameBytes.equal(field.name, "content-type"), let value = unsafe field.value else { return }
        unsafe found = Array(value)
      }
    }
    return found
  }

  /// No CR, LF, NUL or other control character, nothing beyond ASCII (RFC 9110, 5.5), and not empty.
  static func isSafe(_ value: [UInt8]) -> Bool {
    !value.isEmpty && value.allSatisfy { $0 == 9 || (0x20..<0x7f).contains($0) }
  }

  /// What stands in the way of sending the record's bytes with the type that its header names, or nil.
  static func obstacle(in record: Record) -> Outcome? {
    guard let type = ofHeader(record), !isSafe(type) else { return nil }
    return .unsendable(
      .unsafe, AttemptFailure(message: "the record's content-type header holds a control character"))
  }

  /// Appends the line for a body that is the record's value byte for byte: the record's own type, else what the value is.
  static func appendLine(for record: Record, _ view: RecordView, to buffer: inout ByteBuffer) {
    if let type = ofHeader(record) {
      buffer.append("Content-Type: ")
      buffer.append(type)
      buffer.append("\r\n")
    } else if view.json(of: record) != nil {
      buffer.append("Content-Type: application/json\r\n")
    } else {
      buffer.append("Content-Type: application/octet-stream\r\n")
    }
  }
}
