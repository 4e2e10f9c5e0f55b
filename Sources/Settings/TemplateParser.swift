/// Why a text is no template, and where: positions in scalars from the text's start.
struct TemplateProblem: Error, Equatable {
  var message: String
  var hint: String?
  var range: Range<Int>
}

/// A template with where each part stands in its text.
struct PlacedTemplate {
  var template: TemplateText
  /// One for each part, in scalars.
  var ranges: [Range<Int>]
}

/// Takes a text with `${…}` apart.
///
///     ${root.step.0["odd step"] | default("x") | json}
///
/// Directly before a `{`, `$$` stands for a `$`: `$${` is the text `${`.
struct TemplateParser {
  private var scanner: TemplateScanner
  private var literal = String.UnicodeScalarView()
  private var literalStart = 0
  private var placed = PlacedTemplate(template: TemplateText(parts: []), ranges: [])

  static func parse(_ text: String) throws(TemplateProblem) -> PlacedTemplate {
    // What most texts are.
    guard text.utf8.contains(UInt8(ascii: "{")) else {
      return PlacedTemplate(
        template: TemplateText(literal: text), ranges: text.isEmpty ? [] : [0..<text.unicodeScalars.count])
    }
    var parser = TemplateParser(text)
    try parser.run()
    return parser.placed
  }

  private init(_ text: String) { scanner = TemplateScanner(text) }

  private var scalars: [Unicode.Scalar] { scanner.scalars }
  private var current: Unicode.Scalar? { scanner.current }
  private var at: Int {
    get { scanner.at }
    set { scanner.at = newValue }
  }

  private mutating func run() throws(TemplateProblem) {
    while at < scalars.count {
      let dollars = scalars[at...].prefix { $0 == "$" }.count
      guard dollars > 0, at + dollars < scalars.count, scalars[at + dollars] == "{" else {
        let count = max(1, dollars)
        literal.append(contentsOf: scalars[at..<(at + count)])
        at += count
        continue
      }
      literal.append(contentsOf: repeatElement("$", count: dollars / 2))
      if dollars.isMultiple(of: 2) {
        literal.append("{")
        at += dollars + 1
      } else {
        at += dollars - 1
        endLiteral()
        let start = at
        at += 2
        let reference = try readReference(from: start)
        placed.template.parts.append(.reference(reference))
        placed.ranges.append(start..<at)
        literalStart = at
      }
    }
    endLiteral()
  }

  private mutating func endLiteral() {
    guard !literal.isEmpty else { return }
    placed.template.parts.append(.literal(String(literal)))
    placed.ranges.append(literalStart..<at)
    literal = String.UnicodeScalarView()
  }

  // MARK: Within the braces

  private mutating func readReference(from start: Int) throws(TemplateProblem) -> TemplateText.Reference {
    scanner.skipSpace()
    let nameStart = at
    let name = scanner.readName()
    guard !name.isEmpty else {
      if current == "}" { throw problem("'${}' with nothing in it", "for example: ${value.id}", start..<(at + 1)) }
      throw unexpected(from: start, hint: "for example: ${value.id}")
    }
    guard let root = TemplateText.Root(rawValue: name) else { throw unknownRoot(name, from: nameStart) }
    let path = try readPath(of: root, from: start)
    var reference = TemplateText.Reference(root, path: path)
    scanner.skipSpace()
    while current == "|" {
      at += 1
      try readFilter(into: &reference, from: start)
      scanner.skipSpace()
    }
    guard current == "}" else { throw unexpected(from: start, hint: nil) }
    at += 1
    return reference
  }

  private mutating func readPath(of root: TemplateText.Root, from start: Int) throws(TemplateProblem) -> [String] {
    let pathStart = at
    var steps: [String] = []
    var hasBrackets = false
    while let mark = current, mark == "." || mark == "[" {
      let stepStart = at
      at += 1
      if mark == "." {
        let step = scanner.readName()
        guard !step.isEmpty else {
          if current == nil { throw unexpected(from: start, hint: nil) }
          throw problem(
            "a '.' without a name behind it",
            "a name with other signs than letters, digits, '_' and '-' is [\"a name\"]",
            stepStart..<(at + 1))
        }
        steps.append(step)
      } else {
        hasBrackets = true
        steps.append(try readBrackets(from: start))
      }
    }
    switch root {
    case .value: return steps
    case .headers:
      guard !steps.isEmpty else {
        throw problem(
          "'headers' without a name", "for example: ${headers.region}", nameRange(of: root, before: pathStart))
      }
      // A header's name may hold points, and there is nothing below one.
      guard steps.count == 1 || !hasBrackets else {
        throw problem("'headers' has one name", "for example: ${headers[\"a name\"]}", pathStart..<at)
      }
      return [steps.joined(separator: ".")]
    default:
      guard steps.isEmpty else {
        throw problem("'\(root.rawValue)' has nothing below it", "only 'value' and 'headers' have", pathStart..<at)
      }
      return []
    }
  }

  /// What stands in `["a name"]` or `[0]`, behind the bracket.
  private mutating func readBrackets(from start: Int) throws(TemplateProblem) -> String {
    scanner.skipSpace()
    let stepStart = at
    let step: String
    if current == "\"" || current == "'" {
      step = try scanner.readQuoted()
    } else {
      step = scanner.readName()
      guard !step.isEmpty, step.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
        if current == nil { throw unexpected(from: start, hint: nil) }
        throw problem(
          "neither a name in quotes nor a number in brackets", "for example: ${value[\"a name\"]}",
          stepStart..<max(at, stepStart + 1))
      }
    }
    scanner.skipSpace()
    guard current == "]" else { throw unexpected(from: start, hint: "a '[' ends with ']'") }
    at += 1
    return step
  }

  private mutating func readFilter(
    into reference: inout TemplateText.Reference, from start: Int
  ) throws(TemplateProblem) {
    scanner.skipSpace()
    let nameStart = at
    let name = scanner.readName()
    let range = nameStart..<max(at, nameStart + 1)
    switch name {
    case "json":
      if reference.isJSON { throw problem("the filter 'json' twice", "remove one", range) }
      reference.isJSON = true
    case "default":
      if reference.fallback != nil { throw problem("the filter 'default' twice", "remove one", range) }
      if reference.isJSON {
        throw problem("'default' behind 'json'", "write it before: | default(\"x\") | json", range)
      }
      reference.fallback = try readArgument(of: range, from: start)
    case "": throw unexpected(from: start, hint: "a '|' is followed by a filter: default(\"x\") or json")
    default:
      throw problem(
        "unknown filter \(PlainText.quoted(name))",
        Suggestion.hint(name, among: ["default", "json"]) ?? "known: default(\"x\"), json", range)
    }
  }

  private mutating func readArgument(of name: Range<Int>, from start: Int) throws(TemplateProblem) -> String {
    let hint = "for example: default(\"x\")"
    scanner.skipSpace()
    guard current == "(" else { throw problem("'default' without a text", hint, name) }
    at += 1
    scanner.skipSpace()
    guard current == "\"" || current == "'" else {
      if current == nil { throw unexpected(from: start, hint: nil) }
      throw problem("'default' takes a text in quotes", hint, at..<(at + 1))
    }
    let text = try scanner.readQuoted()
    scanner.skipSpace()
    guard current == ")" else { throw unexpected(from: start, hint: hint) }
    at += 1
    return text
  }
}

// MARK: Problems

extension TemplateParser {
  fileprivate func problem(_ message: String, _ hint: String?, _ range: Range<Int>) -> TemplateProblem {
    TemplateProblem(message: message, hint: hint, range: range)
  }

  private func nameRange(of root: TemplateText.Root, before end: Int) -> Range<Int> {
    (end - root.rawValue.utf8.count)..<end
  }

  /// What does not belong where the reading stopped, or the end of the text.
  fileprivate func unexpected(from start: Int, hint: String?) -> TemplateProblem {
    guard let scalar = current else {
      return problem("a '${' without its '}'", "a '${' that is meant as it stands is '$${'", start..<(start + 2))
    }
    return problem("\(PlainText.quoted(String(scalar))) does not belong in a template", hint, at..<(at + 1))
  }

  fileprivate func unknownRoot(_ name: String, from start: Int) -> TemplateProblem {
    let roots = TemplateText.Root.allCases.map(\.rawValue)
    let isVariable = !name.utf8.contains { $0 >= 0x61 } && name.utf8.contains { $0 >= 0x41 && $0 <= 0x5A }
    return problem(
      "unknown root \(PlainText.quoted(name))",
      isVariable
        ? "variables of the environment are not put into texts; TOPICTEE_… variables stand over whole keys"
        : Suggestion.hint(name, among: roots) ?? "known: \(roots.joined(separator: ", "))", start..<at)
  }
}
