/// A jq program taken apart as far as refusals and places need it: names, variables and texts, without comments.
///
/// Knows jq's texts with what is computed inside of them, `"a \(f("b"))"`. jq itself has the last word on what the
/// program means; nothing here is what keeps it in bounds.
struct JQTokens {
  enum Kind: Equatable {
    /// A function or keyword, also the name of an object's member where it stands without quotes.
    case name
    /// What follows a dollar, without it.
    case variable
    /// `.name`
    case field
    /// A part of a text, `@format`, a number, or one character of anything else.
    case other
  }
  struct Token {
    let kind: Kind
    /// In bytes.
    let range: Range<Int>
  }

  private(set) var tokens: [Token] = []
  private let bytes: [UInt8]
  private var at = 0

  init(_ program: String) {
    bytes = Array(program.utf8)
    scanCode()
  }

  func text(_ token: Token) -> String { String(decoding: bytes[token.range], as: UTF8.self) }

  /// `@base64`
  func isFormat(_ token: Token) -> Bool { token.range.count > 1 && bytes[token.range.lowerBound] == UInt8(ascii: "@") }

  /// The first use of a function or variable of this name: not a member of an object that is made, `{env: 1}`.
  func firstUse(of name: String, _ kind: Kind) -> Range<Int>? {
    for (i, token) in tokens.enumerated() where token.kind == kind && text(token) == name {
      let next = i + 1 < tokens.count ? text(tokens[i + 1]) : ""
      if kind == .variable || next != ":" { return place(token) }
    }
    return tokens.first { $0.kind == kind && text($0) == name }.map(place)
  }

  /// The token that `offset` is in, or the one that follows it.
  func range(at offset: Int) -> Range<Int>? { tokens.first { $0.range.upperBound > offset }.map(place) }

  /// With the dollar that stands before it.
  private func place(_ token: Token) -> Range<Int> {
    let start = token.range.lowerBound
    let hasDollar = token.kind == .variable && bytes[start - 1] == UInt8(ascii: "$")
    return (hasDollar ? start - 1 : start)..<token.range.upperBound
  }

  // MARK: Scanning

  private var current: UInt8 { at < bytes.count ? bytes[at] : 0 }
  private var next: UInt8 { at + 1 < bytes.count ? bytes[at + 1] : 0 }

  /// Up to the end, with a stack instead of recursion: one entry for each text that is open, counting the parentheses
  /// inside of what is computed in it.
  private mutating func scanCode() {
    var open: [Int] = []
    while at < bytes.count {
      let byte = current
      switch byte {
      case 9, 10, 13, 0x20: at += 1
      case UInt8(ascii: "#"): while at < bytes.count, current != 10 { at += 1 }
      case UInt8(ascii: "\""):
        at += 1
        if scanText() { open.append(0) }
      case UInt8(ascii: "("):
        take(.other, 1)
        if !open.isEmpty { open[open.count - 1] += 1 }
      case UInt8(ascii: ")"):
        take(.other, 1)
        guard let depth = open.last else { break }
        if depth > 0 {
          open[open.count - 1] -= 1
        } else {
          open.removeLast()
          if scanText() { open.append(0) }
        }
      case UInt8(ascii: "$"): scanVariable()
      case UInt8(ascii: ".") where Self.startsName(next): take(.field, 1 + nameLength(from: at + 1))
      case UInt8(ascii: "@") where Self.startsName(next): take(.other, 1 + nameLength(from: at + 1))
      case _ where Self.startsName(byte): take(.name, nameLength(from: at))
      case _ where Self.isDigit(byte): take(.other, numberLength)
      default: take(.other, 1)
      }
    }
  }

  private mutating func take(_ kind: Kind, _ count: Int) {
    let end = min(at + count, bytes.count)
    tokens.append(Token(kind: kind, range: at..<end))
    at = end
  }

  /// The rest of a text, from behind its quote or what was computed in it. True where something computed follows.
  private mutating func scanText() -> Bool {
    let start = at
    defer { tokens.append(Token(kind: .other, range: max(0, start - 1)..<at)) }
    while at < bytes.count {
      switch current {
      case UInt8(ascii: "\""):
        at += 1
        return false
      case UInt8(ascii: "\\"):
        at = min(at + 2, bytes.count)
        if bytes[at - 1] == UInt8(ascii: "(") { return true }
      default: at += 1
      }
    }
    return false
  }

  /// jq allows space between the dollar and the name.
  private mutating func scanVariable() {
    var end = at + 1
    while end < bytes.count, bytes[end] == 0x20 || (9...13).contains(bytes[end]) { end += 1 }
    guard end < bytes.count, Self.startsName(bytes[end]) else { return take(.other, 1) }
    at = end
    take(.variable, nameLength(from: at))
  }

  /// Letters, digits and `_`; with `::` between the names of a module and of what is in it.
  private func nameLength(from start: Int) -> Int {
    var end = start
    while end < bytes.count {
      if Self.startsName(bytes[end]) || Self.isDigit(bytes[end]) {
        end += 1
      } else if end + 2 < bytes.count, bytes[end] == UInt8(ascii: ":"), bytes[end + 1] == UInt8(ascii: ":"),
        Self.startsName(bytes[end + 2])
      {
        end += 2
      } else {
        break
      }
    }
    return end - start
  }

  private var numberLength: Int {
    var end = at
    while end < bytes.count, Self.isDigit(bytes[end]) || bytes[end] == UInt8(ascii: ".") { end += 1 }
    return end - at
  }

  private static func startsName(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || byte == UInt8(ascii: "_")
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
