/// Writes diagnostics as a good compiler does: place and message, the line, a caret, help.
package struct DiagnosticRenderer: Sendable {
  /// For a terminal; never under `NO_COLOR` (the caller decides).
  package var isColoured: Bool

  package init(isColoured: Bool = false) { self.isColoured = isColoured }

  /// Each diagnostic with a line break at its end.
  package func render(_ diagnostics: [Diagnostic]) -> String { diagnostics.map(render).joined() }

  /// `bridge.yaml:14:5: error: unknown key 'timout'`, the line, `^~~~~~`, `did you mean 'timeout'?`.
  package func render(_ diagnostic: Diagnostic) -> String {
    let colour = diagnostic.severity == .error ? "31" : "35"
    let file = PlainText.clean(diagnostic.file)
    let place = diagnostic.line > 0 ? "\(file):\(diagnostic.line):\(diagnostic.column):" : "\(file):"
    let severity = painted("\(diagnostic.severity.rawValue):", "1;\(colour)")
    var text = "\(painted(place, "1")) \(severity) \(painted(diagnostic.message, "1"))\n"
    if !diagnostic.sourceLine.isEmpty {
      text += "  \(diagnostic.sourceLine)\n"
      if let caret = caret(of: diagnostic) { text += "  \(caret.indent)\(painted(caret.mark, "1;\(colour)"))\n" }
    }
    if let hint = diagnostic.hint { text += "  \(painted(hint, "36"))\n" }
    return text
  }

  /// Tabs of the line stand in the indent too, so that both lines move alike; `nil` beyond what is shown of the line.
  private func caret(of diagnostic: Diagnostic) -> (indent: String, mark: String)? {
    let line = Array(diagnostic.sourceLine.unicodeScalars)
    let before = diagnostic.column - 1
    guard before >= 0, before <= line.count else { return nil }
    let indent = String(line[..<before].map { $0 == "\t" ? "\t" : " " })
    let room = max(1, line.count - before)
    return (indent, "^" + String(repeating: "~", count: max(0, min(diagnostic.length, room) - 1)))
  }

  private func painted(_ text: String, _ code: String) -> String {
    isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
