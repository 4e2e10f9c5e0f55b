/// What has to be known of JSON before jq gets it: whether it is one text of RFC 8259 at all (jq reads more), and what jq
/// would not carry through.
///
/// One pass without recursion: nesting is a stack with an entry a level, so hostile depth is a number.
struct JSONFacts: Equatable {
  /// Arrays and objects within one another, at most.
  var depth = 0
  /// An integer beyond 2^53, which a double does not hold.
  var holdsLargeInteger = false
  /// Another number whose value is not what a double would be written as.
  var holdsInexactNumber = false
  /// A number beyond what a double can be, or too small.
  var holdsBoundlessNumber = false
  /// A `\u` escape of half a surrogate pair: no character, and jq reads none.
  var holdsLoneSurrogate = false

  /// Nil where the bytes are no JSON text.
  static func of(_ bytes: UnsafeRawBufferPointer) -> JSONFacts? {
    var scan = unsafe JSONScan(bytes: bytes)
    return unsafe scan.scanText() ? scan.facts : nil
  }
}

@unsafe private struct JSONScan {
  var facts = JSONFacts()
  private let bytes: UnsafeRawBufferPointer
  private var at = 0
  /// True for an object.
  private var levels: [Bool] = []
  private var isASCII = true

  init(bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

  private var current: UInt8 { unsafe at < bytes.count ? bytes[at] : 0 }

  private mutating func skipSpace() {
    while true {
      switch unsafe current {
      case 0x20, 0x0a, 0x0d, 9: unsafe at += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard unsafe current == byte, unsafe at < bytes.count else { return false }
    unsafe at += 1
    return true
  }

  mutating func scanText() -> Bool {
    repeat {
      guard unsafe scanValueStart(), unsafe closeLevels() else { return false }
    } while unsafe !levels.isEmpty
    unsafe skipSpace()
    guard unsafe at == bytes.count else { return false }
    return unsafe isASCII || String(validating: bytes, as: UTF8.self) != nil
  }

  /// One scalar, or the openings down to the first scalar or empty container.
  private mutating func scanValueStart() -> Bool {
    while true {
      unsafe skipSpace()
      switch unsafe current {
      case UInt8(ascii: "{"):
        unsafe open(isObject: true)
        if unsafe current == UInt8(ascii: "}") { return true }
        guard unsafe scanName() else { return false }
      case UInt8(ascii: "["):
        unsafe open(isObject: false)
        if unsafe current == UInt8(ascii: "]") { return true }
      case UInt8(ascii: "\""): return unsafe scanString()
      case UInt8(ascii: "t"): return unsafe scanWord("true")
      case UInt8(ascii: "f"): return unsafe scanWord("false")
      case UInt8(ascii: "n"): return unsafe scanWord("null")
      default: return unsafe scanNumber()
      }
    }
  }

  private mutating func open(isObject: Bool) {
    unsafe at += 1
    unsafe levels.append(isObject)
    unsafe facts.depth = max(facts.depth, levels.count)
    unsafe skipSpace()
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

  // MARK: Numbers

  private mutating func scanNumber() -> Bool {
    let start = unsafe at
    var isInteger = true
    unsafe _ = take(UInt8(ascii: "-"))
    let digits = unsafe at
    if unsafe !take(UInt8(ascii: "0")) { guard unsafe scanDigits() else { return false } }
    var digitCount = unsafe at - digits
    if unsafe take(UInt8(ascii: ".")) {
      isInteger = false
      let fraction = unsafe at
      guard unsafe scanDigits() else { return false }
      unsafe digitCount += at - fraction
    }
    var hasExponent = false
    if unsafe take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      hasExponent = true
      if unsafe !take(UInt8(ascii: "+")) { unsafe _ = take(UInt8(ascii: "-")) }
      guard unsafe scanDigits() else { return false }
    }
    // A double holds every number of 15 digits.
    if digitCount > 15 || hasExponent {
      let token = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<at])
      unsafe judge(String(decoding: token, as: UTF8.self), isInteger: isInteger)
    }
    return true
  }

  private mutating func judge(_ token: String, isInteger: Bool) {
    guard let number = Double(token) else { return unsafe facts.holdsBoundlessNumber = true }
    if isInteger {
      // 2^53 itself is the double of its successor too.
      let isSmall = Int64(token).map { $0.magnitude <= 1 << 53 } ?? false
      if !isSmall { unsafe facts.holdsLargeInteger = true }
      if number.isInfinite { unsafe facts.holdsBoundlessNumber = true }
      return
    }
    let exact = Decimal(token)
    if number.isInfinite || (number == 0 && !exact.digits.isEmpty) { unsafe facts.holdsBoundlessNumber = true }
    if Decimal(number.description) != exact { unsafe facts.holdsInexactNumber = true }
  }

  private mutating func scanDigits() -> Bool {
    let start = unsafe at
    while unsafe (0x30...0x39).contains(current) { unsafe at += 1 }
    return unsafe at > start
  }

  // MARK: Strings

  private mutating func scanString() -> Bool {
    unsafe at += 1
    while unsafe at < bytes.count {
      let byte = unsafe bytes[at]
      switch byte {
      case UInt8(ascii: "\""):
        unsafe at += 1
        return true
      case UInt8(ascii: "\\"): guard unsafe scanEscape() else { return false }
      case 0..<0x20: return false
      default:
        if byte >= 0x80 { unsafe isASCII = false }
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
      guard let unit = unsafe scanHex() else { return false }
      if (0xdc00...0xdfff).contains(unit) { unsafe facts.holdsLoneSurrogate = true }
      guard (0xd800...0xdbff).contains(unit) else { return true }
      let end = unsafe at
      if unsafe take(UInt8(ascii: "\\")), unsafe take(UInt8(ascii: "u")), let low = unsafe scanHex(),
        (0xdc00...0xdfff).contains(low)
      {
        return true
      }
      unsafe facts.holdsLoneSurrogate = true
      unsafe at = end
      return true
    default: return false
    }
  }

  private mutating func scanHex() -> UInt32? {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      let digit = unsafe current
      switch digit {
      case 0x30...0x39: unit = unit << 4 | UInt32(digit - 0x30)
      case 0x41...0x46, 0x61...0x66: unit = unit << 4 | UInt32((digit & 0xdf) - 0x37)
      default: return nil
      }
      unsafe at += 1
    }
    return unit
  }
}

/// A decimal number by its value: `1.50`, `15e-1` and `1.5` are equal.
private struct Decimal: Equatable {
  /// Without zeros at either end; empty for 0.
  var digits: [UInt8] = []
  /// Of the last digit.
  var exponent = 0
  var isNegative = false

  init(_ text: String) {
    var point: Int?
    var bytes = text.utf8[...]
    if bytes.first == UInt8(ascii: "-") {
      isNegative = true
      bytes.removeFirst()
    }
    while let byte = bytes.first, byte | 0x20 != UInt8(ascii: "e") {
      if byte == UInt8(ascii: ".") { point = digits.count } else { digits.append(byte) }
      bytes.removeFirst()
    }
    // Any exponent that a double is far from reaching is as good as another.
    let written = bytes.isEmpty ? 0 : min(max(Int(String(bytes.dropFirst()) ?? "") ?? .max, -1 << 40), 1 << 40)
    exponent = written - (point.map { digits.count - $0 } ?? 0)
    while digits.last == UInt8(ascii: "0") {
      digits.removeLast()
      exponent += 1
    }
    digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
    if digits.isEmpty { (exponent, isNegative) = (0, false) }
  }
}
