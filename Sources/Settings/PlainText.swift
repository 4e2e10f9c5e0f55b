/// Text of a file on its way into a message: nothing in it may move a terminal's cursor or flood it.
package enum PlainText {
  /// With commas between.
  static func list(_ texts: [String]) -> String { clean(texts.joined(separator: ", ")) }

  /// In single quotes, at most `max` characters.
  static func quoted(_ text: String, max: Int = 60) -> String {
    let scalars = text.unicodeScalars
    let isLong = scalars.count > max
    return "'" + clean(String(String.UnicodeScalarView(scalars.prefix(max)))) + (isLong ? "…'" : "'")
  }

  /// A file's path in single quotes: longer than other texts may be, or its end is lost.
  package static func quoted(path: String) -> String { quoted(path, max: 200) }

  /// Control characters and what turns the direction of writing become `?`; a tab stays.
  package static func clean(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x09: result.append(scalar)
      case 0...0x1F, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: result.append("?")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}

/// Hides what stands in a secret's place in a line that is shown.
///
/// By the line's text and not by the tree, because a line is also shown where there is no tree (bad syntax) and where a
/// misspelt key has no type (`pasword: hunter2`).
package enum SecretMask {
  /// Parts of keys, in lower case; some as people misspell them.
  private static let names = [
    "password", "pasword", "passwd", "passphrase", "pwd", "secret", "token", "authorization", "cookie", "api-key",
    "api_key", "apikey",
    "credential", "pem",
  ]

  /// Whether a key's name says that its value is one.
  package static func isSecret(key: String) -> Bool {
    let lower = Array(key.utf8).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    return names.contains { !occurrences(of: Array($0.utf8), in: lower).isEmpty }
  }

  /// A URL for people: values of the query are hidden where their names say that they are secrets.
  package static func url(_ text: String) -> String {
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return text }
    let query = parts[1].split(separator: "&", omittingEmptySubsequences: false).map { field in
      let name = field.prefix { $0 != "=" }
      return name.count < field.count && isSecret(key: String(name)) ? "\(name)=***" : String(field)
    }
    return "\(parts[0])?\(query.joined(separator: "&"))"
  }

  /// The value of a key that the user chose.
  static func value(_ text: String, ofKey key: String) -> PlainValue { isSecret(key: key) ? .secret : .text(text) }

  static func mask(_ line: String) -> String {
    let bytes = Array(line.utf8)
    let lower = bytes.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    var cut = bytes.count
    for name in names {
      for start in occurrences(of: Array(name.utf8), in: lower) {
        if let value = valueStart(after: start + name.utf8.count, in: bytes), value < cut { cut = value }
      }
    }
    if let userInfo = userInfoStart(in: bytes), userInfo < cut { cut = userInfo }
    guard cut < bytes.count else { return line }
    return String(decoding: bytes[..<cut], as: UTF8.self) + "***"
  }

  private static func occurrences(of needle: [UInt8], in bytes: [UInt8]) -> [Int] {
    guard bytes.count >= needle.count else { return [] }
    return (0...(bytes.count - needle.count)).filter { bytes[$0...].starts(with: needle) }
  }

  /// Where the value of a key begins that ends at or after `end`; `nil` if there is none or it is `{env: …}`, `{file: …}`.
  private static func valueStart(after end: Int, in bytes: [UInt8]) -> Int? {
    guard let colon = bytes[end...].firstIndex(of: UInt8(ascii: ":")),
      let value = bytes[(colon + 1)...].firstIndex(where: { $0 != 0x20 && $0 != 0x09 })
    else { return nil }
    let opensMap = bytes[value] == UInt8(ascii: "{")
    return opensMap ? nil : value
  }

  /// Behind the `//` of a URL that has an `@` before its path.
  private static func userInfoStart(in bytes: [UInt8]) -> Int? {
    let slash = UInt8(ascii: "/")
    for at in bytes.indices.dropLast() where bytes[at] == slash && bytes[at + 1] == slash {
      let authority = bytes[(at + 2)...].prefix { $0 != slash && $0 != 0x20 }
      if authority.contains(UInt8(ascii: "@")) { return at + 2 }
    }
    return nil
  }
}
