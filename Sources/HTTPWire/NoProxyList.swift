internal import Reactor

/// `no_proxy`: what is reached without a proxy, as curl and most others read it.
///
/// Names, addresses and blocks of addresses, with commas or blanks between. A name stands for itself and for all names
/// below it, with or without a dot or `*.` before it. `*` is everything, and `name:8080` that port only.
struct NoProxyList {
  private enum Entry {
    case everything
    case name([UInt8], port: UInt16?)
    case block([UInt8], bits: Int, port: UInt16?)
  }
  private let entries: [Entry]

  /// What cannot be read matches nothing.
  init(_ text: String) {
    entries = text.split { $0 == "," || $0.isWhitespace }.compactMap { Self.entry(String($0)) }
  }

  /// - Parameter host: a name or an address, IPv6 without brackets.
  func matches(host: String, port: UInt16) -> Bool {
    let address = AddressLiteral.bytes(of: host)
    let name = Self.plain(host)
    return entries.contains { entry in
      switch entry {
      case .everything: true
      case .name(let wanted, let onlyPort):
        address == nil && onlyPort ?? port == port
          && (name == wanted || name.ends(with: [UInt8(ascii: ".")] + wanted))
      case .block(let wanted, let bits, let onlyPort):
        onlyPort ?? port == port && address.map { Self.isIn($0, wanted, bits) } ?? false
      }
    }
  }

  private static func entry(_ text: String) -> Entry? {
    if text == "*" { return .everything }
    if let bytes = AddressLiteral.bytes(of: text) { return .block(bytes, bits: bytes.count * 8, port: nil) }
    if let slash = text.lastIndex(of: "/") {
      guard let bytes = AddressLiteral.bytes(of: unbracketed(text[..<slash])),
        let bits = Int(text[text.index(after: slash)...]), bits >= 0, bits <= bytes.count * 8
      else { return nil }
      return .block(bytes, bits: bits, port: nil)
    }
    var host = text[...]
    var port: UInt16?
    if let colon = text.lastIndex(of: ":"), let number = UInt16(text[text.index(after: colon)...]) {
      host = text[..<colon]
      port = number
    }
    if let bytes = AddressLiteral.bytes(of: unbracketed(host)) {
      return .block(bytes, bits: bytes.count * 8, port: port)
    }
    if host.hasPrefix("*.") { host = host.dropFirst() }
    if host.hasPrefix(".") { host = host.dropFirst() }
    let name = plain(String(host))
    return name.isEmpty ? nil : .name(name, port: port)
  }

  private static func unbracketed(_ host: Substring) -> String {
    host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host)
  }

  /// In lower case, without the dot of the root.
  private static func plain(_ host: String) -> [UInt8] {
    let lower = host.utf8.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
    return lower.last == UInt8(ascii: ".") ? lower.dropLast() : lower
  }

  private static func isIn(_ address: [UInt8], _ block: [UInt8], _ bits: Int) -> Bool {
    guard address.count == block.count else { return false }
    return (0..<bits).allSatisfy { bit in
      (address[bit / 8] ^ block[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
    }
  }
}

extension Array where Element == UInt8 {
  fileprivate func ends(with tail: [UInt8]) -> Bool { count >= tail.count && suffix(tail.count) == tail[...] }
}
