import Testing

@testable import Settings

@Suite struct ExplanationTests {
  private static func file(_ text: String = GoodFile.everything, _ variables: [String: String] = [:]) -> LoadedFile {
    SettingsLoader.open(
      text: Array(text.utf8), file: "b.yaml", environment: ContractFile.environment.merging(variables) { $1 })
  }

  private static func lines(_ key: String, _ variables: [String: String] = [:]) throws -> [String] {
    try file(GoodFile.everything, variables).explain(key).map { one in
      ([one.holds] + one.overrode).map { "\($0.value.inline) \($0.origin)" }.joined(separator: " < ")
    }
  }

  @Test(arguments: [
    ("destinations.crm.timeout", "1m b.yaml:30:14 < 5s b.yaml:16:12 (defaults) < 15s the default"),
    ("destinations.erp.timeout", "5s b.yaml:16:12 (defaults) < 15s the default"),
    ("destinations.erp.order", "partition b.yaml:11:8 < key the default"),
    ("destinations.crm.retry.attempts", "4 b.yaml:31:24 < 3 b.yaml:19:22 (defaults) < 10 the default"),
    ("destinations.crm.retry.backoff", "100ms..10s b.yaml:19:34 (defaults) < 200ms..30s the default"),
    ("destinations.crm.retry.max_age", "null b.yaml:31:36 < 1h b.yaml:19:55 (defaults) < null the default"),
    ("destinations.crm.url", "https://crm.example.com:8443/v2/orders?source=kafka b.yaml:27:10"),
    ("destinations.crm.headers.X-Version", "\"2\" b.yaml:29:41"),
    ("kafka.properties.session.timeout.ms", "\"45000\" b.yaml:9:37"),
    ("kafka.sasl.password", "*** b.yaml:8:65"), ("drain", "0 b.yaml:14:8 < 25s the default"),
    ("topics", "[orders, refunds] b.yaml:10:9"), ("limits.in_flight_bytes", "16MiB b.yaml:12:52 < 64MiB the default"),
  ]) func saysWhatHoldsAndWhy(_ key: String, _ expected: String) throws {
    let line = try #require(try Self.lines(key).first)
    #expect(line.hasPrefix(expected), "\(line)")
  }

  @Test func aVariableIsNamedWithWhatItStandsFor() throws {
    #expect(
      try Self.lines("destinations.crm.timeout", ["TOPICTEE_DESTINATIONS__CRM__TIMEOUT": "9s"])
        == [
          "9s TOPICTEE_DESTINATIONS__CRM__TIMEOUT < 1m b.yaml:30:14 < 5s b.yaml:16:12 (defaults) < 15s the default"
        ])
    #expect(
      try Self.lines("topic", ["TOPICTEE_TOPIC": "t"])[0].hasPrefix("t TOPICTEE_TOPIC < [orders, refunds] b.yaml"))
    let secret = try Self.lines("kafka.sasl.password", ["TOPICTEE_KAFKA__SASL__PASSWORD": "hunter3"])
    #expect(secret == ["*** TOPICTEE_KAFKA__SASL__PASSWORD < { env: KAFKA_PASSWORD } b.yaml:8:65"])
  }

  @Test func aMapIsAllThatStandsBelowIt() throws {
    let keys = try Self.file().explain("destinations.crm.retry").map(\.key)
    #expect(keys == ["attempts", "backoff", "max_age", "on"].map { "destinations.crm.retry.\($0)" })
    let all = try Self.file(GoodFile.minimal).explain("destinations")
    #expect(all.contains { $0.key == "destinations.erp.url" } && all.allSatisfy { !$0.summary.isEmpty })
  }

  private static func contract(_ key: String, _ change: (String, String) = ("", "")) throws -> [String] {
    let text = ContractFile.text.replacing(change.0, with: change.1, maxReplacements: 1)
    return try file(text).explain(key).map { one in
      "\(one.key) " + ([one.holds] + one.overrode).map { "\($0.value.inline) \($0.origin)" }.joined(separator: " < ")
    }
  }

  @Test func ofSeveralKindsTheOneThatIsThere() throws {
    #expect(
      try Self.contract("destinations.ledger.auth") == [
        "destinations.ledger.auth.api_key.header X-Api-Key b.yaml:56:32 < null the default",
        "destinations.ledger.auth.api_key.value *** b.yaml:56:50",
      ])
    #expect(try Self.contract("destinations.erp.auth") == ["destinations.erp.auth null the default"])
    #expect(
      try Self.contract("destinations.crm.url") == [
        "destinations.crm.url \"https://crm.example.com/v2/orders/${value.id}\" b.yaml:22:10"
      ])
    #expect(
      try Self.contract("destinations.erp.base_url") == [
        "destinations.erp.base_url https://api.example.com b.yaml:16:13 (defaults) < null the default"
      ])
    #expect(
      try Self.contract("destinations.catalog.body.graphql.variables.id") == [
        "destinations.catalog.body.graphql.variables.id \"${value.id}\" b.yaml:41:98"
      ])
  }

  /// A destination's own login is not completed by that of 'defaults', nor explained by it.
  @Test func whatIsReplacedAsAWholeOverridesNothingBelow() throws {
    let change = ("  timeout: 15s\n", "  timeout: 15s\n  auth: { api_key: { query: q, value: {env: CRM_SECRET} } }\n")
    #expect(
      try Self.contract("destinations.ledger.auth.api_key", change) == [
        "destinations.ledger.auth.api_key.header X-Api-Key b.yaml:57:32 < null the default",
        "destinations.ledger.auth.api_key.value *** b.yaml:57:50",
      ])
    #expect(
      try Self.contract("destinations.erp.auth.api_key.query", change) == [
        "destinations.erp.auth.api_key.query q b.yaml:18:29 (defaults) < null the default"
      ])
  }

  /// What is written as one text comes from that text's place, whichever of its keys is asked for.
  @Test func whatIsOneTextComesFromItsPlace() throws {
    let change = ("  timeout: 15s\n", "  timeout: 15s\n  proxy: http://u:p@first:1\n")
    #expect(
      try Self.contract("destinations.erp.proxy", change) == [
        "destinations.erp.proxy.url http://first:1 b.yaml:18:10 (defaults)",
        "destinations.erp.proxy.username u b.yaml:18:10 (defaults) < null the default",
        "destinations.erp.proxy.password *** b.yaml:18:10 (defaults) < null the default",
      ])
    let text = GoodFile.minimal.replacing(
      "crm.example.com/orders", with: "crm.example.com/orders\n    proxy: http://u:p@first:1")
    let file = SettingsLoader.open(
      text: Array(text.utf8), file: "b.yaml", environment: ["TOPICTEE_DESTINATIONS__CRM__PROXY": "http://v:q@second:2"])
    let url = try #require(try file.explain("destinations.crm.proxy.url").first)
    #expect(url.holds.value == .text("http://second:2") && url.holds.origin == "TOPICTEE_DESTINATIONS__CRM__PROXY")
    #expect(url.overrode.map(\.value) == [.text("http://***@first:1")])
  }

  @Test(
    arguments: [
      ("destinations.crm.timout", "no key 'destinations.crm.timout'", "did you mean 'destinations.crm.timeout'?"),
      ("destinations.cmr.timeout", "no destination 'cmr'", "did you mean 'destinations.crm'?"),
      ("kafka.group.x", "no key 'kafka.group.x'", nil), ("drian", "no key 'drian'", "did you mean 'drain'?"),
      ("kafka.properties.a.b.c", "no property 'a.b.c'", "known here: session.timeout.ms"),
      ("kafka.properties.session.timeout", "no property 'session.timeout'", "did you mean 'kafka.properties.session."),
      ("timeout", "no key 'timeout'", "did you mean 'destinations.crm.timeout'?"),
      ("crm.timeout", "no key 'crm'", "did you mean 'destinations.crm.timeout'?"),
      ("brokers", "no key 'brokers'", "did you mean 'kafka.brokers'?"),
      (
        "tls.ca", "no key 'tls'",
        "did you mean 'kafka.tls.ca' or 'destinations.crm.tls.ca' or 'destinations.crm.auth.oauth2.tls.ca'?"
      ),
      ("nonsense", "no key 'nonsense'", "known here: version"),
      ("", "no key ''", "known here: version, kafka, topic, topics, order"),
    ] as [(String, String, String?)]) func anUnknownKeyIsSaid(_ key: String, _ message: String, _ hint: String?)
  {
    let error = #expect(throws: UnknownKey.self) { try Self.file().explain(key) }
    #expect(error?.message == message)
    #expect(hint.map { error?.hint?.hasPrefix($0) == true } ?? (error?.hint == nil), "\(error?.hint ?? "")")
  }

  @Test func aNameOfAMapThatIsNotThereIsSaid() throws {
    let error = #expect(throws: UnknownKey.self) {
      try Self.file(GoodFile.minimal).explain("kafka.properties.session.timeout.ms")
    }
    #expect(error?.message == "no property 'session.timeout.ms'" && error?.hint == "there is none")
  }

  /// What `check --json` shows is a file that loads, with the same meaning.
  @Test(arguments: [GoodFile.minimal, GoodFile.everything, ContractFile.text])
  func settingsComeBackAsTheyWere(_ text: String) throws {
    let json = Self.file(text).settings.json
    #expect(!json.contains("hunter2") && !json.contains("defaults"))
    #expect(json.contains("\"password\": \"***\"") == text.contains("password"))
    let again = Self.file(json)
    guard case .valid(let settings, _) = again.result, case .valid(let first, _) = Self.file(text).result else {
      Issue.record("refused: \(again.result)")
      return
    }
    #expect(again.settings.json == json)
    #expect(settings.destinations.map(\.retry) == first.destinations.map(\.retry))
    #expect(settings.destinations.map { "\($0.headers)" } == first.destinations.map { "\($0.headers)" })
    #expect(settings.destinations.map(\.body) == first.destinations.map(\.body))
    #expect(settings.destinations.map(\.target) == first.destinations.map(\.target))
    #expect(settings.destinations.map(\.response) == first.destinations.map(\.response))
    #expect(settings.destinations.map { "\($0)" } == first.destinations.map { "\($0)" })
    #expect(settings.results == first.results && settings.deadLetters == first.deadLetters)
    #expect(settings.limits == first.limits && settings.topics == first.topics && settings.drain == first.drain)
  }
}
