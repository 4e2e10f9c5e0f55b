extension ValueType where Value == JQText {
  /// A jq program.
  static func jq(example: String) -> ValueType {
    ValueType(
      expected: "a jq program", example: example, shape: .text(pattern: "\\S"), write: { .text($0.program) }
    ) { node, _, reader in
      guard let text = reader.text(node, expected: "a jq program", example: example) else { return nil }
      guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
        reader.log.error("an empty jq program", hint: "for example: \(example)", at: node.place)
        return nil
      }
      return JQText(text)
    }
  }
}
