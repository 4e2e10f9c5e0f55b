extension Reader {
  /// A template of a text; what is wrong with it is logged at its place within the text.
  mutating func template(_ text: String, _ node: Node) -> PlacedTemplate? {
    do throws(TemplateProblem) {
      return try TemplateParser.parse(text)
    } catch {
      log.error(error.message, hint: error.hint, at: log.source.place(of: error.range, in: node))
      return nil
    }
  }

  /// A text that is the same for every record, and stands in a place that takes no templates. `why` is a hint.
  mutating func literal(_ text: String, _ node: Node, what: String, why: String) -> String? {
    guard let placed = template(text, node) else { return nil }
    if let literal = placed.template.literal { return literal }
    let range = placed.ranges.enumerated().first { placed.template.parts[$0.offset].isReference }?.element ?? 0..<1
    log.error("a template in \(what)", hint: why, at: log.source.place(of: range, in: node))
    return nil
  }

  /// The name of a map's entry, which takes no templates.
  mutating func literalName(_ entry: Node.Entry, what: String) -> String? {
    do throws(TemplateProblem) {
      if let literal = try TemplateParser.parse(entry.key).template.literal { return literal }
      log.error("a template in \(what)", hint: "names are the same for every record", at: entry.keyPlace)
    } catch {
      log.error(error.message, hint: error.hint, at: entry.keyPlace)
    }
    return nil
  }
}

extension TemplateText.Part {
  var isReference: Bool {
    if case .reference = self { return true }
    return false
  }
}

extension TemplateText {
  var hasReferences: Bool { parts.contains(where: \.isReference) }
}

extension ValueType where Value == TemplateText {
  /// A text with templates that goes into JSON, a form, a header or text.
  static func template(
    example: String, mayBeEmpty: Bool = false,
    problem: @escaping @Sendable (TemplateText) -> (message: String, hint: String?)? = { _ in nil }
  ) -> ValueType {
    ValueType(
      expected: "text", example: example, shape: .text(pattern: nil), write: { .text($0.source) }
    ) { node, _, reader in
      guard let text = reader.text(node, expected: "text", example: example) else { return nil }
      guard !text.isEmpty || mayBeEmpty else {
        reader.log.error("empty text", hint: "for example: \(example)", at: node.place)
        return nil
      }
      guard let template = reader.template(text, node)?.template else { return nil }
      guard let found = problem(template) else { return template }
      reader.log.error(found.message, hint: found.hint, at: node.place)
      return nil
    }
  }
}

extension ValueType where Value == String {
  /// A text that may not differ from record to record; `why` is a hint.
  static func literal(example: String, what: String, why: String) -> ValueType {
    let plain = text(example: example)
    return ValueType(
      expected: plain.expected, example: example, shape: plain.describe(""),
      write: { .text(TemplateText(literal: $0).source) }
    ) { node, current, reader in
      guard let text = plain.read(node, current, &reader) else { return nil }
      return reader.literal(text, node, what: what, why: why)
    }
  }
}
