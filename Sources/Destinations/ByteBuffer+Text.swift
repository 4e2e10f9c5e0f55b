import HTTPWire
import Payload

/// Which bytes a percent-encoding leaves as they are.
struct PlainBytes: Sendable {
  private let low: UInt64
  private let high: UInt64

  /// Letters, digits and what `others` names.
  init(alphanumericAnd others: StaticString) {
    var bits: [UInt64] = [0, 0]
    func add(_ byte: UInt8) { bits[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
    for range in [UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...90, UInt8(ascii: "a")...122] {
      for byte in range { add(byte) }
    }
    others.withUTF8Buffer { unsafe $0.forEach(add) }
    (low, high) = (bits[0], bits[1])
  }

  @inline(__always) func contains(_ byte: UInt8) -> Bool {
    byte < 128 && ((byte < 64 ? low : high) >> UInt64(byte & 63)) & 1 == 1
  }

  /// RFC 3986, 2.3: what needs no encoding anywhere in a URL.
  static let unreserved = PlainBytes(alphanumericAnd: "-._~")
  /// Forms (application/x-www-form-urlencoded).
  static let form = PlainBytes(alphanumericAnd: "*-._")
}

extension ByteBuffer {
  /// Appends text in which everything but `plain` stands as `%XX`, its UTF-8 byte for byte.
  mutating func append(percentEncoded text: UnsafeRawBufferPointer, except plain: PlainBytes) {
    var start = 0
    for i in 0..<text.count {
      let byte = unsafe text[i]
      if plain.contains(byte) { continue }
      unsafe append(UnsafeRawBufferPointer(rebasing: text[start..<i]))
      append(percentEncoded: byte)
      start = i + 1
    }
    unsafe append(UnsafeRawBufferPointer(rebasing: text[start...]))
  }

  mutating func append(percentEncoded text: String, except plain: PlainBytes) {
    for byte in text.utf8 {
      if plain.contains(byte) { append(byte: byte) } else { append(percentEncoded: byte) }
    }
  }

  mutating func append(percentEncoded byte: UInt8) {
    append(byte: UInt8(ascii: "%"))
    for digit in [byte >> 4, byte & 15] {
      append(byte: digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") - 10 + digit)
    }
  }

  /// One name or value of a form.
  mutating func append(form text: String) {
    var text = text
    text.withUTF8 { unsafe append(form: UnsafeRawBufferPointer($0)) }
  }

  mutating func append(form text: UnsafeRawBufferPointer) {
    for i in 0..<text.count {
      let byte = unsafe text[i]
      if byte == UInt8(ascii: " ") {
        append(byte: UInt8(ascii: "+"))
      } else if PlainBytes.form.contains(byte) {
        append(byte: byte)
      } else {
        append(percentEncoded: byte)
      }
    }
  }

  mutating func append(hex bytes: UnsafeRawBufferPointer) {
    unsafe append(count: 2 * bytes.count) { unsafe Hex.encode(bytes, to: $0) }
  }

  mutating func append(base64 bytes: UnsafeRawBufferPointer) {
    unsafe append(count: Base64.count(of: bytes.count)) { unsafe Base64.encode(bytes, to: $0) }
  }

  /// A number of at most `digits` digits, with zeros before it.
  mutating func append(_ number: Int, digits: Int) {
    unsafe append(count: digits) { room in
      var left = number
      for i in stride(from: digits - 1, through: 0, by: -1) {
        unsafe room[i] = UInt8(ascii: "0") + UInt8(left % 10)
        left /= 10
      }
    }
  }
}

/// Names of headers and the like, whose letters' case does not count.
enum NameBytes {
  /// - Parameter other: in lower case.
  static func equal(_ name: UnsafeRawBufferPointer, _ other: StaticString) -> Bool {
    unsafe name.count == other.utf8CodeUnitCount && starts(name, with: other)
  }

  /// - Parameter prefix: in lower case.
  static func starts(_ name: UnsafeRawBufferPointer, with prefix: StaticString) -> Bool {
    guard name.count >= prefix.utf8CodeUnitCount else { return false }
    return prefix.withUTF8Buffer { letters in
      for i in 0..<letters.count {
        guard unsafe lower(name[i]) == letters[i] else { return false }
      }
      return true
    }
  }

  @inline(__always) static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}

/// What may stand in a header.
enum HeaderText {
  /// Visible ASCII, blanks between; not empty. What is not ASCII has no agreed meaning there (RFC 9110, 5.5).
  static func isSafe(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x20..<0x7f).contains($0) } && !text.hasPrefix(" ") && !text.hasSuffix(" ")
  }

  /// A control character but tab: CR, LF and NUL would end the line or the header (RFC 9110, 5.5).
  static func hasControl(_ text: UnsafeRawBufferPointer) -> Bool {
    unsafe text.contains { ($0 < 0x20 && $0 != 9) || $0 == 0x7f }
  }
}
