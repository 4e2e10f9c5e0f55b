private import CJQ

/// What a jq program is given: an object in the making, and what of the bytes it was made of jq would not carry through.
///
/// It belongs to the thread that makes it; several programs may be asked about it.
package struct JQInput: ~Copyable {
  private var object = JQValue.object
  /// Why nothing can be asked about it: JSON that jq cannot read.
  package private(set) var obstacle: String?
  /// An integer that a double does not hold.
  private(set) var holdsLargeInteger = false
  /// A number that the installed jq would round.
  private(set) var holdsRoundedNumber = false
  /// Text that was not UTF-8, and has U+FFFD in its place.
  private(set) var wasRepaired = false

  package init() {}

  /// Whether the installed jq keeps a number's digits (since 1.7) or makes it a double.
  package static let keepsDigits: Bool = {
    let digits = Array("12345678901234567890".utf8)
    return unsafe digits.withUnsafeBytes { bytes in
      guard let number = unsafe JQValue.json(bytes) else { return false }
      var written: [UInt8] = []
      return JQText.write(number, bytesMax: 100, to: &written) == .written && written == digits
    }
  }()

  /// A body by itself in the place of the object: its JSON, a string if it is none, `null` if it is empty.
  package mutating func become(_ body: UnsafeRawBufferPointer) {
    object = unsafe body.isEmpty ? .null : value(of: body, named: "the body")
  }

  package mutating func setNull(_ name: String) { object.set(name, to: .null) }

  /// - Parameter number: at most 2^53; beyond that it counts as one that jq rounds.
  package mutating func set(_ name: String, to number: Int64) {
    if number.magnitude > 1 << 53 { holdsRoundedNumber = true }
    object.set(name, to: .number(number))
  }

  package mutating func set(_ name: String, to text: String) { object.set(name, to: .text(text)) }

  package mutating func set(_ name: String, toText bytes: UnsafeRawBufferPointer) {
    unsafe object.set(name, to: text(bytes))
  }

  /// A member whose name is not the program's.
  package mutating func set(_ name: UnsafeRawBufferPointer, toText bytes: UnsafeRawBufferPointer) {
    unsafe object.set(text(name), to: text(bytes))
  }

  /// The value of bytes that are one JSON text; else they are a string.
  package mutating func set(_ name: String, toJSON bytes: UnsafeRawBufferPointer) {
    object.set(name, to: unsafe value(of: bytes, named: name))
  }

  private mutating func value(of bytes: UnsafeRawBufferPointer, named name: String) -> JQValue {
    guard let facts = unsafe JSONFacts.of(bytes) else { return unsafe text(bytes) }
    if facts.holdsLargeInteger { holdsLargeInteger = true }
    if facts.holdsBoundlessNumber || !Self.keepsDigits && (facts.holdsLargeInteger || facts.holdsInexactNumber) {
      holdsRoundedNumber = true
    }
    if facts.depth > JQProgram.depthMax {
      obstacle = "\(name) is nested deeper than \(JQProgram.depthMax)"
    } else if facts.holdsLoneSurrogate {
      obstacle = "\(name) holds an escape of half a character"
    } else if let value = unsafe JQValue.json(bytes) {
      return value
    } else {
      obstacle = "jq cannot read \(name)"
    }
    return .null
  }

  package mutating func set(_ name: String, to other: consuming JQInput) {
    holdsLargeInteger = holdsLargeInteger || other.holdsLargeInteger
    holdsRoundedNumber = holdsRoundedNumber || other.holdsRoundedNumber
    wasRepaired = wasRepaired || other.wasRepaired
    obstacle = obstacle ?? other.obstacle
    object.set(name, to: other.object.copy())
  }

  /// One more owner of the object, for a program that takes it.
  func value() -> JQValue { object.copy() }

  private mutating func text(_ bytes: UnsafeRawBufferPointer) -> JQValue {
    if unsafe !isUTF8(bytes) { wasRepaired = true }
    return unsafe JQValue.text(bytes)
  }

  private func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
    for i in 0..<bytes.count where unsafe bytes[i] >= 0x80 {
      return unsafe String(validating: bytes, as: UTF8.self) != nil
    }
    return true
  }
}
