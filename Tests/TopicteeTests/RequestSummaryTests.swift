import Settings
import Testing

@testable import topictee

/// What `check` says of a destination's requests.
@Suite struct RequestSummaryTests {
  private static let config = """
    kafka: { brokers: [h:1], group: g }
    topic: orders
    destinations:
      crm:
        url: https://h/${value.id}
        when: .value.total >= 100
        required: false
        body: { soap: <a/>, version: 1.2 }
        compression: gzip
        auth: { oauth2: { token_url: https://id/t, client_id: c, client_secret: {env: SECRET} } }
        sign: { scheme: standard-webhooks, secret: {env: SIGNING} }
        proxy: { url: http://p:3128, username: u, password: {env: SECRET} }
        http2: true
      bulk:
        url: https://h/b
        batch: { format: cloudevents, wait: 10ms }
        cloudevents: { mode: batched, type: t, source: /a }
        auth: { api_key: { header: X-K, value: {env: SECRET} } }
        sign: { hmac: { header: X-S, secret: {env: SECRET} } }
        proxy: none
        allow_private_addresses: false
      plain:
        url: https://h/c
        auth: { basic: { username: u, password: {env: SECRET} } }
        response: { refuse_when: .body.bad, retry_when: .body.busy }
      score:
        url: https://h/d
        method: GET
        auth: { sigv4: { service: s, region: r, access_key_id: {env: SECRET}, secret_access_key: {env: SECRET} } }
      gone:
        url: https://h/e
        method: DELETE
      undone:
        url: https://h/f
        method: DELETE
        body: { text: undone }
    dead_letters: { topic: orders.dead }
    results: { topic: orders.results }

    """

  private static func settings() throws -> BridgeSettings {
    let environment = ["SECRET": "hunter2", "SIGNING": "whsec_aHVudGVyMg=="]
    guard
      case .valid(let settings, let warnings) = SettingsLoader.load(
        text: Array(config.utf8), file: "b.yaml", environment: environment), warnings.isEmpty
    else {
      Issue.record("refused")
      return BridgeSettings()
    }
    return settings
  }

  @Test func ofEachKindAndNoValue() throws {
    let lines = try Self.settings().destinations.map { RequestSummary.lines($0).map { "\($0.name): \($0.text)" } }
    #expect(
      lines == [
        [
          "gets: records for which .value.total >= 100", "required: no: no commit waits for it", "body: SOAP 1.2, gzip",
          "auth: OAuth 2.0 at https://id/t, as c", "signed: Standard Webhooks, 1 secret", "proxy: http://p:3128, as u",
          "network: HTTP/2 where it is offered",
        ],
        [
          "body: the record's value, byte for byte", "events: CloudEvents, batched",
          "batch: cloudevents, up to 200 records or 1MiB, within 10ms", "auth: an API key in the header X-K",
          "signed: HMAC-sha256 in the header X-S", "proxy: none, whatever the environment says",
          "network: no private addresses",
        ], ["body: the record's value, byte for byte", "auth: basic, as u"],
        ["body: none", "auth: AWS Signature Version 4, s in r"],
        ["body: none"], ["body: text by a template"],
      ])
  }

  @Test func standsInTheSummaryOfTheFile() throws {
    let text = CheckSummary.text(try Self.settings(), path: "b.yaml")
    #expect(text.contains("  results   a row for each record goes to orders.results\n"), "\(text)")
    #expect(text.contains("crm: POST https://h/${value.id}\n  gets      records for which .value.total >= 100\n"))
    // In the order in which they are asked.
    #expect(text.contains("  accepted  2xx\n  rule      retry_when .body.busy\n  rule      refuse_when .body.bad\n"))
    #expect(!text.contains("hunter2") && !text.contains("whsec"))
  }
}
