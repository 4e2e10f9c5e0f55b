/// Reads the words of a template: names, quoted texts, spaces.
struct TemplateScanner {
  let scalars: [Unicode.Scalar]
  var at = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  var current: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

  mutating func skipSpace() {
    while let scalar = current, scalar == " " || scalar == "\n" || scalar == "\t" || scalar == "\r" { at += 1 }
  }

  /// Letters of any script, digits, `_` and `-`; empty where there is none.
  mutating func readName() -> String {
    let start = at
    while let scalar = current, TemplateName.holds(scalar) { at += 1 }
    return text(of: start..<at)
  }

  func text(of range: Range<Int>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars[range])
    return String(text)
  }

  /// A text in double or single quotes with JSON's escapes.
  mutating func readQuoted() throws(TemplateProblem) -> String {
    let quote = scalars[at]
    let quoteStart = at
    at += 1
    var text = String.UnicodeScalarView()
    while let scalar = current {
      at += 1
      if scalar == quote { return String(text) }
      guard scalar == "\\" else {
        text.append(scalar)
        continue
      }
      let escapeStart = at - 1
      guard let escaped = readEscape() else {
        throw TemplateProblem(
          message: "an unknown escape in a text", hint: "as in JSON: \\\", \\\\, \\n, \\t, \\u00e9",
          range: escapeStart..<min(max(at, escapeStart + 1), scalars.count))
      }
      text.append(escaped)
    }
    throw TemplateProblem(
      message: "a quote that is not closed in a template", hint: nil, range: quoteStart..<(quoteStart + 1))
  }

  /// What stands behind a `\`; `nil` for what is none.
  private mutating func readEscape() -> Unicode.Scalar? {
    guard let kind = current else { return nil }
    at += 1
    switch kind {
    case "\"", "'", "\\", "/": return kind
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "b": return "\u{8}"
    case "f": return "\u{C}"
    case "u":
      guard let first = readHex() else { return nil }
      guard (0xD800...0xDBFF).contains(first) else { return Unicode.Scalar(first) }
      guard current == "\\", at + 1 < scalars.count, scalars[at + 1] == "u" else { return nil }
      at += 2
      guard let second = readHex(), (0xDC00...0xDFFF).contains(second) else { return nil }
      return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    default: return nil
    }
  }

  private mutating func readHex() -> UInt32? {
    guard at + 4 <= scalars.count else { return nil }
    guard scalars[at] != "+", scalars[at] != "-", let value = UInt32(text(of: at..<(at + 4)), radix: 16) else {
      return nil
    }
    at += 4
    return value
  }
}

/// Names in templates.
enum TemplateName {
  /// Whether a name may hold it without quotes.
  static func holds(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return NameText.isWord(UInt8(scalar.value)) }
    return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      || scalar.properties.generalCategory == .nonspacingMark
  }
}
