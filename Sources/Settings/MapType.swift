extension ValueType {
  /// A map with a table of fields. `rule` sees the map once its fields are read.
  static func map(
    _ fields: [Field<Value>], example: String,
    rule: @escaping @Sendable (Node, inout Value, inout Reader) -> Void = { _, _, _ in }
  ) -> ValueType<Value> {
    ValueType(
      expected: "a map", example: example, describe: { value in .keys(fields.map { $0.describe(value) }) },
      write: { value in
        .map(fields.compactMap { field in field.write(value).map { PlainValue.Entry(field.key, $0) } })
      }
    ) { node, current, reader in
      if fields.contains(where: \.isSecret) {
        reader.hideSecrets(of: node, except: fields.filter { !$0.isSecret }.map(\.key))
      }
      guard let entries = reader.entries(node, expected: "a map", example: example) else { return nil }
      var value = current
      var left: [String: Node.Entry] = [:]
      for entry in entries { left[entry.key] = entry }
      for field in fields {
        if let entry = left.removeValue(forKey: field.key) {
          field.read(entry.value, &value, &reader)
        } else if field.isRequired {
          reader.log.error(
            "missing key '\(field.key)'", hint: "\(field.summary); for example: \(field.key): \(field.example)",
            at: node.owner ?? .start)
        }
      }
      let known = fields.map(\.key)
      for entry in entries where left[entry.key] != nil {
        guard !reader.log.isFull else { break }
        reader.log.error(
          "unknown key \(PlainText.quoted(entry.key))",
          hint: Suggestion.hint(entry.key, among: known) ?? "known here: \(known.joined(separator: ", "))",
          at: entry.keyPlace)
      }
      rule(node, &value, &reader)
      return value
    }
  }

  /// The same, where exactly one of some keys says what kind of thing the map is. Its rule is `OneKind.check`.
  func ofKinds(_ kinds: [String]) -> ValueType<Value> {
    ValueType(
      expected: expected, example: example, describe: { [describe] in .oneOf(kinds, describe($0)) }, write: write,
      read: read)
  }

  /// A map or `null` for none. What holds without it is replaced as a whole.
  static func optionalMap<Wrapped>(
    _ fields: [Field<Wrapped>], from blank: Wrapped, example: String,
    rule: @escaping @Sendable (Node, inout Wrapped, inout Reader) -> Void = { _, _, _ in }
  ) -> ValueType<Value> where Value == Wrapped?, Wrapped: Sendable {
    let map = ValueType<Wrapped>.map(fields, example: example, rule: rule)
    return ValueType(
      expected: map.expected, example: example, describe: { .orNull(map.describe($0 ?? blank)) },
      write: { $0.map(map.write) ?? .null }
    ) { node, _, reader in
      if node.isNull { return .some(nil) }
      return map.read(node, blank, &reader).map { .some($0) }
    }
  }

  /// `null` for none.
  static func optional<Wrapped>(
    _ type: ValueType<Wrapped>, blank: Wrapped
  ) -> ValueType<Value> where Value == Wrapped?, Wrapped: Sendable {
    var optional = ValueType(
      expected: type.expected, example: type.example, describe: { .orNull(type.describe($0 ?? blank)) },
      write: { $0.map(type.write) ?? .null }
    ) { node, current, reader in
      if node.isNull { return .some(nil) }
      return type.read(node, current ?? blank, &reader).map { .some($0) }
    }
    optional.isSecret = type.isSecret
    return optional
  }

  /// A list of at least one; an item that is wrong does not hide what is wrong with the next.
  static func list<Item>(
    of item: ValueType<Item>, blank: Item, example: String,
    same: @escaping @Sendable (Item, Item) -> Bool
  ) -> ValueType<Value> where Value == [Item], Item: Sendable {
    var list = ValueType(
      expected: "a list", example: example, shape: .list(of: item.describe(blank)),
      write: { .list($0.map(item.write)) }
    ) { node, _, reader in
      guard case .sequence(let nodes) = node.content else {
        reader.wrongType(node, expected: "a list", example: example)
        return nil
      }
      guard !nodes.isEmpty else {
        reader.log.error("an empty list", hint: "for example: \(example)", at: node.place)
        return nil
      }
      guard nodes.count <= 1000 else {
        reader.log.error("a list of more than 1000 items", at: node.place)
        return nil
      }
      var items: [Item] = []
      for node in nodes {
        guard !reader.log.isFull else { return nil }
        guard let value = item.read(node, blank, &reader) else { continue }
        if items.contains(where: { same($0, value) }) {
          reader.log.error("the same item twice", hint: "remove one", at: node.place)
        } else {
          items.append(value)
        }
      }
      return items
    }
    list.isSecret = item.isSecret
    return list
  }
}

extension Reader {
  /// In a map that holds secrets, whatever is not known to be none: a misspelt key, one that is there twice, and what
  /// stands in the map's own place.
  fileprivate mutating func hideSecrets(of node: Node, except known: [String]) {
    guard case .mapping(let entries) = node.content else { return hide(node) }
    for entry in entries where !known.contains(entry.key) { hide(entry.value) }
  }
}
