extension ValueType where Value == BodySettings {
  /// A map with one kind of body; null is the record's value, byte for byte.
  static var body: ValueType {
    let example = #"{ json: { id: "${value.id}" } }"#
    let map = ValueType<BodyDraft>.map(BodyDraft.fields, example: example, rule: BodyDraft.check)
      .ofKinds(BodyDraft.kinds)
    return ValueType(
      expected: map.expected, example: example,
      describe: { .orNull(map.describe(BodyDraft($0))) },
      write: { $0 == .raw ? .null : BodyDraft.write($0, map) }
    ) { node, _, reader in
      if node.isNull { return .raw }
      return map.read(node, BodyDraft(), &reader)?.settings
    }
  }
}

extension BodyDraft {
  /// SOAP's version stands beside its text only.
  fileprivate static func write(_ settings: BodySettings, _ map: ValueType<BodyDraft>) -> PlainValue {
    guard case .map(let entries) = map.write(BodyDraft(settings)) else { return .null }
    if case .soap = settings { return .map(entries) }
    return .map(entries.filter { $0.key != "version" })
  }
}

extension ValueType where Value == [(name: String, value: TemplateText)] {
  /// A map of form fields.
  static var form: ValueType {
    let (expected, example) = ("a map of form fields", #"{ id: "${value.id}" }"#)
    return ValueType(
      expected: expected, example: example, shape: .named(NamedEntries.texts(what: "field")),
      write: { .map($0.map(PlainValue.Entry.init(template:))) }
    ) { node, _, reader in
      reader.namedTemplates(node, expected: expected, example: example, what: "a field's name")
    }
  }
}
