extension ResultsSettings {
  /// The keys of `results`.
  static let fields: [Field<ResultsSettings>] = [
    Field(
      "topic", \.topic, .topic(example: "orders.results"), required: true, "the topic of results, a row per record"),
    Field("keep", \.keep, .keep, "what of each destination's response a row keeps; the status by default"),
  ]

  /// What concerns other keys too.
  static func check(_ node: Node, _ settings: BridgeSettings, _ reader: inout Reader) {
    guard let results = settings.results, let node = node["results"] else { return }
    if let place = node["topic"]?.place, !results.topic.isEmpty {
      let other =
        settings.topics.contains(results.topic)
        ? "source" : results.topic == settings.deadLetters.topic ? "dead-letter" : nil
      if let other {
        reader.log.error(
          "results would go to the \(other) topic \(PlainText.quoted(results.topic))", hint: "name another topic",
          at: place)
      }
    }
    guard case .mapping(let entries) = node["keep"]?.content else { return }
    let names = settings.destinations.map(\.name)
    for entry in entries where !names.isEmpty && !names.contains(entry.key) {
      reader.log.error(
        "no destination \(PlainText.quoted(entry.key))",
        hint: Suggestion.hint(entry.key, among: names) ?? "known: \(PlainText.list(names))", at: entry.keyPlace)
    }
  }
}

extension ResultsSettings.Keep {
  /// The keys of `results.keep.NAME`.
  static let fields: [Field<ResultsSettings.Keep>] = [
    Field("status", \.status, .boolean, "whether the row has the response's status"),
    Field("body", \.body, .optional(.jq(example: ".id"), blank: JQText("")), "jq on the response's body"),
  ]
}

extension ValueType where Value == [ResultsSettings.Keep] {
  /// A map from a destination's name to what is kept of it.
  static var keep: ValueType {
    let (expected, example) = ("a map of destinations", "{ crm: { body: .id } }")
    let item = ValueType<ResultsSettings.Keep>.map(ResultsSettings.Keep.fields, example: "{ body: .id }")
    return ValueType(
      expected: expected, example: example,
      describe: { _ in
        .named(
          NamedEntries(
            what: "destination", pattern: NameText.pattern, countMax: DestinationSettings.countMax,
            item: item.describe(ResultsSettings.Keep(destination: ""))))
      }, write: { .map($0.map { PlainValue.Entry($0.destination, item.write($0)) }) }
    ) { node, _, reader in
      guard let entries = reader.entries(node, expected: expected, example: example, keysAre: "destination") else {
        return nil
      }
      return entries.compactMap { entry in
        guard !reader.log.isFull else { return nil }
        return item.read(entry.value, ResultsSettings.Keep(destination: entry.key), &reader)
      }
    }
  }
}
