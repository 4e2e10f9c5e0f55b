/// A value of the file with its place.
struct Node: Sendable {
  indirect enum Content: Sendable {
    case scalar(text: String, isPlain: Bool)
    case sequence([Node])
    case mapping([Entry])
  }
  struct Entry: Sendable {
    var key: String
    var keyPlace: Place
    var value: Node
  }

  var content: Content
  var place: Place
  /// The key that holds this value; `nil` for the whole file and the items of a list.
  var owner: Place?
  /// This value and all below it, aliases counted as often as they stand.
  var weight = 1
  /// Levels below this one.
  var height = 0
  /// What would hold without this value: one of the file in the place of which a variable's stands.
  var overrode: [Node] = []

  /// Null as YAML's core rules have it: nothing, `~` or `null` without quotes.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return PlainScalar.isNull(text)
  }

  /// The value of a key; `nil` for none or if this is no map.
  subscript(key: String) -> Node? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// For messages: what this is.
  var kind: String {
    switch content {
    case .mapping: return "a map"
    case .sequence: return "a list"
    case .scalar(let text, let isPlain):
      if isPlain {
        if PlainScalar.isNull(text) { return "nothing" }
        if PlainScalar.isBoolean(text) { return "a boolean" }
        if PlainScalar.isNumber(text) { return "a number" }
      }
      return "text"
    }
  }
}

/// Numbers that JSON and YAML write alike.
enum JSONNumber {
  /// RFC 8259: no plus sign, no leading zero, digits on both sides of a point.
  static func isValid(_ text: String) -> Bool {
    var rest = text.utf8[...]
    func digits(_ rest: inout Substring.UTF8View) -> Int {
      let count = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }.count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let whole = digits(&rest)
    guard whole == 1 || (whole > 1 && !startsWithZero) else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits(&rest) > 0 else { return false }
    }
    guard let exponent = rest.first else { return true }
    guard exponent | 0x20 == UInt8(ascii: "e") else { return false }
    rest = rest.dropFirst()
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    return digits(&rest) > 0 && rest.isEmpty
  }
}

/// What an unquoted text means by YAML 1.2's core rules.
enum PlainScalar {
  static func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }
  static func isBoolean(_ text: String) -> Bool {
    ["true", "True", "TRUE", "false", "False", "FALSE"].contains(text)
  }

  /// Decimal, octal, hexadecimal, with point or exponent, infinity, not-a-number.
  static func isNumber(_ text: String) -> Bool {
    var bytes = Array(text.utf8)[...]
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
    let rest = String(decoding: bytes, as: UTF8.self)
    if [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(rest) { return true }
    if rest.hasPrefix("0x") {
      return bytes.count > 2
        && bytes.dropFirst(2).allSatisfy { isDigit($0) || (($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x66) }
    }
    if rest.hasPrefix("0o") { return bytes.count > 2 && bytes.dropFirst(2).allSatisfy { $0 >= 0x30 && $0 <= 0x37 } }
    let whole = bytes.prefix(while: isDigit)
    bytes = bytes.dropFirst(whole.count)
    var digits = whole.count
    if bytes.first == UInt8(ascii: ".") {
      let fraction = bytes.dropFirst().prefix(while: isDigit)
      digits += fraction.count
      bytes = bytes.dropFirst(1 + fraction.count)
    }
    guard digits > 0 else { return false }
    guard let exponent = bytes.first else { return true }
    guard exponent | 0x20 == UInt8(ascii: "e") else { return false }
    bytes = bytes.dropFirst()
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
    return !bytes.isEmpty && bytes.allSatisfy(isDigit)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
