import Foundation
import Testing

@testable import Settings

/// The contract's example of all keys.
enum ContractFile {
  static let text = """
    version: 1
    kafka:
      brokers: [localhost:9092]
      group: orders-bridge
      instance_id: null                 # static membership
      start_at: earliest                # earliest | latest | fail: where a group without an offset begins
      tls: { ca: /etc/ca.pem, cert: /etc/client.pem, key: {file: /run/secrets/key} }
      sasl: { mechanism: SCRAM-SHA-512, username: bridge, password: {env: KAFKA_PASSWORD} }
      properties: { session.timeout.ms: 45000 }     # any other librdkafka property
    topic: orders                       # or topics: [orders, refunds]
    order: key                          # key | partition | none
    limits: { in_flight_records: 10000, in_flight_bytes: 64MiB }
    commit_every: 250ms
    drain: 25s
    defaults:                           # anything a destination takes, but url
      base_url: https://api.example.com # then a destination's url may be an endpoint: /orders
      timeout: 15s
      retry: { attempts: 10, backoff: 200ms..30s, max_age: 1h, on: [timeout, reset, 408, 425, 5xx] }
      breaker: { open_after: 20, for: 30s }
    destinations:
      crm:                              # REST, PUT, OAuth2, signed, CloudEvents
        url: https://crm.example.com/v2/orders/${value.id}
        method: PUT                     # GET POST PUT PATCH DELETE; POST by default
        query: { source: kafka }
        headers: { X-Region: "${headers.region}" }
        idempotency_key: true           # on by default
        auth: { oauth2: { token_url: https://id.example.com/token, client_id: bridge, client_secret: {env: CRM_SECRET}, scope: orders.write, audience: crm } }
        cloudevents: { mode: binary, type: shop.order.placed, source: /orders }      # binary | structured | batched
        sign: { scheme: standard-webhooks, secrets: [{env: CRM_SIGNING}] }
        success: [2xx, 409]
        concurrency: { min: 1, max: 256 }            # adaptive between the two
        rate: 500/s
        tls: { ca: /etc/ca.pem, cert: /etc/c.pem, key: /etc/k.pem, verify: true }
        allow_private_addresses: true
      erp:                              # SOAP: a soap:Fault in a 200 is a failure
        url: https://erp.example.com/soap
        headers: { SOAPAction: "urn:PlaceOrder" }
        body: { soap: '<Order xmlns="urn:erp"><Id>${value.id}</Id></Order>' }
      catalog:                          # GraphQL: "errors" in a 200 is a failure
        url: https://api.example.com/graphql
        body: { graphql: { query: "mutation($id: ID!) { reserve(id: $id) { ok } }", variables: { id: "${value.id}" } } }
      fraud:                            # GET, only for some records, and not required for the commit
        url: https://fraud.example.com/score
        method: GET
        query: { order: "${value.id}", amount: "${value.total}" }
        when: .value.total >= 100       # jq
        required: false
      summary:                          # an OpenAI-compatible model behind an AI gateway
        url: https://gateway.example.com/v1/chat/completions
        auth: { bearer: {env: GATEWAY_KEY} }
        body: { chat: { model: gpt-4o-mini, system: "Summarise the order.", prompt: "${value | json}" } }
      ledger:                           # another shape for another API: jq
        url: https://ledger.example.com/entries
        body: { jq: '{ref: .value.id, total: ([.value.lines[].price] | add), at: .timestamp}' }
        response: { refuse_when: '.body.status == "error"', retry_when: '.body.code == "busy"', accept_when: '.status == 409' }
        auth: { api_key: { header: X-Api-Key, value: {env: LEDGER_KEY} } }
      warehouse:
        url: https://wh.example.com/bulk
        batch: { records: 200, bytes: 1MiB, wait: 50ms, format: ndjson }   # ndjson | json_array | cloudevents
    dead_letters:
      topic: orders.dead
      compat: none                      # connect: also the __connect.errors.* headers
      response_excerpt: 1KiB            # 0 keeps response bodies out
    results:                            # one row per record, a column per destination
      topic: orders.results
      keep: { crm: { status: true, body: .id }, summary: { body: '.choices[0].message.content' } }
    admin: { listen: 127.0.0.1:9640, token: {env: ADMIN_TOKEN}, show_payloads: false }
    log: { level: info, format: auto }

    """

  /// A signing secret is whsec_ and Base64.
  static let environment = [
    "KAFKA_PASSWORD": "hunter2", "CRM_SECRET": "hunter2", "GATEWAY_KEY": "hunter2", "LEDGER_KEY": "hunter2",
    "ADMIN_TOKEN": "hunter2",
    "CRM_SIGNING": "whsec_aHVudGVyMmh1bnRlcjI=",
  ]

  static func open(_ text: String = text, _ variables: [String: String] = [:]) -> LoadedFile {
    SettingsLoader.open(
      text: Array(text.utf8), file: "bridge.yaml", environment: environment.merging(variables) { $1 })
  }

  static func load(_ text: String = text, _ variables: [String: String] = [:]) throws -> BridgeSettings {
    switch open(text, variables).result {
    case .valid(let settings, _): return settings
    case .invalid(let found):
      Issue.record("\(DiagnosticRenderer().render(found))")
      throw GoodFile.Refused()
    }
  }

  /// The settings of one destination, made of some lines in a minimal file.
  static func destination(
    _ lines: String, defaults: String = "{ timeout: 15s }", _ variables: [String: String] = [:]
  ) throws -> DestinationSettings {
    let (settings, warnings) = try GoodFile.load(
      """
      kafka: { brokers: [h:1], group: g }
      topic: orders
      defaults: \(defaults)
      destinations:
        crm:
      \(lines.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
      dead_letters: { topic: orders.dead }

      """, environment.merging(variables) { $1 })
    #expect(warnings.isEmpty)
    return try #require(settings.destinations.first)
  }
}
