/// One key that a map of the file takes: a row of the table of fields.
///
/// Everything about a key stands here once: its name, its type with an example, whether it must be there, what it is
/// for and where its value goes. A default is what the target's property holds before reading.
struct Field<Target>: Sendable {
  let key: String
  let isRequired: Bool
  /// Its text must not be shown.
  let isSecret: Bool
  /// One line for people: a noun phrase without a full stop.
  let summary: String
  let example: String
  /// The row without its types; defaults are what the target holds.
  let describe: @Sendable (Target) -> KeyDescription
  /// The value as a file would have it; `nil` where a file would leave it out.
  let write: @Sendable (Target) -> PlainValue?
  let read: @Sendable (Node, inout Target, inout Reader) -> Void

  init<Value>(
    _ key: String, _ path: any WritableKeyPath<Target, Value> & Sendable, _ type: ValueType<Value>,
    required isRequired: Bool = false, example: String? = nil, since: String = firstRelease, _ summary: String
  ) {
    self.init(
      key, type: { _ in type }, required: isRequired, isSecret: type.isSecret, example: example ?? type.example,
      current: { $0[keyPath: path] }, since: since, summary
    ) { $1[keyPath: path] = $0 }
  }

  /// One of several keys of which a map has one: it is there or not, whatever it holds.
  init<Value: Sendable>(
    kind key: String, _ path: any WritableKeyPath<Target, Value?> & Sendable, _ type: ValueType<Value>, blank: Value,
    example: String? = nil, _ summary: String
  ) {
    self.init(
      key, type: { _ in type }, isSecret: type.isSecret, example: example ?? type.example,
      current: { $0[keyPath: path] ?? blank }, isWritten: { $0[keyPath: path] != nil }, summary
    ) { $1[keyPath: path] = $0 }
  }

  /// For a value that does not simply stand in one property, or whose type depends on what was read before it.
  /// `isWritten` says whether a file would have it at all, `since` which release was the first to take it.
  init<Value>(
    _ key: String, type: @escaping @Sendable (Target) -> ValueType<Value>, required isRequired: Bool = false,
    isSecret: Bool = false, example: String, current: @escaping @Sendable (Target) -> Value,
    isWritten: @escaping @Sendable (Target) -> Bool = { _ in true }, since: String = firstRelease, _ summary: String,
    set: @escaping @Sendable (Value, inout Target) -> Void
  ) {
    self.key = key
    self.isRequired = isRequired
    self.isSecret = isSecret
    self.summary = summary
    self.example = example
    let write: @Sendable (Target) -> PlainValue? = { target in
      guard isWritten(target) else { return nil }
      let type = type(target)
      let value = type.write(current(target))
      return value.isEmptyMap && !type.mayBeEmpty ? nil : value
    }
    self.write = write
    describe = { target in
      let type = type(target)
      return KeyDescription(
        key: key, type: type.expected, summary: summary, example: example, since: since,
        isRequired: isRequired, standard: isRequired ? nil : write(target) ?? .null,
        shape: type.describe(current(target)))
    }
    read = { node, target, reader in
      if let value = type(target).read(node, current(target), &reader) { set(value, &target) }
    }
  }
}

/// Where a row does not say since which release its key is there: the first one. Not the present one, which moves on.
let firstRelease = "0.1"

/// A type of value in the file: what it is called, an example, and how to read and write it.
struct ValueType<Value>: Sendable {
  /// For messages, with its article: `a duration`.
  let expected: String
  /// As it stands in a file: `15s`.
  let example: String
  /// Its text must not be shown.
  var isSecret = false
  /// An empty map is a value of its own.
  var mayBeEmpty = false
  /// What it looks like; the value is what defaults of keys below are taken from.
  let describe: @Sendable (Value) -> Shape
  let write: @Sendable (Value) -> PlainValue
  /// The value, or `nil` once the reader holds why not. The second argument is what holds without this key (a default).
  let read: @Sendable (Node, Value, inout Reader) -> Value?

  init(
    expected: String, example: String, describe: @escaping @Sendable (Value) -> Shape,
    write: @escaping @Sendable (Value) -> PlainValue, read: @escaping @Sendable (Node, Value, inout Reader) -> Value?
  ) {
    self.expected = expected
    self.example = example
    self.describe = describe
    self.write = write
    self.read = read
  }

  init(
    expected: String, example: String, shape: Shape, write: @escaping @Sendable (Value) -> PlainValue,
    read: @escaping @Sendable (Node, Value, inout Reader) -> Value?
  ) {
    self.init(expected: expected, example: example, describe: { _ in shape }, write: write, read: read)
  }
}

extension ValueType {
  /// The same, of which the secrets are needed by who delivers only.
  var forDelivering: ValueType {
    var type = ValueType(expected: expected, example: example, describe: describe, write: write) {
      node, value, reader in
      let needed = reader.needsSecrets
      if reader.purpose == .kafkaOnly { reader.needsSecrets = false }
      defer { reader.needsSecrets = needed }
      return read(node, value, &reader)
    }
    type.isSecret = isSecret
    type.mayBeEmpty = mayBeEmpty
    return type
  }
}

/// What a file is read for.
package enum SettingsPurpose: Sendable {
  case delivering
  /// No API is called: all secrets but Kafka's own may be elsewhere.
  case kafkaOnly
}

/// What reading needs besides the nodes: the log of what is wrong, and the outside that secrets come from.
struct Reader {
  var log: DiagnosticLog
  let environment: [String: String]
  /// Variables that `{env: NAME}` names.
  var namedVariables: Set<String> = []
  let purpose: SettingsPurpose
  /// False where nobody will use them: they are not looked for then.
  var needsSecrets = true

  init(log: DiagnosticLog, environment: [String: String], purpose: SettingsPurpose = .delivering) {
    self.log = log
    self.environment = environment
    self.purpose = purpose
  }

  /// Keeps the texts below a node out of what is shown. Names of variables and files are no secrets.
  mutating func hide(_ node: Node) {
    switch node.content {
    case .scalar: log.hide(node.place)
    case .sequence(let items): for item in items { hide(item) }
    case .mapping(let entries):
      for entry in entries where entry.key != "env" && entry.key != "file" { hide(entry.value) }
    }
  }

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
