import Testing

@testable import Settings

@Suite struct ContractFileTests {
  @Test func itLoadsWithoutAWarning() throws {
    guard case .valid(let settings, let warnings) = ContractFile.open().result else {
      _ = try ContractFile.load()
      return
    }
    #expect(warnings.isEmpty)
    let names = ["crm", "erp", "catalog", "fraud", "summary", "ledger", "warehouse"]
    #expect(settings.destinations.map(\.name) == names)
    #expect(settings.destinations.map(\.baseURL) == names.map { _ in "https://api.example.com" })
    #expect(settings.deadLetters.compat == .own && settings.kafka.instanceID == nil)
  }

  @Test func theRESTOne() throws {
    let crm = try ContractFile.load().destinations[0]
    #expect(crm.url.text == "https://crm.example.com/v2/orders/${value.id}" && crm.url.host == "crm.example.com")
    let id = TemplateText.Reference(.value, path: ["id"])
    #expect(
      crm.target == TargetTemplate(path: TemplateText(parts: [.literal("/v2/orders/"), .reference(id)]), query: nil))
    #expect(crm.method == .put && crm.query.map(\.name) == ["source"] && crm.query.map(\.value) == ["kafka"])
    let region = TemplateText.Reference(.headers, path: ["region"])
    #expect(crm.headers.map(\.name) == ["X-Region"] && crm.headers.map(\.value.lone) == [region])
    guard case .oauth2(let oauth2) = crm.auth, case .standardWebhooks(let secrets) = crm.signing else {
      Issue.record("no login or no signature")
      return
    }
    #expect(oauth2.tokenURL.text == "https://id.example.com/token" && oauth2.clientID == "bridge")
    #expect(oauth2.clientSecret.expose() == "hunter2" && oauth2.scope == "orders.write" && oauth2.audience == "crm")
    #expect(oauth2.parameters.isEmpty && oauth2.secretIn == .header)
    #expect(secrets.map { $0.expose() } == ["whsec_aHVudGVyMmh1bnRlcjI="])
    #expect(crm.cloudEvents?.mode == .binary && crm.cloudEvents?.type == "shop.order.placed")
    #expect(crm.cloudEvents?.source == "/orders" && crm.cloudEvents?.subject == nil)
    #expect(crm.sendsIdempotencyKey && crm.allowPrivateAddresses && crm.isRequired && crm.when == nil)
  }

  @Test func theOtherBodies() throws {
    let settings = try ContractFile.load()
    let id = TemplateText.Reference(.value, path: ["id"])
    let xml = TemplateText(parts: [
      .literal("<Order xmlns=\"urn:erp\"><Id>"), .reference(id), .literal("</Id></Order>"),
    ])
    #expect(settings.destinations[1].body == .soap(xml, version: .v1_1))
    var graphQL = GraphQLSettings()
    graphQL.query = "mutation($id: ID!) { reserve(id: $id) { ok } }"
    graphQL.variables = .map([TemplateTree.Member("id", .text(TemplateText(parts: [.reference(id)])))])
    #expect(settings.destinations[2].body == .graphQL(graphQL))
    let fraud = settings.destinations[3]
    #expect(fraud.when == JQText(".value.total >= 100") && !fraud.isRequired && fraud.method == .get)
    #expect(fraud.query.map(\.value.source) == ["${value.id}", "${value.total}"])
    var chat = ChatSettings()
    chat.model = "gpt-4o-mini"
    chat.system = "Summarise the order."
    chat.prompt = TemplateText(parts: [.reference(TemplateText.Reference(.value, isJSON: true))])
    #expect(settings.destinations[4].body == .chat(chat))
    guard case .bearer(let token) = settings.destinations[4].auth else {
      Issue.record("no token")
      return
    }
    #expect(token.expose() == "hunter2")
  }

  @Test func rulesBatchesAndResults() throws {
    let settings = try ContractFile.load()
    let ledger = settings.destinations[5]
    #expect(
      ledger.body == .jq(JQText("{ref: .value.id, total: ([.value.lines[].price] | add), at: .timestamp}")))
    #expect(ledger.response.refuseWhen == JQText(#".body.status == "error""#))
    #expect(ledger.response.retryWhen == JQText(#".body.code == "busy""#))
    #expect(ledger.response.acceptWhen == JQText(".status == 409"))
    guard case .apiKey(.header("X-Api-Key"), let key) = ledger.auth else {
      Issue.record("no key")
      return
    }
    #expect(key.expose() == "hunter2")
    #expect(settings.destinations[6].batch == BatchSettings())
    let results = try #require(settings.results)
    #expect(results.topic == "orders.results" && results.keep.map(\.destination) == ["crm", "summary"])
    #expect(results.keep.map(\.status) == [true, true])
    #expect(results.keep.map(\.body) == [JQText(".id"), JQText(".choices[0].message.content")])
  }
}
