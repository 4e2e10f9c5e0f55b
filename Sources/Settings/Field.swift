/// One key that a map of the file takes: a row of the table of fields.
///
/// Everything about a key stands here once: its name, its type with an example, whether it must be there, what it is
/// for and where its value goes. A default is what the target's property holds before reading.
struct Field<Target>: Sendable {
  let key: String
  let isRequired: Bool
  /// One line for people: a noun phrase without a full stop.
  let summary: String
  let example: String
  let read: @Sendable (Node, inout Target, inout Reader) -> Void

  init<Value>(
    _ key: String, _ path: any WritableKeyPath<Target, Value> & Sendable, _ type: ValueType<Value>,
    required isRequired: Bool = false, example: String? = nil, _ summary: String
  ) {
    self.init(key, type, required: isRequired, example: example, current: { $0[keyPath: path] }, summary) {
      $1[keyPath: path] = $0
    }
  }

  /// For a value whose type depends on what was read before it.
  init(
    _ key: String, isRequired: Bool, summary: String, example: String,
    read: @escaping @Sendable (Node, inout Target, inout Reader) -> Void
  ) {
    self.key = key
    self.isRequired = isRequired
    self.summary = summary
    self.example = example
    self.read = read
  }

  /// For a value that does not simply stand in one property.
  init<Value>(
    _ key: String, _ type: ValueType<Value>, required isRequired: Bool = false, example: String? = nil,
    current: @escaping @Sendable (Target) -> Value, _ summary: String,
    set: @escaping @Sendable (Value, inout Target) -> Void
  ) {
    self.key = key
    self.isRequired = isRequired
    self.summary = summary
    self.example = example ?? type.example
    read = { node, target, reader in
      if let value = type.read(node, current(target), &reader) { set(value, &target) }
    }
  }
}

/// A type of value in the file: what it is called, an example, and how to read it.
struct ValueType<Value>: Sendable {
  /// For messages, with its article: `a duration`.
  let expected: String
  /// As it stands in a file: `15s`.
  let example: String
  /// The value, or `nil` once the reader holds why not. The second argument is what holds without this key (a default).
  let read: @Sendable (Node, Value, inout Reader) -> Value?
}

/// What reading needs besides the nodes: the log of what is wrong, and the outside that secrets come from.
struct Reader {
  var log: DiagnosticLog
  let environment: [String: String]

  mutating func wrongType(_ node: Node, expected: String, example: String) {
    log.error("expected \(expected), found \(node.kind)", hint: "for example: \(example)", at: node.place)
  }

  /// The text of a scalar that is none of null, boolean and number; anything else is logged.
  mutating func text(_ node: Node, expected: String, example: String) -> String? {
    guard case .scalar(let text, let isPlain) = node.content, !node.isNull else {
      wrongType(node, expected: expected, example: example)
      return nil
    }
    if isPlain, PlainScalar.isBoolean(text) || PlainScalar.isNumber(text) {
      log.error(
        "expected \(expected), found \(node.kind)", hint: "put it in quotes: \(PlainText.quoted(text))", at: node.place)
      return nil
    }
    return text
  }

  /// The text of any scalar but null, quoted or not.
  mutating func scalar(_ node: Node, expected: String, example: String) -> String? {
    guard case .scalar(let text, _) = node.content, !node.isNull else {
      wrongType(node, expected: expected, example: example)
      return nil
    }
    return text
  }

  /// The entries of a map without those that repeat a key; anything but a map that holds something is logged.
  mutating func entries(_ node: Node, expected: String, example: String, keysAre: String = "key") -> [Node.Entry]? {
    guard case .mapping(let entries) = node.content else {
      wrongType(node, expected: expected, example: example)
      return nil
    }
    guard !entries.isEmpty else {
      log.error("an empty map", hint: "give it a key or leave it out; for example: \(example)", at: node.place)
      return nil
    }
    var first: [String: Place] = [:]
    return entries.filter { entry in
      guard let earlier = first[entry.key] else {
        first[entry.key] = entry.keyPlace
        return true
      }
      let name = PlainText.quoted(entry.key)
      log.error(
        keysAre == "key" ? "duplicate key \(name)" : "two \(keysAre)s are named \(name)",
        hint: "the first is on line \(earlier.line)", at: entry.keyPlace)
      return false
    }
  }
}
