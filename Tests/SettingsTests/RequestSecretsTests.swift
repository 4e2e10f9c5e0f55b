import Testing

@testable import Settings

/// Nothing that is shown holds what stands in a secret's place, however the file is wrong beside it.
@Suite struct RequestSecretsTests {
  private static func file(_ lines: String) -> String {
    GoodFile.minimal.replacing("crm.example.com/orders", with: "crm.example.com/orders\n    " + lines)
  }

  private static func shown(_ text: String) -> String {
    let file = SettingsLoader.open(text: Array(text.utf8), file: "b.yaml", environment: [:])
    switch file.result {
    case .valid(let settings, let warnings):
      let explained = (try? file.explain("destinations.crm").map(\.text).joined()) ?? ""
      let defaults = (try? file.explain("defaults").map(\.text).joined()) ?? ""
      // What stands under a name of the user's is a text like others to the settings themselves.
      let isTyped = ["query:", "headers:", "form:", "parameters:", "json:"].allSatisfy { !text.contains($0) }
      return DiagnosticRenderer().render(warnings) + file.settings.json + explained + defaults
        + (isTyped ? "\(settings)" : "")
    case .invalid(let found): return DiagnosticRenderer().render(found) + "\(found)"
    }
  }

  @Test(arguments: [
    "auth: { bearer: hunter2 }", "auth: { bearer: hunter2, timout: 1 }", "auth: { barer: hunter2 }", "auth: hunter2",
    "auth: [hunter2]", "auth:\n      - hunter2", "auht: { bearer: hunter2 }",
    "auth: { bearer: hunter2, bearer: hunter2 }",
    "auth: { bearer: [hunter2] }", "auth: { bearer: { evn: hunter2 } }", "auth: { bearer: \"hunter2 }",
    "auth:\n      bearer: hunter2\n      basic: { username: u, password: hunter2 }",
    "auth: { basic: { username: u, password: hunter2, x: 1 } }", "auth: { api_key: { header: X-K, value: hunter2 } }",
    "auth:\n      api_key:\n        header: X-K\n        value: hunter2\n        value: hunter2",
    "auth:\n      api_key:\n        value: hunter2: x", "auth: { api_key: { header: X K, value: hunter2 } }",
    "ath: { api_key: { header: X-K, value: hunter2 } }",
    "auth: { oauth2: { token_url: ftp://h/, client_id: c, client_secret: hunter2 } }",
    "auth: { sigv4: { service: s, region: r, access_key_id: hunter2, secret_access_key: hunter2 } }",
    "sign: { scheme: standard-webhooks, secrets: [hunter2, whsec_hunter2] }",
    "sign:\n      scheme: standard-webhooks\n      secrets:\n        - hunter2\n        - whsec_hunter2",
    "sign: { hmac: { header: X-S, secret: hunter2 } }", "sign: { hmac: { header: X S, secert: hunter2 } }",
    "proxy: http://u:hunter2@proxy:1", "proxy: http://u:hunter2@proxy:x", "proxy: u:hunter2@proxy:1",
    "proxy: http://u:hun/hunter2@proxy:1", "proxy: { url: http://h:1, username: u, password: hunter2 }",
    "url: https://h/?access_token=hunter2", "query: { api_key: hunter2 }", "headers: { X-Token: hunter2 }",
    "body: { form: { password: hunter2 } }",
    "auth: { oauth2: { token_url: https://h/, client_id: c, client_secret: {env: X}, parameters: { password: hunter2 } } }",
  ]) func isNotShown(_ lines: String) {
    let text = Self.shown(Self.file(lines))
    #expect(!text.contains("hunter2"), "\(text)")
    #expect(text.contains("b.yaml:") || text.contains("***"))
    // In 'defaults' behind a destination's own, where the explanation says what was overridden.
    let own = "auth: null\n    proxy: none\n    sign: null"
    let both = Self.shown(Self.file(own) + "defaults:\n    " + lines + "\n")
    #expect(!both.contains("hunter2"), "\(both)")
  }

  @Test func whatIsNoSecretIsShown() throws {
    let text = Self.shown(
      Self.file("auth: { oauth2: { token_url: ftp://id.example.com/, client_id: c, client_secret: {env: X} } }"))
    #expect(text.contains("token_url: ftp://id.example.com/, client_id: c, client_secret: {env: X} } }"), "\(text)")
    let template = Self.file("headers: { X-Token: \"${headers.token}\" }")
    #expect(Self.shown(template).contains("\"X-Token\": \"${headers.token}\""))
  }

  /// A line is shown up to what may be a secret, and no less: carets are to be seen.
  @Test(arguments: [
    ("tls: { ca: /etc/ca.pem, cert: /etc/client.pem, key: {file: /run/secrets/key} }", nil),
    ("sign: { scheme: standard-webhooks, secrets: [{file: /run/secrets/a}, {env: B}] }", nil),
    ("secrets: [{env: B}, hunter2]", "secrets: [{env: B}, ***"), ("secrets: [ hunter2", "secrets: [ ***"),
    ("oauth2: { token_url: https://id/token, client_id: bridge, client_secret: { env: A } }", nil),
    ("password: {hunter2}", "password: ***"), ("password: { 'env' : A }", nil),
    ("password: { evn: A }", "password: ***"),
    ("api_key: { header: X-K, value: {env: A} }", nil), ("api_key: {hunter2}", "api_key: ***"),
    ("api_key: { header: X-K, value: hunter2 }", "api_key: { header: X-K, value: ***"),
    ("admin: { token: {env: ADMIN_TOKEN}, show_payloads: false }", nil),
    ("\"password\" : hunter2", "\"password\" : ***"),
  ]) func linesAreShownUpToASecret(_ line: String, _ shown: String?) {
    #expect(SecretMask.mask(line) == shown ?? line)
  }

  @Test(arguments: [
    "auth:\n      bearer: *hunter2", "auth:\n      bearer: {hunter2}", "auth: { bearer: {hunter2: 1} }",
    "auth: { bearer: {12hunter2: hunter2} }", "sign:\n      scheme: standard-webhooks\n      secrets:\n- hunter2",
    "auth:\n      bearer: |\n        hunter2\u{1}", "auth:\n      bearer: \"a\n    hunter2\" }",
    "body: { json: { api_token: hunter2, a: [{ password: hunter2 }] } }",
    "body: { graphql: { query: q, variables: { token: hunter2 } } }",
  ]) func isNotShownBeyondItsKey(_ lines: String) {
    let text = Self.shown(Self.file(lines))
    #expect(!text.contains("hunter2"), "\(text)")
  }

  @Test func aMaskedSecretIsSaidToBeOne() throws {
    let warnings = try GoodFile.load(Self.file("auth: { bearer: \"***\" }")).warnings
    #expect(warnings.map(\.message) == ["a masked secret"])
  }

  @Test(arguments: [
    ("headers: { Authorization: Bearer x }", "a login in 'headers'", 8, 16),
    (
      "auth: { oauth2: { token_url: http://id.example.com/, client_id: c, client_secret: {env: KAFKA_PASSWORD} } }",
      "a client's secret over http", 8, 34
    ),
    ("http2: true\n    proxy: http://u:p@h:1", "a secret in the file itself", 9, 12),
  ]) func worksWithAWarning(_ lines: String, _ message: String, _ line: Int, _ column: Int) throws {
    let warnings = try GoodFile.load(Self.file(lines)).warnings
    #expect(warnings.map(\.message) == [message])
    #expect(warnings.map(\.line) == [line] && warnings.map(\.column) == [column])
  }

  @Test func http2WithoutTLSIsAWarning() throws {
    let text = GoodFile.minimal.replacing("https://crm.example.com/orders", with: "http://h/\n    http2: true")
    #expect(try GoodFile.load(text).warnings.map(\.message) == ["'http2' without TLS"])
  }
}
