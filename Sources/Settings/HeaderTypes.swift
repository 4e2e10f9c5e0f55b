/// Request headers as the file may set them.
enum HeaderRules {
  /// Set by the client for each request; another one would break the framing of HTTP/1.1 or the meaning of the request.
  private static let refused = [
    "host": "it is the URL's host", "content-length": "it is the body's length",
    "transfer-encoding": "the client frames the body",
    "connection": "the client keeps the connections", "keep-alive": "the client keeps the connections",
    "proxy-connection": "the client keeps the connections", "upgrade": "the client speaks HTTP/1.1",
    "te": "the client frames the body", "trailer": "the client frames the body",
    "expect": "the client sends the body at once",
    "idempotency-key": "it differs from record to record",
  ]

  static var refusedNames: [String] { refused.keys.sorted() }

  static func refusal(ofName name: String) -> (message: String, hint: String?)? {
    guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
      return ("\(PlainText.quoted(name)) is no header name", "letters, digits and '-', such as X-Region")
    }
    guard let why = refused[name.lowercased()] else { return nil }
    return ("the header \(PlainText.quoted(name)) cannot be set", why)
  }

  static func refusal(ofValue value: String) -> (message: String, hint: String?)? {
    if value.utf8.count > 8192 { return ("a header of more than 8192 bytes", nil) }
    if value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) {
      return ("a CR, LF or NUL in a header", "a header is one line")
    }
    if value.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) {
      return ("a control character in a header", "remove it")
    }
    let bytes = Array(value.utf8)
    if zip(bytes, bytes.dropFirst()).contains(where: { $0 == UInt8(ascii: "$") && $1 == UInt8(ascii: "{") }) {
      return ("templates ('${…}') are not supported in this version", "a header's value is sent as it stands here")
    }
    return nil
  }

  /// RFC 9110, token.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    NameText.isWord(byte) || "!#$%&'*+.^`|~".utf8.contains(byte)
  }
}

extension ValueType where Value == [(name: String, value: TemplateText)] {
  /// A map of headers; those of `defaults` stay where this map has no header of the same name.
  static var headers: ValueType {
    ValueType(
      expected: "a map of headers", example: "{ X-Region: eu }",
      shape: .named(
        NamedEntries(
          what: "header", pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", refused: HeaderRules.refusedNames, underscore: "-",
          item: .scalar)),
      write: { .map($0.map { PlainValue.Entry($0.name, SecretMask.value($0.value.literal ?? "", ofKey: $0.name)) }) }
    ) { node, current, reader in
      guard let entries = reader.entries(node, expected: "a map of headers", example: "{ X-Region: eu }") else {
        return nil
      }
      var own: [(name: String, value: TemplateText)] = []
      var seen: Set<String> = []
      for entry in entries {
        if let refusal = HeaderRules.refusal(ofName: entry.key) {
          reader.log.error(refusal.message, hint: refusal.hint, at: entry.keyPlace)
          continue
        }
        guard let value = reader.scalar(entry.value, expected: "a header's value", example: "X-Region: eu") else {
          continue
        }
        if let refusal = HeaderRules.refusal(ofValue: value) {
          reader.log.error(refusal.message, hint: refusal.hint, at: entry.value.place)
        } else if seen.insert(entry.key.lowercased()).inserted {
          own.append((entry.key, TemplateText(literal: value)))
        } else {
          reader.log.error(
            "the header \(PlainText.quoted(entry.key)) twice",
            hint: "upper and lower case are the same in header names",
            at: entry.keyPlace)
        }
      }
      return current.filter { !seen.contains($0.name.lowercased()) } + own
    }
  }
}
