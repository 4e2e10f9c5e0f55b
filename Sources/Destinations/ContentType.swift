import FanOut
import HTTPWire

/// What a request says about its body's type.
enum ContentType {
  /// The record's own `content-type` header, the last of equal names. One with nothing but blanks is none.
  static func ofHeader(_ record: Record) -> [UInt8]? {
    guard record.hasHeaders else { return nil }
    var found: [UInt8]?
    unsafe record.withHeaders { headers in
      unsafe headers.forEach { field in
        guard unsafe NameBytes.equal(field.name, "content-type"), let value = unsafe field.value,
          unsafe !isBlank(value)
        else { return }
        unsafe found = Array(value)
      }
    }
    return found
  }

  static func isBlank(_ value: UnsafeRawBufferPointer) -> Bool { unsafe value.allSatisfy { $0 == 0x20 || $0 == 9 } }

  /// What is wrong with a type that holds CR, LF, NUL or another control character, or what is not ASCII (RFC 9110, 5.5);
  /// else nil. The byte's place is counted from 1.
  static func flaw(in value: [UInt8]) -> String? {
    guard let at = value.firstIndex(where: { $0 != 9 && !(0x20..<0x7f).contains($0) }) else { return nil }
    let digits = String(value[at], radix: 16)
    return
      "holds a character that a header cannot carry: byte \(at + 1) is 0x\(digits.utf8.count < 2 ? "0" : "")\(digits)"
  }

  /// What stands in the way of sending the record's bytes with the type that its header names, or nil.
  static func obstacle(in record: Record) -> Outcome? {
    guard let flaw = ofHeader(record).flatMap({ flaw(in: $0) }) else { return nil }
    return .unsendable(.unsafe, AttemptFailure(message: "the record's content-type header \(flaw)"))
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
