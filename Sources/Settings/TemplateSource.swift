extension TemplateText {
  /// As a file has it: what it is parsed from gives the same parts.
  package var source: String {
    var text = ""
    for (i, part) in parts.enumerated() {
      switch part {
      case .reference(let reference): text += reference.source
      case .literal(let literal):
        let isBeforeReference = i + 1 < parts.count
        text += TemplateText.escaped(literal, isBeforeReference: isBeforeReference)
      }
    }
    return text
  }

  /// Before a `{`, of the text or of the reference that follows, `$` is doubled.
  private static func escaped(_ literal: String, isBeforeReference: Bool) -> String {
    guard literal.utf8.contains(UInt8(ascii: "$")) else { return literal }
    var out = String.UnicodeScalarView()
    var dollars = 0
    for scalar in literal.unicodeScalars {
      if scalar == "$" {
        dollars += 1
        continue
      }
      out.append(contentsOf: repeatElement("$", count: scalar == "{" ? dollars * 2 : dollars))
      dollars = 0
      out.append(scalar)
    }
    out.append(contentsOf: repeatElement("$", count: isBeforeReference ? dollars * 2 : dollars))
    return String(out)
  }
}

extension TemplateText.Reference {
  /// `${value.id | default("x") | json}`.
  package var source: String {
    var text = "${" + root.rawValue
    for step in path {
      // A header's name is one step, points included.
      let isBare =
        !step.isEmpty
        && step.unicodeScalars.allSatisfy { TemplateName.holds($0) || (root == .headers && $0 == ".") }
        && !(root == .headers && (step.hasPrefix(".") || step.hasSuffix(".") || step.contains("..")))
      text += isBare ? "." + step : "[" + PlainValue.quoted(step) + "]"
    }
    if let fallback { text += " | default(" + PlainValue.quoted(fallback) + ")" }
    return text + (isJSON ? " | json" : "") + "}"
  }
}
