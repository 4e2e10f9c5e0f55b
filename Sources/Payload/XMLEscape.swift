/// Text into XML 1.0: what stands for markup is written as a reference, what XML cannot hold at all is refused.
package enum XMLEscape {
  /// Where the text will stand.
  package enum Place: Sendable { case text, attribute }

  /// Appends `text` escaped.
  /// - Returns: false, with nothing appended, where `text` is not UTF-8 or holds a character that XML 1.0 forbids (section
  ///   2.2: control characters but tab, line feed and carriage return; U+FFFE and U+FFFF).
  package static func append(_ text: UnsafeRawBufferPointer, in place: Place, to output: inout [UInt8]) -> Bool {
    guard unsafe isAllowed(text) else { return false }
    var start = 0
    for i in 0..<text.count {
      guard let reference = unsafe reference(to: text[i], in: place) else { continue }
      unsafe output.append(contentsOf: text[start..<i])
      reference.withUTF8Buffer { unsafe output.append(contentsOf: $0) }
      start = i + 1
    }
    unsafe output.append(contentsOf: text[start...])
    return true
  }

  /// Whether XML 1.0 can hold the text, escaped or not.
  package static func isAllowed(_ text: UnsafeRawBufferPointer) -> Bool {
    var isASCII = true
    for i in 0..<text.count {
      let byte = unsafe text[i]
      if byte < 0x20 && byte != 9 && byte != 10 && byte != 13 { return false }
      if byte >= 0x80 { isASCII = false }
    }
    if isASCII { return true }
    guard let string = unsafe String(validating: text, as: UTF8.self) else { return false }
    return !string.unicodeScalars.contains { $0.value == 0xfffe || $0.value == 0xffff }
  }

  /// A carriage return, and in an attribute any white space, would be read back as something else.
  private static func reference(to byte: UInt8, in place: Place) -> StaticString? {
    switch byte {
    case UInt8(ascii: "&"): "&amp;"
    case UInt8(ascii: "<"): "&lt;"
    case UInt8(ascii: ">"): "&gt;"
    case 13: "&#13;"
    case UInt8(ascii: "\"") where place == .attribute: "&quot;"
    case UInt8(ascii: "'") where place == .attribute: "&#39;"
    case 9 where place == .attribute: "&#9;"
    case 10 where place == .attribute: "&#10;"
    default: nil
    }
  }
}
