/// JSON Schema (draft-07) of the config, for editors: made from the table of fields.
///
/// It holds what a schema can say: keys, types, notations, ranges. What concerns several keys is left to the loader.
package enum ConfigSchema {
  package static var document: PlainValue {
    guard case .map(let table) = schema(of: SettingsDraft.table) else { return .map([]) }
    let alternatives = SettingsDraft.alternatives.map { pair in
      PlainValue.keys([
        "oneOf": .list([.keys(["required": .texts([pair.0])]), .keys(["required": .texts([pair.1])])])
      ])
    }
    return .map(
      [
        PlainValue.Entry("$schema", .text("http://json-schema.org/draft-07/schema#")),
        PlainValue.Entry("title", .text("topictee config")),
        PlainValue.Entry("description", .text("A tee for Kafka topics: every API gets every event.")),
      ] + table + [PlainValue.Entry("allOf", .list(alternatives))])
  }

  private static func schema(of row: KeyDescription) -> PlainValue {
    guard case .map(let entries) = schema(of: row.shape) else { return .map([]) }
    var all = [PlainValue.Entry("description", .text(row.summary.sentence))] + entries
    all.append(PlainValue.Entry("$comment", .text("since \(row.since)")))
    if let standard = row.standard, !row.shape.isMap, standard != .null || row.shape.isNullable {
      all.append(PlainValue.Entry("default", standard))
    }
    if let example = PlainValue(yaml: row.example) { all.append(PlainValue.Entry("examples", .list([example]))) }
    return .map(all)
  }

  private static func schema(of shape: Shape) -> PlainValue {
    switch shape {
    case .text(let pattern):
      return .keys(["type": .text("string"), "minLength": .number(1), "pattern": pattern.map { .text($0) }])
    case .notation(let pattern, let numbers):
      return .keys([
        "type": numbers == nil ? .text("string") : .texts(["string", "integer"]), "pattern": .text(pattern),
        "minimum": numbers.map { .number($0.lowerBound) }, "maximum": numbers.map { .number($0.upperBound) },
      ])
    case .integer(let range):
      return .keys([
        "type": .text("integer"), "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound),
      ])
    case .boolean: return .keys(["type": .text("boolean")])
    case .choice(let words): return .keys(["enum": .texts(words)])
    case .version(let words): return .keys(["enum": .list(words.flatMap { [.text($0), .decimal($0)] })])
    case .decimal(let range):
      return .keys([
        "type": .text("number"), "minimum": .decimal("\(range.lowerBound)"), "maximum": .decimal("\(range.upperBound)"),
      ])
    case .any: return .map([])
    case .scalar: return .keys(["type": .texts(["string", "number", "boolean"])])
    case .path: return either([.keys(["type": .text("string"), "minLength": .number(1)]), source(["file"])])
    case .secret:
      return either([
        .keys(["type": .texts(["string", "number", "boolean"]), "minLength": .number(1)]), source(["env", "file"]),
      ])
    case .list(let item):
      return .keys([
        "type": .text("array"), "items": schema(of: item), "minItems": .number(1), "maxItems": .number(1000),
        "uniqueItems": .boolean(true),
      ])
    case .oneOrMore(let item, let mayBeEmpty):
      return either([
        schema(of: item),
        .keys([
          "type": .text("array"), "items": schema(of: item), "minItems": mayBeEmpty ? nil : .number(1),
        ]),
      ])
    case .keys(let rows):
      let required = rows.filter(\.isRequired).map(\.key)
      return .keys([
        "type": .text("object"), "properties": .map(rows.map { PlainValue.Entry($0.key, schema(of: $0)) }),
        "required": required.isEmpty ? nil : .texts(required), "additionalProperties": .boolean(false),
        "minProperties": .number(1),
      ])
    case .named(let entries):
      return .keys([
        "type": .text("object"),
        "propertyNames": .keys([
          "pattern": .text(entries.pattern),
          "not": entries.refused.isEmpty ? nil : .keys(["enum": .texts(entries.refused)]),
        ]), "additionalProperties": schema(of: entries.item), "minProperties": .number(1),
        "maxProperties": entries.countMax.map { .number($0) },
      ])
    case .orText(let pattern, let inner):
      return either([.keys(["type": .text("string"), "pattern": .text(pattern)]), schema(of: inner)])
    case .oneOf(let keys, let inner):
      guard case .map(let entries) = schema(of: inner) else { return schema(of: inner) }
      let required = keys.map { PlainValue.keys(["required": .texts([$0])]) }
      return .map(entries + [PlainValue.Entry("oneOf", .list(required))])
    case .orNull(let inner): return either([.keys(["type": .text("null")]), schema(of: inner)])
    }
  }

  private static func either(_ schemas: [PlainValue]) -> PlainValue { .keys(["anyOf": .list(schemas)]) }

  /// `{env: NAME}` or `{file: PATH}`: one key of these.
  private static func source(_ keys: [String]) -> PlainValue {
    let text = PlainValue.keys(["type": .text("string"), "minLength": .number(1)])
    return .keys([
      "type": .text("object"), "properties": .map(keys.map { PlainValue.Entry($0, text) }),
      "additionalProperties": .boolean(false), "minProperties": .number(1), "maxProperties": .number(1),
    ])
  }
}

extension Shape {
  fileprivate var isNullable: Bool {
    if case .orNull = self { return true }
    return false
  }
}

extension String {
  /// With a capital at the start and a full stop at the end.
  package var sentence: String {
    guard let first = unicodeScalars.first else { return self }
    return first.properties.titlecaseMapping + String(unicodeScalars.dropFirst()) + "."
  }
}
