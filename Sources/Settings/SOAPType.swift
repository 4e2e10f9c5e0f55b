private import Payload

extension ValueType where Value == TemplateText {
  /// Well-formed XML once its templates are text; they stand in text and in attributes' values only.
  static func xml(example: String) -> ValueType {
    ValueType(
      expected: "XML", example: example, shape: .text(pattern: nil), write: { .text($0.source) }
    ) { node, _, reader in
      guard let text = reader.text(node, expected: "XML", example: example) else { return nil }
      guard !text.isEmpty else {
        reader.log.error("empty text", hint: "for example: \(example)", at: node.place)
        return nil
      }
      guard let placed = reader.template(text, node) else { return nil }
      let gaps = placed.gaps
      do throws(XMLProblem) {
        // The prefix is the envelope's own.
        _ = try XMLCheck.places(between: gaps.map(\.text), prefixes: ["soap"])
        return placed.template
      } catch {
        // Where the reference itself is wrong it is the one before.
        let isReference = error.offset == 0 && error.message.hasPrefix("a reference")
        let references = zip(placed.template.parts, placed.ranges).filter(\.0.isReference)
        let at =
          isReference && error.literal > 0
          ? references[error.literal - 1].1.lowerBound : gaps[error.literal].start + error.offset
        reader.log.error(
          "bad XML: \(PlainText.clean(error.message))", at: reader.log.source.place(of: at..<(at + 1), in: node))
        return nil
      }
    }
  }
}

extension PlacedTemplate {
  /// What stands before, between and behind the references, and where it begins.
  fileprivate var gaps: [(text: String, start: Int)] {
    var gaps = [(text: "", start: 0)]
    for (part, range) in zip(template.parts, ranges) {
      switch part {
      case .literal(let text): gaps[gaps.count - 1] = (text, range.lowerBound)
      case .reference: gaps.append(("", range.upperBound))
      }
    }
    return gaps
  }
}
