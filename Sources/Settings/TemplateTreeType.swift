extension ValueType where Value == TemplateTree {
  /// Any value of the file, as JSON with templates in its texts.
  static func tree(example: String) -> ValueType {
    var type = ValueType(
      expected: "JSON", example: example, shape: .any, write: { $0.plain }
    ) { node, _, reader in reader.tree(node) }
    type.mayBeEmpty = true
    return type
  }

  /// The same for a map.
  static func treeMap(example: String) -> ValueType {
    let any = tree(example: example)
    return ValueType(
      expected: "a map", example: example,
      shape: .named(NamedEntries(what: "entry", pattern: "^", underscore: "_", item: .any)), write: any.write
    ) { node, current, reader in
      guard case .mapping(let entries) = node.content, !entries.isEmpty else {
        _ = reader.entries(node, expected: "a map", example: example)
        return nil
      }
      return any.read(node, current, &reader)
    }
  }
}

extension TemplateTree {
  /// As a file has it, but for texts whose names say that they are secrets.
  var plain: PlainValue { plain(ofKey: "") }

  private func plain(ofKey key: String) -> PlainValue {
    switch self {
    case .null: .null
    case .boolean(let value): .boolean(value)
    case .number(let digits): Int(digits).map { "\($0)" == digits ? .number($0) : .decimal(digits) } ?? .decimal(digits)
    case .text(let text): SecretMask.template(text, ofKey: key)
    case .list(let items): .list(items.map { $0.plain(ofKey: key) })
    case .map(let members):
      .map(members.map { PlainValue.Entry(TemplateText(literal: $0.name).source, $0.value.plain(ofKey: $0.name)) })
    }
  }
}

extension Reader {
  /// What the node says in JSON; without what is wrong and logged. A file's depth is bounded.
  fileprivate mutating func tree(_ node: Node) -> TemplateTree? {
    switch node.content {
    case .scalar(let text, let isPlain): return isPlain ? plainScalar(text, node) : self.text(text, node)
    case .sequence(let nodes):
      var items: [TemplateTree] = []
      for node in nodes where !log.isFull {
        if let item = tree(node) { items.append(item) }
      }
      return .list(items)
    case .mapping(let entries):
      var members: [TemplateTree.Member] = []
      var first: [String: Place] = [:]
      for entry in entries where !log.isFull {
        guard let name = literalName(entry, what: "a name") else { continue }
        if let earlier = first[name] {
          log.error(
            "duplicate key \(PlainText.quoted(name))", hint: "the first is \(earlier.words)", at: entry.keyPlace)
          continue
        }
        first[name] = entry.keyPlace
        if let value = tree(entry.value) { members.append(TemplateTree.Member(name, value)) }
      }
      return .map(members)
    }
  }

  private mutating func text(_ text: String, _ node: Node) -> TemplateTree? {
    template(text, node).map { .text($0.template) }
  }

  /// By YAML's core rules, and a number only as JSON writes it.
  private mutating func plainScalar(_ text: String, _ node: Node) -> TemplateTree? {
    if PlainScalar.isNull(text) { return .null }
    if PlainScalar.isBoolean(text) { return .boolean(text.utf8.first.map { $0 | 0x20 } == UInt8(ascii: "t")) }
    guard PlainScalar.isNumber(text) else { return self.text(text, node) }
    guard JSONNumber.isValid(text) else {
      log.error(
        "\(PlainText.quoted(text)) is no number in JSON", hint: "a text needs quotes: \(PlainValue.quoted(text))",
        at: node.place)
      return nil
    }
    return .number(text)
  }
}
