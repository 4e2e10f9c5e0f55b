import Testing

@testable import Settings

/// Variables of the environment stand over the file.
@Suite struct EnvironmentTests {
  private static func load(_ variables: [String: String], _ text: String = GoodFile.minimal) -> LoadResult {
    let environment = GoodFile.environment.merging(variables) { $1 }
    return SettingsLoader.load(text: Array(text.utf8), file: "bridge.yaml", environment: environment)
  }

  private static func settings(_ variables: [String: String], _ text: String = GoodFile.minimal) throws
    -> BridgeSettings
  {
    switch load(variables, text) {
    case .valid(let settings, let warnings):
      #expect(warnings.isEmpty)
      return settings
    case .invalid(let found):
      Issue.record("\(DiagnosticRenderer().render(found))")
      throw GoodFile.Refused()
    }
  }

  private static func output(_ variables: [String: String], _ text: String = GoodFile.minimal) -> String {
    guard case .invalid(let found) = load(variables, text) else { return "accepted" }
    return DiagnosticRenderer().render(found)
  }

  @Test func aVariableWinsOverTheFileAndTheDefault() throws {
    let settings = try Self.settings([
      "TOPICTEE_KAFKA__GROUP": "123", "TOPICTEE_KAFKA__BROKERS": "a:1, b:2", "TOPICTEE_KAFKA__INSTANCE_ID": "null",
      "TOPICTEE_DESTINATIONS__CRM__URL": "http://127.0.0.1:1/", "TOPICTEE_DESTINATIONS__ERP__RATE": "5/s",
      "TOPICTEE_DESTINATIONS__ERP__RETRY__ATTEMPTS": "3", "TOPICTEE_DESTINATIONS__ERP__RETRY__ON": "5xx,timeout",
      "TOPICTEE_DEFAULTS__RETRY": "{ attempts: 7, max_age: 1h }", "TOPICTEE_DEFAULTS__TLS__VERIFY": "false",
      "TOPICTEE_DEAD_LETTERS__RESPONSE_EXCERPT": "0", "TOPICTEE_LIMITS__IN_FLIGHT_BYTES": "1MiB",
    ])
    #expect(settings.kafka.group == "123" && settings.kafka.brokers == ["a:1", "b:2"])
    #expect(settings.kafka.instanceID == nil && settings.deadLetters.responseExcerptBytes == 0)
    #expect(settings.destinations[0].url.text == "http://127.0.0.1:1/" && settings.destinations[0].retry.attempts == 7)
    let erp = settings.destinations[1]
    #expect(erp.rate == 5 && erp.retry.attempts == 3 && erp.retry.maxAge == .seconds(3600) && !erp.tls.verify)
    #expect(erp.retry.on.timeout && !erp.retry.on.reset && !erp.retry.on.statuses.contains(408))
    #expect(settings.limits.inFlightBytes == 1 << 20)
  }

  @Test func namesOfTheFileAreMeantHoweverTheyAreWritten() throws {
    let text = GoodFile.everything.replacing("  erp:\n", with: "  Erp-2:\n")
    let settings = try Self.settings(
      [
        "TOPICTEE_DESTINATIONS__ERP_2__TIMEOUT": "9s", "TOPICTEE_DESTINATIONS__CRM__HEADERS__X_REGION": "ap",
        "TOPICTEE_DESTINATIONS__CRM__HEADERS__X_NEW": "1",
        "TOPICTEE_KAFKA__PROPERTIES__SESSION_TIMEOUT_MS": "6000",
        "TOPICTEE_KAFKA__PROPERTIES__FETCH_MIN_BYTES": "1", "TOPICTEE_TOPIC": "other",
      ], text)
    #expect(settings.destinations.map(\.name) == ["crm", "Erp-2"] && settings.destinations[1].timeout == .seconds(9))
    let headers = settings.destinations[0].headers.map { "\($0.name)=\($0.value.literal ?? "")" }
    #expect(headers == ["X-Team=orders", "x-region=ap", "X-Version=2", "x-new=1"])
    let properties = settings.kafka.properties.map { "\($0.name)=\($0.value)" }
    #expect(
      properties == ["session.timeout.ms=6000", "check.crcs=true", "client.id=b", "fetch.min.bytes=1"])
    #expect(settings.topics == ["other"])
  }

  @Test func variablesReachTheKeysOfRequests() throws {
    let prefix = "TOPICTEE_DESTINATIONS__CRM__"
    let one = try Self.settings([
      "\(prefix)URL": "https://h/${value.id}", "\(prefix)QUERY__SOURCE": "${topic}", "\(prefix)WHEN": ".value.a > 1",
      "\(prefix)BODY__JSON": "{ id: \"${value.id}\", n: 5 }", "\(prefix)AUTH__BEARER": "hunter3",
      "\(prefix)SIGN__SCHEME": "standard-webhooks", "\(prefix)SIGN__SECRETS": "whsec_aaaa,whsec_bbbb",
      "\(prefix)PROXY": "http://u:p@proxy:1", "\(prefix)TLS__MIN_VERSION": "1.3", "\(prefix)REQUIRED": "true",
      "\(prefix)RESPONSE__ACCEPT_WHEN": ".status == 404", "\(prefix)CLOUDEVENTS": "{ type: t, source: /a }",
      "TOPICTEE_RESULTS__TOPIC": "r",
    ]).destinations[0]
    #expect(one.url.text == "https://h/${value.id}" && one.target != nil && one.when == JQText(".value.a > 1"))
    #expect(one.query.map(\.value.source) == ["${topic}"] && one.tls.minVersion == .v1_3)
    let id = TemplateText(parts: [.reference(TemplateText.Reference(.value, path: ["id"]))])
    #expect(one.body == .json(.map([.init("id", .text(id)), .init("n", .number("5"))])))
    guard case .bearer(let token) = one.auth, case .standardWebhooks(let secrets) = one.signing,
      case .proxy(let proxy) = one.proxy
    else {
      Issue.record("another kind")
      return
    }
    #expect(token.expose() == "hunter3" && secrets.map { $0.expose() } == ["whsec_aaaa", "whsec_bbbb"])
    #expect(proxy.username == "u" && proxy.password?.expose() == "p")
    #expect(one.response.acceptWhen == JQText(".status == 404") && one.cloudEvents?.source == "/a")
    let text = try Self.settings(["\(prefix)BODY__JSON": "null", "\(prefix)METHOD": "PUT"]).destinations[0].body
    #expect(text == .json(.null))
    let proxied = GoodFile.minimal.replacing(
      "com/orders", with: "com/orders\n    proxy: { url: http://h:1, username: u }")
    guard case .proxy(let file) = try Self.settings(["\(prefix)PROXY__PASSWORD": "p"], proxied).destinations[0].proxy
    else {
      Issue.record("no proxy")
      return
    }
    #expect(file.username == "u" && file.password?.expose() == "p")
  }

  @Test func aVariableBelowATextIsSaid() {
    let text = GoodFile.minimal.replacing("com/orders", with: "com/orders\n    proxy: http://h:1")
    let output = Self.output(["TOPICTEE_DESTINATIONS__CRM__PROXY__PASSWORD": "p"], text)
    let message = "TOPICTEE_DESTINATIONS__CRM__PROXY__PASSWORD: error: 'destinations.crm.proxy' is no map in the file\n"
    #expect(output == message, "\(output)")
  }

  @Test func twoKindsFromTwoPlacesAreSaid() {
    let text = GoodFile.minimal.replacing("com/orders", with: "com/orders\n    auth: { bearer: {env: KAFKA_PASSWORD} }")
    let output = Self.output(["TOPICTEE_DESTINATIONS__CRM__AUTH__BASIC": "{ username: u, password: p }"], text)
    #expect(
      output.hasPrefix("TOPICTEE_DESTINATIONS__CRM__AUTH__BASIC: error: both 'bearer' and 'basic'\n"), "\(output)")
  }

  @Test func aSecretMayComeFromAVariableInEveryWay() throws {
    let password = "TOPICTEE_KAFKA__SASL__PASSWORD"
    for variables in [
      [password: "hunter3"], ["\(password)__ENV": "TOPICTEE_MY_SECRET", "TOPICTEE_MY_SECRET": "hunter3"],
      [password: "{env: OTHER}", "OTHER": "hunter3"],
    ] {
      let settings = try Self.settings(variables, GoodFile.everything)
      #expect(settings.kafka.sasl?.password.expose() == "hunter3")
    }
    #expect(!Self.output([password: "hunter3", "TOPICTEE_X": "hunter3"], GoodFile.everything).contains("hunter3"))
  }

  @Test(arguments: [
    ("TOPICTEE_KAFKA__GRUP", "x", "no key 'kafka.grup'", "did you mean 'TOPICTEE_KAFKA__GROUP'?"),
    ("TOPICTEE_KAFKA_GROUP", "x", "no key 'kafka_group'", "did you mean 'TOPICTEE_KAFKA__GROUP'?"),
    (
      "TOPICTEE_DESTINATIONS__CMR__URL", "http://h/", "no destination 'cmr' in the file",
      "did you mean 'TOPICTEE_DESTINATIONS__CRM__URL'?"
    ),
    ("TOPICTEE_DESTINATIONS__WAREHOUSE", "x", "no destination 'warehouse' in the file", "known here: crm, erp"),
    ("TOPICTEE_KAFKA__GROUP__X", "x", "no key 'kafka.group.x'", "did you mean 'TOPICTEE_KAFKA__GROUP'?"),
    ("TOPICTEE_", "x", "no key ''", "known here: version, kafka, topic, "),
    ("TOPICTEE_DRAIN", "soon", "'soon' is not a duration", "a whole number with ms, s, m or h"),
    ("TOPICTEE_VERSION", "one", "expected a whole number, found text", "for example: 1"),
    ("TOPICTEE_KAFKA__BROKERS", "[a", "bad YAML: did not find expected ',' or ']'", "is a '[' not closed?"),
    ("TOPICTEE_KAFKA__GROUP", "", "empty text", "for example: orders-bridge"),
    ("TOPICTEE_LIMITS", "{}", "an empty map", "give it a key or leave it out"),
    ("TOPICTEE_LIMITS", "{ x: 1 }", "unknown key 'x'", "known here: in_flight_records, in_flight_bytes"),
  ]) func whatIsWrongNamesTheVariable(_ variable: String, _ value: String, _ message: String, _ hint: String) {
    let output = Self.output([variable: value])
    #expect(output.hasPrefix("\(variable): error: \(message)\n  \(hint)"), "\(output)")
  }

  @Test func namesThatDifferInCaseOnlyAreRefused() {
    let text = GoodFile.minimal.replacing("  erp:", with: "  CRM:")
    let output = Self.output(["TOPICTEE_DESTINATIONS__CRM__TIMEOUT": "1s"], text)
    #expect(output.contains("it means crm, CRM alike; rename one"), "\(output)")
  }

  @Test func variablesOfOthersAreLeftAlone() throws {
    _ = try Self.settings([
      "TOPICTEE_TEST_KAFKA": "h:1", "TOPICTEE_SEED": "1", "TOPICTEE_SEEDS": "2", "TOPICTEE_DEPTH": "3",
      "TOPICTEE_SERVICE_HOST": "10.0.0.1", "TOPICTEE_SERVICE_PORT_HTTP": "80", "TOPICTEE_PORT": "tcp://10.0.0.1:80",
      "TOPICTEE_PORT_80_TCP_ADDR": "10.0.0.1", "TOPICTEE_ADMIN_PORT_80_TCP": "tcp://10.0.0.1:80", "topictee_x": "1",
      "TOPICTEE": "1",
    ])
    #expect(Self.output(["TOPICTEE_PORT": "80"]).hasPrefix("TOPICTEE_PORT: error: no key 'port'"))
  }

  @Test func allAreSaidAtOnceWithThoseOfTheFile() {
    let text = GoodFile.minimal.replacing("topic: orders\n", with: "topic: a b\n")
    let output = Self.output(["TOPICTEE_B": "1", "TOPICTEE_A": "1"], text)
    let heads = output.split(separator: "\n").filter { $0.contains(": error: ") }.map { $0.prefix { $0 != ":" } }
    #expect(heads == ["TOPICTEE_A", "TOPICTEE_B", "bridge.yaml"])
  }

  @Test func bothTopicAndTopicsFromVariablesAreOneTooMany() {
    let output = Self.output(["TOPICTEE_TOPIC": "a", "TOPICTEE_TOPICS": "b,c"])
    #expect(output.hasPrefix("TOPICTEE_TOPICS: error: both 'topic' and 'topics'\n"), "\(output)")
    #expect(output.contains("the other is in TOPICTEE_TOPIC"), "\(output)")
  }
}
