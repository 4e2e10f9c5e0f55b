import HTTPWire

extension ByteBuffer {
  /// Appends UTF-8 text as a string of JSON, with its quotation marks.
  mutating func append(jsonString text: UnsafeRawBufferPointer) {
    append(byte: UInt8(ascii: "\""))
    unsafe append(jsonEscaped: text)
    append(byte: UInt8(ascii: "\""))
  }

  mutating func append(jsonString text: String) {
    var text = text
    text.withUTF8 { unsafe append(jsonString: UnsafeRawBufferPointer($0)) }
  }

  /// The same without the marks (RFC 8259, 7: quotation mark, reverse solidus and control characters are escaped).
  mutating func append(jsonEscaped text: UnsafeRawBufferPointer) {
    var start = 0
    for i in 0..<text.count {
      let byte = unsafe text[i]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
      unsafe append(UnsafeRawBufferPointer(rebasing: text[start..<i]))
      append(byte: UInt8(ascii: "\\"))
      start = i + 1
      switch byte {
      case UInt8(ascii: "\n"): append(byte: UInt8(ascii: "n"))
      case UInt8(ascii: "\r"): append(byte: UInt8(ascii: "r"))
      case UInt8(ascii: "\t"): append(byte: UInt8(ascii: "t"))
      case 0..<0x20:
        append("u00")
        unsafe withUnsafeBytes(of: byte) { unsafe append(hex: $0) }
      // It stands for itself behind the backslash.
      default: start = i
      }
    }
    unsafe append(UnsafeRawBufferPointer(rebasing: text[start...]))
  }
}

/// Bytes that are to be text.
enum UTF8Text {
  static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard unsafe bytes.contains(where: { $0 >= 0x80 }) else { return true }
    do {
      _ = unsafe try UTF8Span(validating: Span<UInt8>(_unsafeBytes: bytes))
      return true
    } catch {
      return false
    }
  }
}
