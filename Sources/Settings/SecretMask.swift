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
    guard let cut = secretStart(in: bytes) else { return line }
    return String(decoding: bytes[..<cut], as: UTF8.self) + PlainValue.mask
  }

  /// Whether the secret of a line's last key may go on in the lines below it.
  static func mayGoOn(below line: String) -> Bool {
    let bytes = Array(line.utf8)
    if secretStart(in: bytes) != nil { return true }
    guard let mark = bytes.lastIndex(where: { $0 != 0x20 && $0 != 0x09 }), bytes[mark] == UInt8(ascii: ":") else {
      return false
    }
    // The map of an API key is none.
    let key = bytes[..<mark].filter { $0 != 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'") }
    let isMap = key.elementsEqual("api_key".utf8)
    return !isMap && (key.elementsEqual("value".utf8) || isSecret(key: String(decoding: key, as: UTF8.self)))
  }

  /// Where the first of a line's secrets begins.
  private static func secretStart(in bytes: [UInt8]) -> Int? {
    var lower = bytes.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    for name in harmless {
      let count = name.utf8.count
      for start in occurrences(of: Array(name.utf8), in: lower) {
        lower.replaceSubrange(start..<(start + count), with: repeatElement(0x20, count: count))
      }
    }
    let named = names.flatMap { name in
      occurrences(of: Array(name.utf8), in: lower).compactMap { valueStart(after: $0 + name.utf8.count, in: bytes) }
    }
    let others = [
      userInfoStart(in: bytes), occurrences(of: Array(webhookPrefix.utf8), in: lower).first, apiKeyStart(in: bytes),
    ]
    return (named + others.compactMap { $0 }).min()
  }

  private static func occurrences(of needle: [UInt8], in bytes: [UInt8]) -> [Int] {
    guard bytes.count >= needle.count else { return [] }
    return (0...(bytes.count - needle.count)).filter { bytes[$0...].starts(with: needle) }
  }

  /// Where the value of a key begins that ends at or after `end`; `nil` if there is none or it is `{env: …}`, `{file: …}`.
  private static func valueStart(after end: Int, in bytes: [UInt8]) -> Int? {
    guard let mark = bytes[end...].firstIndex(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "=") }),
      bytes[end..<mark].allSatisfy(mayStandInKey),
      let value = bytes[(mark + 1)...].firstIndex(where: { $0 != 0x20 && $0 != 0x09 })
    else { return nil }
    return secretStart(ofValueAt: value, in: bytes)
  }

  private static func mayStandInKey(_ byte: UInt8) -> Bool {
    NameText.isWord(byte) || byte >= 0x80 || [0x09, 0x20, 0x22, 0x27, 0x2E].contains(byte)
  }

  private static func secretStart(ofValueAt value: Int, in bytes: [UInt8]) -> Int? {
    switch bytes[value] {
    case UInt8(ascii: "{"):
      let word = firstWord(ofMapAt: value, in: bytes)
      if word == "env" || word == "file" { return nil }
      guard ["header", "query", "value"].contains(word) else { return value }
      // An API key stands in such a map.
      let inner = occurrences(of: Array("value:".utf8), in: Array(bytes[value...])).first.map { value + $0 }
      return inner.flatMap { valueStart(after: $0 + 5, in: bytes) }
    case UInt8(ascii: "["):
      var at = value + 1
      guard let first = bytes[at...].first(where: { $0 != 0x20 && $0 != 0x09 }), first != UInt8(ascii: "]") else {
        return value
      }
      // Past the items that are `{env: …}` or `{file: …}`.
      while at < bytes.count, bytes[at] != UInt8(ascii: "]") {
        if bytes[at] == 0x20 || bytes[at] == 0x09 || bytes[at] == UInt8(ascii: ",") {
          at += 1
        } else if bytes[at] == UInt8(ascii: "{"), secretStart(ofValueAt: at, in: bytes) == nil {
          at = (bytes[at...].firstIndex(of: UInt8(ascii: "}")) ?? bytes.count - 1) + 1
        } else {
          return at
        }
      }
      return nil
    default: return value
    }
  }

  private static func firstWord(ofMapAt start: Int, in bytes: [UInt8]) -> String {
    let word = bytes[(start + 1)...].drop { [0x09, 0x20, 0x22, 0x27].contains($0) }.prefix(while: NameText.isWord)
    return String(decoding: word, as: UTF8.self)
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
