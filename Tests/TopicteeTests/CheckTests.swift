import Bridging
import Foundation
import Kafka
import Settings
import Testing

/// `topictee check` as a process.
@Suite(.timeLimit(.minutes(1)), .serialized) struct CheckTests {
  private static let config = """
    kafka:
      brokers: [127.0.0.1:1]
      group: g
      sasl: { mechanism: PLAIN, username: u, password: {env: SECRET_OF_TEST} }
    topic: orders
    destinations:
      crm:
        url: http://127.0.0.1:1/orders
        headers: { X-Api-Token: hunter2, X-Region: eu }
        timeout: 250ms
      erp: { url: "https://erp.example.com/", rate: 5/s }
    dead_letters: { topic: orders.dead }

    """

  private static func check(
    _ words: [String], _ text: String = config, variables: [String: String] = [:]
  ) throws -> (code: Int32, output: String, errors: String) {
    let folder = try TemporaryFolder()
    _ = try folder.file("sample.json", "{\"id\": 12345678901234567890}\n")
    let path = try folder.file("b.yaml", text)
    let words = words.map { $0 == "sample.json" ? folder.path($0) : $0 }
    let result = try Program.run(
      ["check", path] + words, variables: ["SECRET_OF_TEST": "hunter2"].merging(variables) { $1 })
    #expect(!(result.output + result.errors).contains("hunter2"))
    return (result.code, result.output.replacing(path, with: "b.yaml"), result.errors.replacing(path, with: "b.yaml"))
  }

  private static func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// A program means the same on every machine.
  @Test func aFileOfJQInTheHomeFolderIsNotRead() throws {
    let home = try TemporaryFolder()
    _ = try home.file(".jq", "def secret: true;\n")
    let text = Self.config.replacing("rate: 5/s", with: "when: secret")
    let result = try Self.check([], text, variables: ["HOME": home.url.path(percentEncoded: false)])
    #expect(result.code == 78)
    #expect(result.errors.contains("secret/0 is not defined"))
  }

  @Test func aSampleSaysWhatWhenSaysOfIt() throws {
    for (program, words) in [
      (".value.id < 5", "erp would get none\n  skipped: its when does not hold\n"),
      (".value[0]", "erp would get none, but the dead-letter topic the record\n  template: when: an error"),
    ] {
      let text = Self.config.replacing("rate: 5/s", with: "when: '\(program)'")
      let result = try Self.check(["--sample", "sample.json"], text)
      #expect(result.output.contains(words), "\(result)")
    }
  }

  @Test func theSummaryIsInTheFilesOwnNotation() throws {
    let result = try Self.check([])
    #expect(result.code == 0 && result.errors.isEmpty)
    for words in [
      "b.yaml is valid", "orders as group g", "127.0.0.1:1, PLAIN as u", "10000 records and 64MiB in flight",
      "every 250ms; a stop waits up to 25s", "crm: POST http://127.0.0.1:1/orders", "timeout   250ms",
      "10 attempts, 200ms..30s apart", "order     key", "1 to 256 in flight, 5/s at most",
      "opens after 20 failures in a row, for 30s",
    ] { #expect(result.output.contains(words), "\(words) in \(result.output)") }
  }

  @Test func theSummaryNamesTheResultsTopic() throws {
    let text = Self.config + "results: { topic: orders.results, keep: { crm: { body: .id } } }\n"
    let result = try Self.check([], text)
    #expect(result.code == 0 && result.errors.isEmpty)
    #expect(result.output.contains("results   a row for each record goes to orders.results"), "\(result.output)")
  }

  @Test func theSummarySaysThatNothingListensForAdmins() throws {
    let text = Self.config + "admin: { listen: 127.0.0.1:9641, token: {env: ADMIN_TOKEN} }\n"
    let result = try Self.check([], text, variables: ["ADMIN_TOKEN": "hunter2"])
    #expect(result.code == 0 && result.errors.isEmpty)
    #expect(result.output.contains("admin     this version does not listen at 127.0.0.1:9641"), "\(result.output)")
  }

  @Test func theEnvironmentIsOverTheFile() throws {
    let variables = ["TOPICTEE_DESTINATIONS__CRM__TIMEOUT": "3s"]
    let result = try Self.check(["--explain", "destinations.crm.timeout"], variables: variables)
    let expected = """
      destinations.crm.timeout: 3s
        from       TOPICTEE_DESTINATIONS__CRM__TIMEOUT
        overrides  250ms, b.yaml:10:14
                   15s, the default
        meaning    for one attempt, to the end of the response

      """
    #expect(result == (0, expected, ""))
    let wrong = try Self.check([], variables: ["TOPICTEE_KAFKA__GRUP": "x"])
    #expect(wrong.code == 78)
    #expect(
      wrong.errors
        == "TOPICTEE_KAFKA__GRUP: error: no key 'kafka.grup'\n  did you mean 'TOPICTEE_KAFKA__GROUP'?\n")
  }

  @Test func aKeyThatIsNotThereIsWrongUsage() throws {
    let result = try Self.check(["--explain", "destinations.crm.timout"])
    #expect(result.code == 64 && result.output.isEmpty)
    #expect(result.errors.contains("no key 'destinations.crm.timout'; did you mean 'destinations.crm.timeout'?"))
    #expect(try Self.check(["--explain", "kafka.sasl.password"]).output.contains("kafka.sasl.password: ***\n"))
  }

  @Test func jsonHasTheDiagnosticsAndTheSettings() throws {
    let good = try Self.check(["--json"])
    #expect(good.code == 0 && good.errors.isEmpty)
    let object = try Self.json(good.output)
    #expect(object["valid"] as? Bool == true)
    let settings = try #require(object["settings"] as? [String: Any])
    #expect(settings["commit_every"] as? String == "250ms")
    let again = String(decoding: try JSONSerialization.data(withJSONObject: settings), as: UTF8.self)
    #expect(try Self.check([], again).code == 0)

    let bad = try Self.check(["--json"], Self.config + "timout: 1s\n")
    #expect(bad.code == 78 && bad.errors.isEmpty)
    let found = try #require(try Self.json(bad.output)["diagnostics"] as? [[String: Any]])
    #expect(found.count == 1 && found[0].keys.sorted() == ["column", "file", "hint", "line", "message", "severity"])
    #expect(found[0]["line"] as? Int == 13 && found[0]["column"] as? Int == 1)
    #expect(found[0]["severity"] as? String == "error" && found[0]["message"] as? String == "unknown key 'timout'")
  }

  @Test func aSampleIsRenderedAsTheLanesWould() throws {
    let result = try Self.check(["--sample", "sample.json"])
    let expected = """
      crm would get
        POST http://127.0.0.1:1/orders
        Host: 127.0.0.1:1
        X-Api-Token: ***
        X-Region: eu
        User-Agent: topictee
        Idempotency-Key: ID
        Content-Type: application/json
        Content-Length: 28

        {"id": 12345678901234567890}

      """
    let output = result.output.replacing(/Idempotency-Key: [a-z2-7]{32}\n/, with: "Idempotency-Key: ID\n")
    #expect(result.code == 0 && output.hasPrefix(expected), "\(result.output)")
    let object = try Self.json(try Self.check(["--sample", "sample.json", "--json"]).output)
    let requests = try #require(object["requests"] as? [[String: Any]])
    #expect(requests.map { $0["url"] as? String } == ["http://127.0.0.1:1/orders", "https://erp.example.com/"])
    #expect(requests[0]["body"] as? String == #"{"id": 12345678901234567890}"#)
    #expect(try Self.check(["--sample", "/nonexistent/x"]).code == 64)
  }
}

/// What `check --sample` shows of credentials: that they are there.
extension CheckTests {
  @Test(arguments: [
    ("auth: { bearer: {env: S} }", "Authorization: ***"),
    ("auth: { basic: { username: u, password: {env: S} } }", "Authorization: ***"),
    ("auth: { api_key: { header: X-Own, value: {env: S} } }", "X-Own: ***"),
    ("auth: { api_key: { query: own, value: {env: S} } }", "POST http://127.0.0.1:1/?a=1&own=***"),
    (
      "auth: { oauth2: { token_url: http://127.0.0.1:1/token, client_id: c, client_secret: {env: S} } }",
      "Authorization: ***"
    ),
    (
      "auth: { sigv4: { service: s, region: r, access_key_id: {env: S}, secret_access_key: {env: S}, session_token: {env: S} } }",
      "X-Amz-Security-Token: ***"
    ),
    ("sign: { hmac: { header: X-Signature, secret: {env: S} } }", "X-Signature: "),
    ("sign: { scheme: standard-webhooks, secrets: [{env: W}] }", "webhook-signature: v1,"),
  ]) func aSampleShowsNoCredentials(_ key: String, _ shown: String) throws {
    let config = """
      kafka: { brokers: [127.0.0.1:1], group: g }
      topic: orders
      destinations: { crm: { url: "http://127.0.0.1:1/?a=1", \(key) } }
      dead_letters: { topic: orders.dead }
      """
    let secret = Data("hunter2".utf8).base64EncodedString()
    let variables = ["S": "hunter2", "W": "whsec_\(secret)"]
    for words in [["--sample", "sample.json"], ["--sample", "sample.json", "--json"]] {
      let result = try Self.check(words, config, variables: variables)
      #expect(result.code == 0, "\(result.errors)")
      #expect(!result.output.contains(secret) && !result.output.contains("dTpodW50ZXIy"), "\(result.output)")
      if words.count == 2 { #expect(result.output.contains(shown), "\(result.output)") }
    }
  }
}

/// What `check --sample` shows of bodies.
extension CheckTests {
  @Test func aSampleIsForPeople() throws {
    let config = """
      kafka: { brokers: [127.0.0.1:1], group: g }
      topic: orders
      defaults: { base_url: "http://127.0.0.1:1" }
      destinations:
        form: { url: /a, body: { form: { id: "${value.id}", password: hunter2, token: "${value.id}" } } }
        json: { url: /b, body: { json: { id: "${value.id}", in: [{ api_key: hunter2 }] } } }
        packed: { url: /c, body: { text: "order ${value.id}" }, compression: gzip }
      dead_letters: { topic: orders.dead }
      """
    let result = try Self.check(["--sample", "sample.json"], config)
    for words in [
      "\n  id=12345678901234567890&password=***&token=12345678901234567890\n",
      #"{"id":12345678901234567890,"in":[{"api_key":"***"}]}"#, "Content-Encoding: gzip\n",
      "\n  order 12345678901234567890\n",
    ] { #expect(result.output.contains(words), "\(result.output)") }
  }
}

/// `check --connect` against what is really there, and what is not.
@Suite(.timeLimit(.minutes(2)), .serialized) struct ConnectTests {
  /// The findings by kind and name.
  private static func findings(_ text: String) throws -> [String: ConnectionFinding] {
    guard case .valid(let settings, _) = SettingsLoader.load(text: Array(text.utf8), file: "b", environment: [:]) else {
      Issue.record("refused: \(text)")
      return [:]
    }
    let all = ConnectionCheck.run(settings).map { ("\($0.kind.rawValue) \($0.name)", $0) }
    return Dictionary(all) { first, _ in first }
  }

  private static func config(_ brokers: String, _ destinations: String, dead: String = "orders.dead") -> String {
    """
    kafka: { brokers: ["\(brokers)"], group: g }
    topics: [orders]
    destinations: \(destinations)
    dead_letters: { topic: \(dead) }
    """
  }

  @Test func everythingIsTriedAndEachResultIsThere() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("orders", partitions: 3)
    try cluster.createTopic("orders.dead", partitions: 1)
    let api = try LocalAPI { _ in
      Issue.record("a request was sent")
      return LocalAPI.Reply(status: 500, body: "{}")
    }
    defer { api.close() }
    let found = try Self.findings(
      Self.config(
        cluster.bootstrap,
        "{ up: { url: \"http://127.0.0.1:\(api.port)/\" }, down: { url: \"http://127.0.0.1:1/\" } }"))
    #expect(found["broker kafka"]?.verdict == .good)
    #expect(found["topic orders"]?.detail == "3 partitions, readable")
    #expect(found["topic orders.dead"]?.verdict == .good)
    #expect(found["group g"]?.detail == "has an offset in 0 of 3 partitions")
    #expect(found["destination up"]?.detail == "connected, without TLS")
    #expect(found["destination down"]?.detail.contains("connection refused") == true, "\(found)")
  }

  @Test func aTopicThatMayNotBeReadIsSaid() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("orders", partitions: 1)
    try cluster.createTopic("orders.dead", partitions: 1)
    // ListOffsets; TOPIC_AUTHORIZATION_FAILED.
    cluster.pushErrors(apiKey: 2, codes: [29, 29, 29])
    let found = try Self.findings(Self.config(cluster.bootstrap, "{ a: { url: \"http://127.0.0.1:1/\" } }"))
    #expect(found["topic orders"]?.verdict == .unreachable)
    #expect(found["topic orders"]?.detail.hasPrefix("TOPIC_AUTHORIZATION_FAILED") == true, "\(found)")
    #expect(found["topic orders.dead"]?.verdict == .good)
  }

  @Test func aBrokerThatIsNotThereIsAskedOnce() throws {
    let found = try Self.findings(Self.config("127.0.0.1:1", "{ a: { url: \"http://127.0.0.1:1/\" } }"))
    #expect(found.keys.sorted() == ["broker kafka", "destination a"])
    #expect(found["broker kafka"]?.detail.contains("Connection refused") == true)
    let result = try Program.run(["check", "/nonexistent", "--connect"])
    #expect(result.code == 78)
  }

  @Test func certificatesAreLookedAt() throws {
    let good = try TLSServer(days: 3)
    let expired = try TLSServer(days: -1)
    let picky = try TLSServer(days: 3, asksForCertificate: true)
    defer { for server in [good, expired, picky] { server.stop() } }
    func destination(_ server: TLSServer, _ tls: String) -> String {
      "{ url: \"https://localhost:\(server.port)/\", tls: { \(tls) } }"
    }
    let found = try Self.findings(
      Self.config(
        "127.0.0.1:1",
        """
        { good: \(destination(good, "ca: \(good.path("cert.pem"))")), unknown: \(destination(good, "verify: true")),
          any: \(destination(good, "verify: false")), missing: \(destination(good, "ca: /nonexistent/ca.pem")),
          expired: \(destination(expired, "ca: \(expired.path("cert.pem"))")),
          picky: \(destination(picky, "ca: \(picky.path("cert.pem"))")),
          token: { url: "https://localhost:\(good.port)/", tls: { verify: false }, auth: { oauth2: {
            token_url: "https://localhost:\(expired.port)/", client_id: c, client_secret: s,
            tls: { ca: \(expired.path("cert.pem")) } } } } }
        """))
    #expect(found["destination token"]?.verdict == .good, "\(found)")
    #expect(found["token_server token"]?.detail.contains("certificate has expired") == true, "\(found)")
    #expect(found["token_server token"]?.verdict == .unreachable)
    #expect(found["destination good"]?.verdict == .good)
    let detail = found["destination good"]?.detail ?? ""
    #expect(
      detail.hasPrefix("connected, TLSv1.3, certificate of CN=localhost by CN=localhost, 2 days left"), "\(detail)")
    #expect(found["destination unknown"]?.detail.contains("self-signed certificate") == true, "\(found)")
    #expect(found["destination any"]?.detail.hasSuffix(", not checked") == true)
    #expect(found["destination missing"]?.verdict == .badSettings)
    #expect(found["destination expired"]?.detail.contains("certificate has expired") == true)
    #expect(found["destination picky"]?.verdict == .unreachable, "\(found)")
    #expect(found["destination picky"]?.detail.contains("certificate required") == true, "\(found)")
  }
}
