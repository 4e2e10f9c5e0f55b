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
    "idempotency-key": "it differs from record to record; 'idempotency_key' says whether it is sent",
  ]

  static var refusedNames: [String] { refused.keys.sorted() }

  static func refusal(ofName name: String) -> (message: String, hint: String?)? {
    guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
      return ("\(PlainText.quoted(name)) is no header name", "letters, digits and '-', such as X-Region")
    }
    guard let why = refused[name.lowercased()] else { return nil }
    return ("the header \(PlainText.quoted(name)) cannot be set", why)
  }

  static func refusal(ofValue value: TemplateText) -> (message: String, hint: String?)? {
    let texts = value.parts.compactMap { part in
      switch part {
      case .literal(let text): text
      case .reference(let reference): reference.fallback
      }
    }
    if texts.reduce(0, { $0 + $1.utf8.count }) > 8192 { return ("a header of more than 8192 bytes", nil) }
    let bytes = texts.lazy.flatMap(\.utf8)
    if bytes.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) {
      return ("a CR, LF or NUL in a header", "a header is one line")
    }
    if bytes.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) {
      return ("a control character in a header", "remove it")
    }
    return nil
  }

  /// What a record must not decide, for it says who is asking.
  static func isOutOfReach(ofRecords name: String) -> Bool {
    let name = name.lowercased()
    let logins = ["authorization", "proxy-authorization", "cookie", "webhook-id", "webhook-timestamp"]
    return logins.contains(name) || name.contains("signature") || name.hasPrefix("x-amz-")
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
      write: { .map($0.map { PlainValue.Entry($0.name, SecretMask.template($0.value, ofKey: $0.name)) }) }
    ) { node, current, reader in
      guard let entries = reader.entries(node, expected: "a map of headers", example: "{ X-Region: eu }") else {
        return nil
      }
      var own: [(name: String, value: TemplateText)] = []
      var seen: Set<String> = []
      for entry in entries {
        guard !reader.log.isFull else { break }
        guard let value = reader.header(entry) else { continue }
        if seen.insert(entry.key.lowercased()).inserted {
          own.append((entry.key, value))
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

  /// A map of query parameters; those of `defaults` stay where this map has none of the same name.
  static var query: ValueType {
    let (expected, example) = ("a map of query parameters", "{ source: kafka }")
    return ValueType(
      expected: expected, example: example, shape: .named(NamedEntries.texts(what: "parameter")),
      write: { .map($0.map(PlainValue.Entry.init(template:))) }
    ) { node, current, reader in
      guard let own = reader.namedTemplates(node, expected: expected, example: example, what: "a parameter's name")
      else { return nil }
      return current.filter { old in !own.contains { $0.name == old.name } } + own
    }
  }
}

extension PlainValue.Entry {
  /// A name of any text, with a template behind it.
  init(template: (name: String, value: TemplateText)) {
    self.init(
      TemplateText(literal: template.name).source, SecretMask.template(template.value, ofKey: template.name))
  }
}

extension NamedEntries {
  /// Names of any text, with templates behind them.
  static func texts(what: String) -> NamedEntries {
    NamedEntries(what: what, pattern: "^[^\\x00-\\x1f]+$", underscore: "_", item: .scalar)
  }
}

extension Reader {
  /// `nil` once something is logged.
  fileprivate mutating func header(_ entry: Node.Entry) -> TemplateText? {
    let name = PlainText.quoted(entry.key)
    if let refusal = HeaderRules.refusal(ofName: entry.key) {
      log.error(refusal.message, hint: refusal.hint, at: entry.keyPlace)
      return nil
    }
    guard let text = scalar(entry.value, expected: "a header's value", example: "X-Region: eu"),
      let value = template(text, entry.value)?.template
    else { return nil }
    if let refusal = HeaderRules.refusal(ofValue: value) {
      log.error(refusal.message, hint: refusal.hint, at: entry.value.place)
      return nil
    }
    if value.hasReferences, HeaderRules.isOutOfReach(ofRecords: entry.key) {
      log.error(
        "the header \(name) cannot come from a record", hint: "logins and signatures stand under 'auth' and 'sign'",
        at: entry.value.place)
      return nil
    }
    if entry.key.lowercased() == "authorization" {
      log.warning(
        "a login in 'headers'", hint: "'auth' keeps it out of the file; for example: auth: { bearer: {env: TOKEN} }",
        at: entry.keyPlace)
    }
    return value
  }

  /// A map from names to texts with templates, in the file's order; names are not empty and differ.
  mutating func namedTemplates(
    _ node: Node, expected: String, example: String, what: String
  ) -> [(name: String, value: TemplateText)]? {
    guard let entries = entries(node, expected: expected, example: example) else { return nil }
    var all: [(name: String, value: TemplateText)] = []
    for entry in entries {
      guard !log.isFull else { break }
      guard let name = literalName(entry, what: what) else { continue }
      guard !name.utf8.isEmpty, !name.utf8.contains(where: { $0 < 0x20 }) else {
        log.error("\(PlainText.quoted(name)) is not \(what)", hint: "for example: \(example)", at: entry.keyPlace)
        continue
      }
      guard let text = scalar(entry.value, expected: "text", example: example),
        let value = template(text, entry.value)?.template
      else { continue }
      all.append((name, value))
    }
    return all
  }
}
