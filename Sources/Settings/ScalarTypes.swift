extension ValueType where Value == String {
  /// Any text with something in it.
  static func text(example: String) -> ValueType {
    checked("text", example: example) { _ in nil }
  }

  /// Text with a rule: `problem` says what is wrong with it.
  static func checked(
    _ expected: String, example: String, pattern: String? = nil, problem: @escaping @Sendable (String) -> String?
  ) -> ValueType {
    ValueType(
      expected: expected, example: example, shape: .text(pattern: pattern), write: { .text($0) }
    ) { node, _, reader in
      guard let text = reader.text(node, expected: expected, example: example) else { return nil }
      // A C library stops reading at a NUL.
      let found = text.isEmpty ? "empty text" : text.utf8.contains(0) ? "a NUL in a text" : problem(text)
      guard let found else { return text }
      reader.log.error(found, hint: "for example: \(example)", at: node.place)
      return nil
    }
  }

  /// A path, or `{file: PATH}`.
  static func path(example: String) -> ValueType {
    let plain = text(example: example)
    return ValueType(expected: "a path", example: example, shape: .path, write: { .text($0) }) {
      node, current, reader in
      guard case .mapping = node.content else { return plain.read(node, current, &reader) }
      guard let entries = reader.entries(node, expected: "a path", example: example) else { return nil }
      for entry in entries where entry.key != "file" {
        reader.log.error(
          "unknown key \(PlainText.quoted(entry.key))", hint: "a path, or {file: \(example)}", at: entry.keyPlace)
      }
      return entries.first { $0.key == "file" }.flatMap { plain.read($0.value, current, &reader) }
    }
  }
}

extension ValueType where Value == Bool {
  static var boolean: ValueType {
    ValueType(expected: "true or false", example: "true", shape: .boolean, write: { .boolean($0) }) { node, _, reader in
      guard case .scalar(let text, isPlain: true) = node.content, PlainScalar.isBoolean(text) else {
        reader.wrongType(node, expected: "true or false", example: "true")
        return nil
      }
      return text.utf8.first == UInt8(ascii: "t") || text.utf8.first == UInt8(ascii: "T")
    }
  }
}

extension ValueType where Value == Int {
  /// A whole number in a range, without quotes.
  static func integer(_ range: ClosedRange<Int>, example: String) -> ValueType {
    ValueType(
      expected: "a whole number", example: example, shape: .integer(range), write: { .number($0) }
    ) { node, _, reader in
      guard case .scalar(let text, isPlain: true) = node.content, PlainScalar.isNumber(text) else {
        reader.wrongType(node, expected: "a whole number", example: example)
        return nil
      }
      guard let value = Int(text), range.contains(value) else {
        reader.log.error(
          range.count == 1
            ? "\(PlainText.quoted(text)) is not supported, only \(range.lowerBound) is"
            : "\(PlainText.quoted(text)) is not a whole number from \(range.lowerBound) to \(range.upperBound)",
          hint: "for example: \(example)", at: node.place)
        return nil
      }
      return value
    }
  }

  /// A size in bytes.
  static func size(_ range: ClosedRange<Int>, example: String) -> ValueType {
    ValueType(
      expected: "a size", example: example, shape: .notation(pattern: SizeText.pattern, numbers: range),
      write: { .notation(SizeText.write($0)) }
    ) { node, _, reader in
      guard let text = reader.scalar(node, expected: "a size", example: example) else { return nil }
      guard let value = SizeText.parse(text) else {
        reader.log.error(
          "\(PlainText.quoted(text)) is not a size",
          hint: "bytes, or a whole number with B, KiB, MiB or GiB: \(example)",
          at: node.place)
        return nil
      }
      guard range.contains(value) else {
        reader.log.error(
          "a size of \(value) bytes is out of range", hint: "from \(range.lowerBound) to \(range.upperBound) bytes",
          at: node.place)
        return nil
      }
      return value
    }
  }
}

extension ValueType where Value == Int {
  /// So many a second.
  static func rate(_ range: ClosedRange<Int>, example: String) -> ValueType {
    ValueType(
      expected: "a rate", example: example, shape: .notation(pattern: RateText.pattern, numbers: nil),
      write: { .text(RateText.write($0)) }
    ) { node, _, reader in
      guard let text = reader.scalar(node, expected: "a rate", example: example) else { return nil }
      if let rate = RateText.parse(text), range.contains(rate) { return rate }
      reader.log.error(
        "\(PlainText.quoted(text)) is not a rate",
        hint: "a whole number from \(range.lowerBound) to \(range.upperBound) with /s: \(example)", at: node.place)
      return nil
    }
  }
}

extension ValueType where Value == Duration {
  /// A duration of at least `min`.
  static func duration(min: Duration = .zero, example: String) -> ValueType {
    ValueType(
      expected: "a duration", example: example,
      shape: .notation(
        pattern: min == .zero ? DurationText.pattern : DurationText.patternAboveZero,
        numbers: min == .zero ? 0...0 : nil),
      write: { .notation(DurationText.write($0)) }
    ) { node, _, reader in
      guard let text = reader.scalar(node, expected: "a duration", example: example) else { return nil }
      guard let value = DurationText.parse(text) else {
        reader.log.error(
          "\(PlainText.quoted(text)) is not a duration",
          hint: "a whole number with ms, s, m or h, at most \(DurationText.hoursMax)h: \(example)", at: node.place)
        return nil
      }
      guard value >= min else {
        reader.log.error("too short a duration", hint: "at least 1ms; for example: \(example)", at: node.place)
        return nil
      }
      return value
    }
  }
}

extension ValueType where Value == BackoffRange {
  static var backoff: ValueType {
    ValueType(
      expected: "a range of durations", example: "200ms..30s",
      shape: .notation(pattern: BackoffRange.pattern, numbers: nil), write: { .text($0.text) }
    ) { node, _, reader in
      guard let text = reader.scalar(node, expected: "a range of durations", example: "200ms..30s") else { return nil }
      do throws(BackoffRange.Problem) {
        return try BackoffRange.parse(text)
      } catch {
        switch error {
        case .malformed:
          reader.log.error(
            "\(PlainText.quoted(text)) is not a range of durations", hint: "for example: 200ms..30s", at: node.place)
        case .reversed:
          reader.log.error(
            "the range ends below its start", hint: "the shorter pause comes first: 200ms..30s", at: node.place)
        }
        return nil
      }
    }
  }
}

extension ValueType where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
  /// One word of a few.
  static var choice: ValueType {
    let words = Value.allCases.map(\.rawValue)
    let example = words.first ?? ""
    return ValueType(
      expected: "one of \(words.joined(separator: ", "))", example: example, shape: .choice(words),
      write: { .text($0.rawValue) }
    ) { node, _, reader in
      let expected = "one of \(words.joined(separator: ", "))"
      guard let text = reader.text(node, expected: expected, example: example) else { return nil }
      if let value = Value(rawValue: text) { return value }
      reader.log.error(
        "expected \(expected), found \(PlainText.quoted(text))", hint: Suggestion.hint(text, among: words),
        at: node.place)
      return nil
    }
  }

  /// The same for words that YAML reads as numbers: `1.2` needs no quotes.
  static var version: ValueType {
    let words = Value.allCases.map(\.rawValue)
    let example = words.last ?? ""
    return ValueType(
      expected: "one of \(words.joined(separator: ", "))", example: example, shape: .version(words),
      write: { .decimal($0.rawValue) }
    ) { node, _, reader in
      let expected = "one of \(words.joined(separator: ", "))"
      guard let text = reader.scalar(node, expected: expected, example: example) else { return nil }
      if let value = Value(rawValue: text) { return value }
      reader.log.error("expected \(expected), found \(PlainText.quoted(text))", at: node.place)
      return nil
    }
  }
}
