import Testing

@testable import Settings

/// The keys that a destination's requests are made of.
@Suite struct RequestKeysTests {
  private static func one(
    _ lines: String, defaults: String = "{ timeout: 15s }", _ variables: [String: String] = [:]
  ) throws -> DestinationSettings {
    try ContractFile.destination(lines, defaults: defaults, variables)
  }

  @Test(arguments: [
    ("https://h/v2", "/orders", "https://h/v2/orders"), ("https://h/v2/", "/orders", "https://h/v2/orders"),
    ("https://h", "/orders?a=1", "https://h/orders?a=1"), ("https://h/v2", "?a=1", "https://h/v2?a=1"),
    ("https://h", "?a=1", "https://h?a=1"), ("https://h/v2", "http://other/x", "http://other/x"),
    ("https://h/${topic}", "/${value.id}", "https://h/${topic}/${value.id}"),
    ("http+unix://%2Frun%2Fa.sock", "/orders", "http+unix://%2Frun%2Fa.sock/orders"),
  ]) func endpointsStandBelowTheBaseURL(_ base: String, _ url: String, _ whole: String) throws {
    for (lines, defaults) in [
      ("base_url: \(base)\nurl: \(url)", "{ timeout: 1s }"), ("url: \(url)", "{ base_url: \"\(base)\" }"),
    ] {
      let destination = try Self.one(lines, defaults: defaults)
      #expect(destination.url.text == whole)
      let alone = try EndpointAddress.parse(whole)
      #expect(destination.url == alone.url && destination.target == alone.target)
    }
  }

  @Test func templatesStandInPathAndQuery() throws {
    let one = try Self.one("url: 'https://h:8443/a/${value.id | default(\"a/b\")}/c?x=${key}&y=1'")
    #expect(one.url.host == "h" && one.url.port == 8443 && one.url.hostHeader == "h:8443" && one.url.isTLS)
    let id = TemplateText.Reference(.value, path: ["id"], fallback: "a/b")
    let key = TemplateText.Reference(.key)
    #expect(one.target?.path == TemplateText(parts: [.literal("/a/"), .reference(id), .literal("/c")]))
    #expect(one.target?.query == TemplateText(parts: [.literal("x="), .reference(key), .literal("&y=1")]))
    let root = try Self.one("url: https://h?x=${key}").target
    #expect(root?.path == "/" && root?.query == TemplateText(parts: [.literal("x="), .reference(key)]))
    #expect(try Self.one("url: https://h/a?x=1").target == nil)
  }

  /// No URL holds braces: what `$${` stands for goes out percent-encoded.
  @Test(arguments: [
    ("https://h/a/$${x}/b?c=$${y}", "/a/$%7Bx%7D/b?c=$%7By%7D"), ("https://h/$${", "/$%7B"),
    ("https://h/$$$${x}", "/$$%7Bx%7D"), ("/$${x}", "/v2/$%7Bx%7D"),
  ]) func theTwoSignsMayStandInAURL(_ url: String, _ target: String) throws {
    let one = try Self.one("url: '\(url)'", defaults: "{ base_url: https://h/v2 }")
    #expect(one.url.target == target && one.target == nil)
    let both = try Self.one("url: '\(url)/${key}'", defaults: "{ base_url: https://h/v2 }").target
    let text = (both?.path.source ?? "") + (both?.query.map { "?" + $0.source } ?? "")
    #expect(text == target + "/${key}")
  }

  @Test(arguments: [
    ("http://$${h}/", "'$%7Bh%7D' is no host name"), ("http://h/{a}/$${b}", "a '{' in a URL"),
    ("http://h/$${a}}", "a '}' in a URL"),
  ]) func otherBracesMayNot(_ url: String, _ message: String) {
    do throws(EndpointAddress.Problem) {
      Issue.record("accepted: \(try EndpointAddress.parse(url))")
    } catch {
      #expect(error.message == message)
    }
  }

  @Test func queryAndHeadersAreMergedByName() throws {
    let one = try Self.one(
      "url: http://h/\nquery: { b: 2, c: \"${key}\" }\nheaders: { x-a: 2, X-C: \"${value.c}\" }",
      defaults: "{ query: { a: 1, b: 1 }, headers: { X-A: 1, X-B: 1 } }")
    #expect(one.query.map { "\($0.name)=\($0.value.source)" } == ["a=1", "b=2", "c=${key}"])
    #expect(one.headers.map { "\($0.name)=\($0.value.source)" } == ["X-B=1", "x-a=2", "X-C=${value.c}"])
  }

  @Test func theOthersAreReplacedAsAWhole() throws {
    let defaults = """
      { body: { text: a }, auth: { basic: { username: u, password: {env: KAFKA_PASSWORD} } },
        batch: { records: 7, bytes: 1KiB }, response: { accept_when: .a, retry_when: .b } }
      """.replacing("\n", with: "")
    let one = try Self.one(
      "url: http://h/\nbody: { json: {} }\nauth: { bearer: {env: GATEWAY_KEY} }\nbatch: { wait: 1s }\nresponse: { retry_when: null }",
      defaults: defaults)
    #expect(one.body == .json(.map([])) && one.batch?.records == 200 && one.batch?.wait == .seconds(1))
    #expect(one.response.acceptWhen == JQText(".a") && one.response.retryWhen == nil)
    guard case .bearer = one.auth else {
      Issue.record("no token")
      return
    }
    let bare = try Self.one("url: http://h/\nbody: null\nauth: null\nbatch: null", defaults: defaults)
    #expect(bare.body == .raw && bare.auth == nil && bare.batch == nil)
  }

  @Test func jsonKeepsItsTypes() throws {
    let one = try Self.one(
      """
      url: http://h/
      body:
        json:
          number: 12345678901234567890123
          half: 0.50
          yes: true
          none: null
          text: "7"
          lone: "${value.id}"
          list: [1, "a ${key}", {}, []]
      """)
    let lone = TemplateText.Reference(.value, path: ["id"])
    #expect(
      one.body
        == .json(
          .map([
            .init("number", .number("12345678901234567890123")), .init("half", .number("0.50")),
            .init("yes", .boolean(true)), .init("none", .null), .init("text", .text("7")),
            .init("lone", .text(TemplateText(parts: [.reference(lone)]))),
            .init(
              "list",
              .list([
                .number("1"), .text(TemplateText(parts: [.literal("a "), .reference(.init(.key))])), .map([]),
                .list([]),
              ])),
          ])))
  }

  @Test func bodiesOfEveryKind() throws {
    #expect(try Self.one("url: http://h/\nbody: { soap: <a/>, version: 1.2 }").body == .soap("<a/>", version: .v1_2))
    #expect(try Self.one("url: http://h/\nbody: { soap: <a/>, version: '1.1' }").body == .soap("<a/>", version: .v1_1))
    #expect(
      try Self.one("url: http://h/\nbody: { form: { a: 1, b: \"\" } }").body
        == .form([.init("a", "1"), .init("b", "")]))
    #expect(try Self.one("url: http://h/\nbody: { text: \"$${value}\" }").body == .text("${value}"))
    #expect(try Self.one("url: http://h/\nbody: { jq: .value }").body == .jq(JQText(".value")))
    let chat = try Self.one(
      "url: http://h/\nbody: { chat: { model: m, prompt: p, temperature: 0.20, max_tokens: 5, response_format: { type: json_object } } }"
    ).body
    var expected = ChatSettings()
    (expected.model, expected.prompt, expected.temperature, expected.maxTokens) = ("m", "p", "0.20", 5)
    expected.responseFormat = .map([.init("type", .text("json_object"))])
    #expect(chat == .chat(expected))
  }

  @Test func loginsOfEveryKind() throws {
    guard
      case .basic("bridge", let password) = try Self.one(
        "url: http://h/\nauth: { basic: { username: bridge, password: {env: KAFKA_PASSWORD} } }"
      ).auth,
      case .apiKey(.query("key"), let key) = try Self.one(
        "url: http://h/\nauth: { api_key: { query: key, value: {env: LEDGER_KEY} } }"
      ).auth,
      case .oauth2(let oauth2) = try Self.one(
        "url: http://h/\nauth: { oauth2: { token_url: http://127.0.0.1:1/t, client_id: c, client_secret: {env: CRM_SECRET}, secret_in: body, parameters: { resource: a, n: 1 } } }"
      ).auth
    else {
      Issue.record("another kind")
      return
    }
    #expect(password.expose() == "hunter2" && key.expose() == "hunter2" && oauth2.clientSecret.expose() == "hunter2")
    #expect(oauth2.secretIn == .body && oauth2.parameters.map { "\($0.name)=\($0.value)" } == ["resource=a", "n=1"])
  }

  @Test func amazonsKeysAreTheEnvironments() throws {
    let lines = "url: http://h/\nauth: { sigv4: { service: execute-api, region: eu-central-1 } }"
    let keys = ["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"]
    guard case .sigv4(let all) = try Self.one(lines, keys).auth else {
      Issue.record("another kind")
      return
    }
    #expect(all.accessKeyID.expose() == "AKIA" && all.secretAccessKey.expose() == "s")
    #expect(all.sessionToken?.expose() == "t" && all.service == "execute-api" && all.region == "eu-central-1")
    let own = lines.replacing(
      "eu-central-1", with: "r, access_key_id: {env: LEDGER_KEY}, secret_access_key: {env: LEDGER_KEY}")
    guard case .sigv4(let mine) = try Self.one(own, keys).auth else {
      Issue.record("another kind")
      return
    }
    #expect(mine.accessKeyID.expose() == "hunter2" && mine.sessionToken == nil)
  }

  @Test func signaturesOfBothKinds() throws {
    guard
      case .hmac(let hmac) = try Self.one(
        "url: http://h/\nsign: { hmac: { header: X-Sig, algorithm: sha512, encoding: base64, prefix: 'v=', secret: {env: CRM_SECRET} } }"
      ).signing,
      case .standardWebhooks(let secrets) = try Self.one(
        "url: http://h/\nsign: { scheme: standard-webhooks, secret: {env: CRM_SIGNING} }"
      ).signing
    else {
      Issue.record("another kind")
      return
    }
    #expect(hmac.header == "X-Sig" && hmac.algorithm == .sha512 && hmac.encoding == .base64 && hmac.prefix == "v=")
    #expect(hmac.secret.expose() == "hunter2" && secrets.count == 1)
  }

  @Test func proxiesInEveryForm() throws {
    for (text, expected) in [
      ("http://proxy:3128", "http://proxy:3128"), ("https://[::1]/", "\"https://[::1]:443\""), ("none", "none"),
      ("{ url: http://p:1, username: u }", "{ url: http://p:1, username: u, password: null }"),
    ] {
      let one = try Self.one("url: https://h/\nproxy: \(text)")
      #expect(ValueType<ProxyChoiceSettings>.proxy.write(one.proxy).inline == expected)
    }
    let (settings, warnings) = try GoodFile.load(
      GoodFile.minimal.replacing("crm.example.com/orders", with: "h/\n    proxy: http://user:p%40ss@proxy:3128"))
    guard case .proxy(let proxy) = settings.destinations[0].proxy, warnings.count == 1 else {
      Issue.record("\(settings.destinations[0].proxy) \(warnings)")
      return
    }
    #expect(
      proxy.username == "user" && proxy.password?.expose() == "p@ss" && proxy.host == "proxy" && proxy.port == 3128)
    #expect(!DiagnosticRenderer().render(warnings).contains("p%40ss"))
  }

  @Test func theRest() throws {
    let one = try Self.one(
      """
      url: https://h/
      compression: gzip
      idempotency_key: false
      http2: true
      allow_private_addresses: false
      cloudevents: { mode: structured, type: "t.${topic}", source: "/a/${key}", subject: "${value.id}" }
      batch: null
      tls: { server_name: api.example.com, min_version: 1.3 }
      """)
    #expect(one.compressesBody && !one.sendsIdempotencyKey && one.http2 && !one.allowPrivateAddresses)
    #expect(one.cloudEvents?.mode == .structured && one.cloudEvents?.type.source == "t.${topic}")
    #expect(one.cloudEvents?.source.source == "/a/${key}" && one.cloudEvents?.subject?.source == "${value.id}")
    #expect(one.tls.serverName == "api.example.com" && one.tls.minVersion == .v1_3)
    let batch = try Self.one(
      "url: http://h/\nbatch: { records: 2, bytes: 1KiB, wait: 0, format: json_array, results: { path: a.b, id: c, status: d.e } }"
    ).batch
    #expect(batch?.records == 2 && batch?.bytes == 1024 && batch?.wait == .zero && batch?.format == .jsonArray)
    #expect(batch?.results?.path == "a.b" && batch?.results?.id == "c" && batch?.results?.status == "d.e")
  }
}
