/// Hides what stands in a secret's place in a line that is shown.
///
/// By the line's text and not by the tree, because a line is also shown where there is no tree (bad syntax) and where a
/// misspelt key has no type (`pasword: hunter2`).
package enum SecretMask {
  /// Parts of keys, in lower case; some as people misspell them.
  private static let names = [
    "password", "pasword", "passwd", "passphrase", "pwd", "secret", "token", "authorization", "cookie", "api-key",
    "api_key", "apikey",
    "credential", "pem", "bearer", "access_key",
  ]
  /// Keys of the table that hold such a part and are no secrets.
  private static let harmless = ["token_url", "max_tokens", "secret_in"]
  /// What a secret of Standard Webhooks begins with.
  private static let webhookPrefix = "whsec_"

  /// Whether a key's name says that its value is one.
  package static func isSecret(key: String) -> Bool {
    let lower = Array(key.utf8).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    return names.contains { !occurrences(of: Array($0.utf8), in: lower).isEmpty }
  }

  /// The same without what stands before the `@`, wherever that is.
  static func login(_ url: String) -> String {
    guard let mark = url.firstRange(of: "://"), let at = url[mark.upperBound...].lastIndex(of: "@") else { return url }
    return url[..<mark.upperBound] + "***" + url[at...]
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

  /// The same for a text with templates: what comes from a record is none of the file's secrets.
  static func template(_ text: TemplateText, ofKey key: String) -> PlainValue {
    text.lone == nil ? value(text.source, ofKey: key) : .text(text.source)
  }

  static func mask(_ line: String) -> String {
    let bytes = Array(line.utf8)
    var lower = bytes.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    for name in harmless {
      let count = name.utf8.count
      for start in occurrences(of: Array(name.utf8), in: lower) {
        lower.replaceSubrange(start..<(start + count), with: repeatElement(0x20, count: count))
      }
    }
    var cut = bytes.count
    for name in names {
      for start in occurrences(of: Array(name.utf8), in: lower) {
        if let value = valueStart(after: start + name.utf8.count, in: bytes), value < cut { cut = value }
      }
    }
    if let userInfo = userInfoStart(in: bytes), userInfo < cut { cut = userInfo }
    if let secret = occurrences(of: Array(webhookPrefix.utf8), in: lower).first, secret < cut { cut = secret }
    if let value = apiKeyStart(in: bytes), value < cut { cut = value }
    guard cut < bytes.count else { return line }
    return String(decoding: bytes[..<cut], as: UTF8.self) + "***"
  }

  private static func occurrences(of needle: [UInt8], in bytes: [UInt8]) -> [Int] {
    guard bytes.count >= needle.count else { return [] }
    return (0...(bytes.count - needle.count)).filter { bytes[$0...].starts(with: needle) }
  }

  /// Where the value of a key begins that ends at or after `end`; `nil` if there is none or it is `{env: …}`, `{file: …}`.
  private static func valueStart(after end: Int, in bytes: [UInt8]) -> Int? {
    guard let mark = bytes[end...].firstIndex(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "=") }),
      let value = bytes[(mark + 1)...].firstIndex(where: { $0 != 0x20 && $0 != 0x09 })
    else { return nil }
    guard bytes[value] == UInt8(ascii: "{") else { return value }
    // An API key stands in such a map.
    let inner = occurrences(of: Array("value:".utf8), in: Array(bytes[value...])).first.map { value + $0 }
    return inner.flatMap { valueStart(after: $0, in: Array(bytes)) }
  }

  /// Of a line that begins with the key `value`.
  private static func apiKeyStart(in bytes: [UInt8]) -> Int? {
    guard let start = bytes.firstIndex(where: { $0 != 0x20 }), bytes[start...].starts(with: "value:".utf8) else {
      return nil
    }
    return valueStart(after: start, in: bytes)
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
