/// Whether bytes are one JSON text (RFC 8259): decides the content type of a plain body.
///
/// A validator without recursion: nesting is a stack of bits in two words, so hostile depth ends in "no".
enum JSONText {
  static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let first = unsafe bytes.first(where: { !isSpace($0) }) else { return false }
    // What most values that are not JSON begin with decides at once.
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || startsScalar(first) else { return false }
    var scanner = unsafe Scanner(bytes: bytes)
    return unsafe scanner.scanText()
  }

  private static func startsScalar(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte)
      || byte == UInt8(ascii: "t") || byte == UInt8(ascii: "f") || byte == UInt8(ascii: "n")
  }

  fileprivate static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 9 }

  @unsafe private struct Scanner {
    let bytes: UnsafeRawBufferPointer
    var at = 0
    /// One entry a level: true for an object.
    var levels: [Bool] = []

    init(bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

    private var current: UInt8 { unsafe at < bytes.count ? bytes[at] : 0 }

    private mutating func skipSpace() { while unsafe JSONText.isSpace(current) { unsafe at += 1 } }

    private mutating func take(_ byte: UInt8) -> Bool {
      guard unsafe current == byte, unsafe at < bytes.count else { return false }
      unsafe at += 1
      return true
    }

    mutating func scanText() -> Bool {
      repeat {
        unsafe skipSpace()
        guard unsafe scanValueStart() else { return false }
        guard unsafe closeLevels() else { return false }
      } while unsafe !levels.isEmpty
      unsafe skipSpace()
      return unsafe at == bytes.count
    }

    /// One scalar, or the openings down to the first scalar or empty container.
    private mutating func scanValueStart() -> Bool {
      while true {
        unsafe skipSpace()
        switch unsafe current {
        case UInt8(ascii: "{"):
          unsafe at += 1
          unsafe skipSpace()
          unsafe levels.append(true)
          if unsafe current == UInt8(ascii: "}") { return true }
          guard unsafe levels.count <= 1_024, unsafe scanName() else { return false }
        case UInt8(ascii: "["):
          unsafe at += 1
          unsafe skipSpace()
          unsafe levels.append(false)
          if unsafe current == UInt8(ascii: "]") { return true }
          guard unsafe levels.count <= 1_024 else { return false }
        case UInt8(ascii: "\""): return unsafe scanString()
        case UInt8(ascii: "t"): return unsafe scanWord("true")
        case UInt8(ascii: "f"): return unsafe scanWord("false")
        case UInt8(ascii: "n"): return unsafe scanWord("null")
        default: return unsafe scanNumber()
        }
      }
    }

    /// After a value: commas lead to the next value, closings to the level above.
    private mutating func closeLevels() -> Bool {
      while let isObject = unsafe levels.last {
        unsafe skipSpace()
        if unsafe take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          unsafe _ = levels.removeLast()
        } else if unsafe take(UInt8(ascii: ",")) {
          return unsafe isObject ? scanName() : true
        } else {
          return false
        }
      }
      return true
    }

    private mutating func scanName() -> Bool {
      unsafe skipSpace()
      guard unsafe current == UInt8(ascii: "\""), unsafe scanString() else { return false }
      unsafe skipSpace()
      return unsafe take(UInt8(ascii: ":"))
    }

    private mutating func scanWord(_ word: StaticString) -> Bool {
      guard unsafe at + word.utf8CodeUnitCount <= bytes.count else { return false }
      for i in 0..<word.utf8CodeUnitCount where unsafe bytes[at + i] != word.utf8Start[i] { return false }
      unsafe at += word.utf8CodeUnitCount
      return true
    }

    private mutating func scanNumber() -> Bool {
      unsafe _ = take(UInt8(ascii: "-"))
      if unsafe !take(UInt8(ascii: "0")) { guard unsafe scanDigits() else { return false } }
      if unsafe take(UInt8(ascii: ".")) { guard unsafe scanDigits() else { return false } }
      if unsafe take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
        if unsafe !take(UInt8(ascii: "+")) { unsafe _ = take(UInt8(ascii: "-")) }
        return unsafe scanDigits()
      }
      return true
    }

    private mutating func scanDigits() -> Bool {
      let start = unsafe at
      while unsafe (0x30...0x39).contains(current) { unsafe at += 1 }
      return unsafe at > start
    }

    private mutating func scanString() -> Bool {
      unsafe at += 1
      let start = unsafe at
      var isASCII = true
      while unsafe at < bytes.count {
        let byte = unsafe bytes[at]
        switch byte {
        case UInt8(ascii: "\""):
          let content = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<at])
          unsafe at += 1
          return unsafe isASCII || String(validating: content, as: UTF8.self) != nil
        case UInt8(ascii: "\\"): guard unsafe scanEscape() else { return false }
        case 0..<0x20: return false
        default:
          if byte >= 0x80 { isASCII = false }
          unsafe at += 1
        }
      }
      return false
    }

    private mutating func scanEscape() -> Bool {
      unsafe at += 1
      let kind = unsafe current
      unsafe at += 1
      switch kind {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
        UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
        return true
      case UInt8(ascii: "u"):
        for _ in 0..<4 {
          let digit = unsafe current
          guard (0x30...0x39).contains(digit) || (0x41...0x46).contains(digit & 0xdf) else { return false }
          unsafe at += 1
        }
        return true
      default: return false
      }
    }
  }
}
