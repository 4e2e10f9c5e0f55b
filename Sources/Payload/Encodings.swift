/// Two digits a byte, in lower case.
package enum Hex {
  /// Writes `2 × source.count` bytes.
  package static func encode(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer) {
    for i in 0..<source.count {
      let byte = unsafe source[i]
      unsafe target[2 * i] = digit(byte >> 4)
      unsafe target[2 * i + 1] = digit(byte & 15)
    }
  }

  package static func text(_ source: UnsafeRawBufferPointer) -> String {
    var text = [UInt8](repeating: 0, count: 2 * source.count)
    unsafe text.withUnsafeMutableBytes { unsafe encode(source, to: $0) }
    return String(decoding: text, as: UTF8.self)
  }

  @inline(__always) private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
  }
}

/// RFC 4648, 6, in lower case and without padding.
package enum Base32 {
  package static func count(of bytes: Int) -> Int { (bytes * 8 + 4) / 5 }

  /// Writes `count(of: source.count)` bytes.
  package static func encode(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer) {
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    var at = 0
    for i in 0..<source.count {
      bits = unsafe bits << 8 | UInt32(source[i])
      bitCount += 8
      while bitCount >= 5 {
        bitCount -= 5
        unsafe target[at] = letter(bits >> bitCount)
        at += 1
      }
    }
    if bitCount > 0 { unsafe target[at] = letter(bits << (5 - bitCount)) }
  }

  @inline(__always) private static func letter(_ bits: UInt32) -> UInt8 {
    let value = UInt8(truncatingIfNeeded: bits & 31)
    return value < 26 ? UInt8(ascii: "a") + value : UInt8(ascii: "2") - 26 + value
  }
}

/// RFC 4648, 4: the alphabet with `+` and `/`, padded.
package enum Base64 {
  package static func count(of bytes: Int) -> Int { (bytes + 2) / 3 * 4 }

  /// Writes `count(of: source.count)` bytes.
  package static func encode(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer) {
    var at = 0
    var i = 0
    while i + 3 <= source.count {
      let bits = unsafe UInt32(source[i]) << 16 | UInt32(source[i + 1]) << 8 | UInt32(source[i + 2])
      unsafe target[at] = letter(bits >> 18)
      unsafe target[at + 1] = letter(bits >> 12)
      unsafe target[at + 2] = letter(bits >> 6)
      unsafe target[at + 3] = letter(bits)
      i += 3
      at += 4
    }
    guard i < source.count else { return }
    let isTwo = i + 2 == source.count
    let bits = unsafe UInt32(source[i]) << 16 | (isTwo ? UInt32(source[i + 1]) << 8 : 0)
    unsafe target[at] = letter(bits >> 18)
    unsafe target[at + 1] = letter(bits >> 12)
    unsafe target[at + 2] = isTwo ? letter(bits >> 6) : UInt8(ascii: "=")
    unsafe target[at + 3] = UInt8(ascii: "=")
  }

  package static func text(_ source: [UInt8]) -> String {
    var text = [UInt8](repeating: 0, count: count(of: source.count))
    unsafe source.withUnsafeBytes { source in
      unsafe text.withUnsafeMutableBytes { unsafe encode(source, to: $0) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes, or nil where the text is no Base64. Padding may be missing; nothing else is forgiven.
  package static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
    var end = text.count
    while end > 0, text.count - end < 2, unsafe text[end - 1] == UInt8(ascii: "=") { end -= 1 }
    // One letter alone has six bits, which make no byte.
    guard end % 4 != 1, end == text.count || text.count % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(end / 4 * 3 + 2)
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    for i in 0..<end {
      guard let value = unsafe value(of: text[i]) else { return nil }
      bits = bits << 6 | value
      bitCount += 6
      guard bitCount >= 8 else { continue }
      bitCount -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
    }
    return bytes
  }

  package static func decode(_ text: String) -> [UInt8]? {
    var text = text
    return text.withUTF8 { unsafe decode(UnsafeRawBufferPointer($0)) }
  }

  @inline(__always) private static func letter(_ bits: UInt32) -> UInt8 {
    let value = UInt8(truncatingIfNeeded: bits & 63)
    return switch value {
    case 0..<26: UInt8(ascii: "A") + value
    case 26..<52: UInt8(ascii: "a") - 26 + value
    case 52..<62: UInt8(ascii: "0") + (value - 52)
    case 62: UInt8(ascii: "+")
    default: UInt8(ascii: "/")
    }
  }

  @inline(__always) private static func value(of letter: UInt8) -> UInt32? {
    switch letter {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(letter - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(letter - UInt8(ascii: "a") + 26)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(letter - UInt8(ascii: "0") + 52)
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
