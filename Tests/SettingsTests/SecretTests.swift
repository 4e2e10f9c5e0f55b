import Foundation
import Testing

@testable import Settings

@Suite struct SecretTests {
  private static func file(_ sasl: String) -> String {
    GoodFile.minimal.replacing("group: orders-bridge", with: "group: orders-bridge\n  sasl: \(sasl)")
  }

  @Test func noWayToPrintOne() {
    let secret = Secret("hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    dump(["a": secret], to: &dumped)
    var sasl = SASLSettings()
    sasl.password = secret
    dump(sasl, to: &dumped)
    let texts = [
      "\(secret)", "\([secret])", "\(Optional(secret) as Any)", String(describing: secret), String(reflecting: secret),
      "\(sasl)",
      String(reflecting: sasl), dumped, "\(Mirror(reflecting: secret).children.map(\.value))",
    ]
    for text in texts { #expect(!text.contains("hunter2")) }
    #expect("\(secret)" == "<secret>")
    #expect(secret.expose() == "hunter2")
  }

  @Test func aLiteralWorksWithAWarningThatDoesNotShowIt() throws {
    let (settings, warnings) = try GoodFile.load(Self.file("{ mechanism: PLAIN, username: u, password: hunter2 }"))
    #expect(settings.kafka.sasl?.password.expose() == "hunter2")
    #expect(warnings.map(\.severity) == [.warning])
    let rendered = DiagnosticRenderer().render(warnings)
    #expect(rendered.hasPrefix("bridge.yaml:4:52: warning: a secret in the file itself\n"))
    #expect(!rendered.contains("hunter2"))
    #expect(!"\(settings)".contains("hunter2"))
  }

  @Test(arguments: [
    "{ mechanism: PLAIN, username: 5, password: hunter2 }", "{ mechanism: PLAIN, password: hunter2, usrname: x }",
    "{ mechanism: PLAIN, username: u, pasword: hunter2 }", "{ mechanism: PLAIN, username: u, password: [hunter2] }",
    "{ mechanism: PLAIN, username: u, password: \"hunter2 }", "{ mechanism: PLAIN, username: u, PASSWORD: hunter2 }",
    "{ mechanism: PLAIN, username: u, password: 'hunter2', password: 'hunter2' }",
  ]) func errorsBesideASecretDoNotShowIt(_ sasl: String) {
    let text = Array(Self.file(sasl).utf8)
    guard case .invalid(let diagnostics) = SettingsLoader.load(text: text, file: "b.yaml", environment: [:]) else {
      Issue.record("accepted")
      return
    }
    #expect(!DiagnosticRenderer().render(diagnostics).contains("hunter2"))
    #expect(!"\(diagnostics)".contains("hunter2"))
  }

  @Test(arguments: [
    ("hunter2", "hunter2"), ("hunter2\n", "hunter2"), ("hunter2\r\n", "hunter2"), ("hunter2\n\n", "hunter2\n"),
    ("a\r", "a\r"), (" a ", " a "),
  ]) func filesLoseOneFinalNewline(_ content: String, _ value: String) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "topictee-\(UUID().uuidString)").path
    try content.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let settings = try GoodFile.load(Self.file("{ mechanism: PLAIN, username: u, password: {file: \(path)} }")).settings
    #expect(settings.kafka.sasl?.password.expose() == value)
  }

  @Test(arguments: [
    ("https://h/a?api_key=hunter2&b=1", "https://h/a?api_key=***&b=1"), ("https://h/a?b=1", "https://h/a?b=1"),
    ("https://h/?b&access_token=x=y?z", "https://h/?b&access_token=***"), ("https://h/token=1", "https://h/token=1"),
  ]) func aURLsSecretsAreNotShown(_ url: String, _ shown: String) throws {
    #expect(SecretMask.url(url) == shown)
    let text = GoodFile.minimal.replacing("https://crm.example.com/orders", with: "\"\(url)\"")
    let file = SettingsLoader.open(text: Array(text.utf8), file: "b.yaml", environment: [:])
    #expect(file.settings["destinations"]?["crm"]?["url"] == .text(shown))
    let explained = try #require(try file.explain("destinations.crm.url").first)
    #expect(explained.holds.value == .text(shown))
  }
}
