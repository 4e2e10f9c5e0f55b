extension ValueType where Value == [DestinationSettings] {
  /// A map from names to destinations, each of which begins as `defaults`.
  static func destinations(from defaults: DestinationSettings, example: String) -> ValueType {
    let type = ValueType<DestinationSettings>.map(
      DestinationSettings.fields, example: "{ url: https://api.example.com/orders }", rule: DestinationRules.check)
    return ValueType(
      expected: "a map of destinations", example: example,
      describe: { _ in
        .named(
          NamedEntries(
            what: "destination", pattern: NameText.pattern, countMax: DestinationSettings.countMax,
            item: type.describe(defaults)))
      }, write: { .map($0.map { PlainValue.Entry($0.name, type.write($0)) }) }
    ) { node, _, reader in
      let expected = "a map of destinations"
      if node.isNull {
        reader.log.error("no destinations", hint: "for example: \(example)", at: node.place)
        return nil
      }
      guard let entries = reader.entries(node, expected: expected, example: example, keysAre: "destination") else {
        return nil
      }
      if entries.count > DestinationSettings.countMax {
        reader.log.error(
          "more than \(DestinationSettings.countMax) destinations", hint: "start a second bridge in another group",
          at: entries[DestinationSettings.countMax].keyPlace)
      }
      return entries.prefix(DestinationSettings.countMax).compactMap { entry in
        let isName = (1...64).contains(entry.key.utf8.count) && entry.key.utf8.allSatisfy(NameText.isWord)
        if !isName {
          reader.log.error(
            "\(PlainText.quoted(entry.key)) is no destination name", hint: "1 to 64 letters, digits, '_' or '-'",
            at: entry.keyPlace)
        }
        var blank = defaults
        blank.name = entry.key
        return type.read(entry.value, blank, &reader)
      }
    }
  }
}
