import Testing

@testable import Settings

@Suite struct DiagnosticTests {
  private func diagnostics(_ text: String) -> [Diagnostic] {
    guard case .invalid(let found) = SettingsLoader.load(text: Array(text.utf8), file: "bridge.yaml", environment: [:])
    else { return [] }
    return found
  }

  @Test func allAtOnceInFileOrder() {
    let text =
      GoodFile.minimal.replacing("group:", with: "grup:").replacing("topic: orders\n", with: "topic: a b\n")
      .replacing("url: https://erp", with: "url: htps://erp") + "version: 3\n"
    #expect(diagnostics(text).map(\.line) == [1, 3, 4, 9, 12])
  }

  @Test func lookLikeACompilersOwn() {
    let text = GoodFile.minimal.replacing("dead_letters:", with: "    timout: 15s\ndead_letters:")
    let expected = """
      bridge.yaml:10:5: error: unknown key 'timout'
            timout: 15s
            ^~~~~~
        did you mean 'timeout'?

      """
    #expect(DiagnosticRenderer().render(diagnostics(text)) == expected)
    #expect(DiagnosticRenderer(isColoured: true).render(diagnostics(text)).contains("\u{1B}[1;31merror:\u{1B}[0m"))
  }

  @Test func noControlCharacterReachesATerminal() {
    let text = GoodFile.minimal + "\"\\e[31m\\u202e\": 1\n"
    let rendered = DiagnosticRenderer().render(diagnostics(text))
    #expect(rendered.contains("unknown key '?[31m?'"))
    #expect(!rendered.unicodeScalars.contains("\u{1B}") && !rendered.unicodeScalars.contains("\u{202E}"))
  }

  @Test func columnsCountCharacters() {
    let found = diagnostics(GoodFile.minimal + "log: { level: \"ä€😀\", x: 1 }\n")
    #expect(found.map(\.column) == [15, 22])
    #expect(found.map(\.length) == [5, 1])
  }

  @Test func anUnreadableFileIsADiagnostic() {
    guard case .invalid(let found) = SettingsLoader.load(path: "/nonexistent/b.yaml", environment: [:]) else {
      Issue.record("accepted")
      return
    }
    let expected = "/nonexistent/b.yaml: error: cannot read the file: No such file or directory\n"
    #expect(DiagnosticRenderer().render(found) == expected)
  }

  @Test func aDirectoryIsNoFile() {
    guard case .invalid(let found) = SettingsLoader.load(path: "/", environment: [:]) else {
      Issue.record("accepted")
      return
    }
    #expect(found.map(\.message) == ["this is a directory"])
  }

  @Test func badUTF8HasItsPlace() {
    let bytes = Array("topic: é".utf8) + [0xFF, 0x0A]
    guard case .invalid(let found) = SettingsLoader.load(text: bytes, file: "b", environment: [:]) else {
      Issue.record("accepted")
      return
    }
    #expect(found.map(\.message) == ["this is not UTF-8"] && found.map(\.column) == [9])
  }

  @Test func readUncommittedIsAWarning() throws {
    let text = GoodFile.minimal.replacing(
      "group: orders-bridge", with: "group: g\n  properties: { isolation.level: read_uncommitted }")
    let (settings, warnings) = try GoodFile.load(text)
    #expect(warnings.map(\.severity) == [.warning] && settings.kafka.properties.map(\.value) == ["read_uncommitted"])
  }

  @Test(arguments: [
    ("https://crm.example.com/orders", "POST", true), ("https://CRM.example.com:443/orders", "POST", true),
    ("https://crm.example.com/orders", "PUT", false), ("https://crm.example.com/orders/", "POST", false),
    ("http://crm.example.com/orders", "POST", false),
  ]) func twoNamesForOneAPIAreAWarning(_ url: String, _ method: String, _ isTwin: Bool) throws {
    let text = GoodFile.minimal.replacing(
      "https://erp.example.com/api/orders", with: "\(url)\n    method: \(method)")
    let warnings = try GoodFile.load(text).warnings
    let lines = DiagnosticRenderer().render(warnings).split(separator: "\n").map(String.init)
    #expect(lines.first == (isTwin ? "bridge.yaml:9:10: warning: the same method and URL as 'crm'" : nil))
    #expect(warnings.count == (isTwin ? 1 : 0))
  }

  @Test func jsonHasEveryPart() {
    let found = diagnostics(GoodFile.minimal + "timout: 1s\n")
    #expect(
      found.map(\.plain) == [
        .keys([
          "file": .text("bridge.yaml"), "line": .number(12), "column": .number(1), "severity": .text("error"),
          "message": .text("unknown key 'timout'"), "hint": found[0].hint.map { .text($0) } ?? .null,
        ])
      ])
  }
}
