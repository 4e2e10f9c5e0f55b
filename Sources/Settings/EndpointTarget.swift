/// A destination's URL, with templates in its path and query if it has any.
struct EndpointAddress {
  var url: EndpointURL
  var target: TargetTemplate?

  static let unset = EndpointAddress(url: .unset)
}

extension EndpointAddress {
  /// What is wrong with a URL; `range` (in scalars) where it is a part of the text.
  struct Problem: Error {
    var message: String
    var hint: String?
    var range: Range<Int>?
  }

  /// A URL as `EndpointURL.parse` takes it, with templates behind the host and port.
  static func parse(_ text: String) throws(Problem) -> EndpointAddress {
    let placed: PlacedTemplate
    do throws(TemplateProblem) {
      placed = try withoutBraces(TemplateParser.parse(text))
    } catch {
      throw Problem(message: error.message, hint: error.hint, range: error.range)
    }
    guard placed.template.hasReferences else {
      return try EndpointAddress(url: literal(placed.template.literal ?? text, text))
    }
    return try parse(placed, text)
  }

  /// `$${x}` stands for `${x}`, and no URL holds braces: they go out percent-encoded.
  private static func withoutBraces(_ placed: PlacedTemplate) -> PlacedTemplate {
    var placed = placed
    placed.template.parts = placed.template.parts.map { part in
      guard case .literal(let text) = part, text.contains("${") else { return part }
      var encoded = ""
      var isOpen = false
      for scalar in text.unicodeScalars {
        switch scalar {
        case "{" where encoded.hasSuffix("$"):
          encoded += "%7B"
          isOpen = true
        case "}" where isOpen:
          encoded += "%7D"
          isOpen = false
        default: encoded.unicodeScalars.append(scalar)
        }
      }
      return .literal(encoded)
    }
    return placed
  }

  private static func literal(_ literal: String, _ text: String) throws(Problem) -> EndpointURL {
    do throws(EndpointURLProblem) {
      var url = try EndpointURL.parse(literal)
      url.text = text
      return url
    } catch {
      throw Problem(message: error.message, hint: error.hint)
    }
  }

  private static func parse(_ placed: PlacedTemplate, _ text: String) throws(Problem) -> EndpointAddress {
    let parts = placed.template.parts
    let first = parts.first.flatMap { part -> String? in
      if case .literal(let text) = part { text } else { nil }
    }
    guard let (origin, rest) = first.flatMap(split) else {
      let range = zip(parts, placed.ranges).first { $0.0.isReference }?.1
      throw Problem(
        message: "a template in the scheme, host or port of a URL",
        hint: "they are the same for every record: https://api.example.com/${value.id}", range: range)
    }
    var url = try literal(origin, text)
    var all = parts
    all[0] = .literal(rest.hasPrefix("/") ? rest : "/" + rest)
    try check(all, text)
    let target = TargetTemplate(all)
    if let index = target.path.emptySegment {
      throw Problem(
        message: "a path's segment that may be empty, '.' or '..'", hint: "another default(…)",
        range: placed.ranges[index])
    }
    url.target = target.path.source + (target.query.map { "?" + $0.source } ?? "")
    return EndpointAddress(url: url, target: target)
  }

  private static func check(_ parts: [TemplateText.Part], _ text: String) throws(Problem) {
    do throws(EndpointURLProblem) {
      try EndpointURL.checkLength(text)
      for part in parts {
        guard case .literal(let text) = part else { continue }
        try EndpointURL.checkCharacters(text)
        try EndpointURL.checkTarget(text)
      }
    } catch {
      throw Problem(message: error.message, hint: error.hint)
    }
  }

  /// Scheme, host and port, and what follows them.
  private static func split(_ text: String) -> (origin: String, rest: String)? {
    let bytes = Array(text.utf8)
    let mark = Array("://".utf8)
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: mark),
      let end = bytes[(colon + 3)...].firstIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") })
    else { return nil }
    return (String(decoding: bytes[..<end], as: UTF8.self), String(decoding: bytes[end...], as: UTF8.self))
  }
}

extension TargetTemplate {
  /// Parted at the first `?` of the file's own text.
  fileprivate init(_ parts: [TemplateText.Part]) {
    self.init(path: TemplateText(parts: parts), query: nil)
    for (i, part) in parts.enumerated() {
      guard case .literal(let text) = part, let mark = text.utf8.firstIndex(of: UInt8(ascii: "?")) else { continue }
      func kept(_ text: Substring) -> [TemplateText.Part] { text.isEmpty ? [] : [.literal(String(text))] }
      path = TemplateText(parts: parts[..<i] + kept(text[..<mark]))
      query = TemplateText(parts: kept(text[text.utf8.index(after: mark)...]) + parts[(i + 1)...])
      return
    }
  }
}

extension TemplateText {
  /// The part of a path that gives a segment by itself and has a default that would change the path.
  fileprivate var emptySegment: Int? {
    parts.indices.first { i in
      guard case .reference(let reference) = parts[i], let fallback = reference.fallback, !reference.isJSON,
        ["", ".", ".."].contains(fallback)
      else { return false }
      var isWhole = true
      if i > 0 { isWhole = text(i - 1)?.hasSuffix("/") ?? false }
      if i + 1 < parts.count { isWhole = isWhole && text(i + 1)?.hasPrefix("/") ?? false }
      return isWhole
    }
  }

  private func text(_ index: Int) -> String? {
    if case .literal(let text) = parts[index] { text } else { nil }
  }
}
