import FanOut
import HTTPWire
import Payload
import Settings
import Testing

@testable import Destinations

/// What a response's body says, by the body's kind and by the file's own rules.
@Suite struct ResponseMeaningTests {
  static func outcome(
    _ status: UInt16, _ body: String, head: String = "", isCut: Bool = false, excerpt: Int = 100,
    _ change: (inout DestinationSettings) -> Void
  ) -> Outcome {
    let settings = destination(change)
    var response = HTTPResponse(status: status)
    response.body = Array(body.utf8)
    response.head = Array(head.utf8)
    response.isBodyCut = isCut
    let questions = ResponseQuestions(settings, RecordView())
    return ResponseRules(settings, excerptBytes: excerpt).outcome(of: response, questions)
  }

  /// `accepted`, or what it is and the failure's message.
  static func text(_ outcome: Outcome) -> String {
    switch outcome {
    case .accepted: "accepted"
    case .refused(let reason, let failure): "\(reason.rawValue): \(failure.message)"
    case .failed(let failure): "failed (\(failure.whenExhausted.rawValue)): \(failure.message)"
    case .unavailable(let failure): "unavailable: \(failure.message)"
    case .stale, .unsendable: "\(outcome)"
    }
  }

  static func fault(_ code: String) -> String {
    "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><s:Fault><faultcode>s:\(code)</faultcode>"
      + "<faultstring>why</faultstring></s:Fault></s:Body></s:Envelope>"
  }
  static let result =
    "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><ok/></s:Body></s:Envelope>"

  @Test(
    arguments: [
      (200, result, "accepted"), (202, "", "accepted"),
      (200, fault("Server"), "failed (exhausted): the API answered 200: soap:Fault Server"),
      (200, fault("Client"), "success_rule: the API answered 200: soap:Fault Client"),
      (500, fault("Client"), "success_rule: the API answered 500: soap:Fault Client"),
      (500, fault("Server"), "failed (exhausted): the API answered 500: soap:Fault Server"),
      (400, fault("MustUnderstand"), "success_rule: the API answered 400: soap:Fault MustUnderstand"),
      (400, fault("Server"), "failed (exhausted): the API answered 400: soap:Fault Server"),
      (503, fault("Client"), "unavailable: the API answered 503"),
      (401, fault("Client"), "unavailable: the API answered 401"),
      (500, "oops", "failed (exhausted): the API answered 500"), (404, "<html/>", "rejected: the API answered 404"),
      (200, "<html/>", "failed (exhausted): the API answered 200: no SOAP answer"),
      (500, result, "failed (exhausted): the API answered 500"),
    ] as [(UInt16, String, String)])
  func soap(_ status: UInt16, _ body: String, _ expected: String) {
    let outcome = Self.outcome(status, body) { $0.body = .soap("<a/>", version: .v1_1) }
    #expect(Self.text(outcome) == expected)
  }

  static func errors(_ codes: String...) -> String {
    let errors = codes.map {
      $0.isEmpty ? "{\"message\":\"m\"}" : "{\"message\":\"m\",\"extensions\":{\"code\":\"\($0)\"}}"
    }
    return "{\"data\":null,\"errors\":[\(errors.joined(separator: ","))]}"
  }

  @Test(
    arguments: [
      (200, "{\"data\":{\"ok\":true}}", "accepted"), (200, "{\"data\":null,\"errors\":[]}", "accepted"),
      (200, "{\"data\":{},\"errors\":null}", "accepted"),
      (200, errors(""), "failed (exhausted): the API answered 200: GraphQL errors"),
      (200, "{\"data\":{\"a\":1},\"errors\":[{}]}", "failed (exhausted): the API answered 200: GraphQL errors"),
      (200, errors("BAD_USER_INPUT"), "success_rule: the API answered 200: GraphQL errors, BAD_USER_INPUT"),
      (
        200, errors("GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"),
        "success_rule: the API answered 200: GraphQL errors, GRAPHQL_PARSE_FAILED"
      ),
      (
        200, errors("BAD_USER_INPUT", "INTERNAL_SERVER_ERROR"),
        "failed (exhausted): the API answered 200: GraphQL errors, INTERNAL_SERVER_ERROR"
      ),
      (
        200, errors("BAD_USER_INPUT", "UNAUTHENTICATED", "X"),
        "unavailable: the API answered 200: GraphQL errors, UNAUTHENTICATED"
      ), (200, errors("THROTTLED"), "unavailable: the API answered 200: GraphQL errors, THROTTLED"),
      (200, "{\"errors\":\"bad\"}", "failed (exhausted): the API answered 200: GraphQL errors"),
      (200, "{}", "failed (exhausted): the API answered 200: no GraphQL answer"),
      (200, "{\"errors\":[]}", "failed (exhausted): the API answered 200: no GraphQL answer"),
      (200, "{\"errors\":null}", "failed (exhausted): the API answered 200: no GraphQL answer"),
      (400, "{\"errors\":[]}", "rejected: the API answered 400"),
      (200, "[]", "failed (exhausted): the API answered 200: a response that is no JSON object"),
      (200, "", "failed (exhausted): the API answered 200: an empty response"),
      (200, "{\"data\":", "failed (exhausted): the API answered 200: a response that is no JSON object"),
      (400, errors("BAD_USER_INPUT"), "success_rule: the API answered 400: GraphQL errors, BAD_USER_INPUT"),
      (500, errors("BAD_USER_INPUT"), "success_rule: the API answered 500: GraphQL errors, BAD_USER_INPUT"),
      (
        400, errors("INTERNAL_SERVER_ERROR"),
        "failed (exhausted): the API answered 400: GraphQL errors, INTERNAL_SERVER_ERROR"
      ), (400, errors("OWN"), "failed (exhausted): the API answered 400: GraphQL errors, OWN"),
      (400, "{\"errors\":[{\"message\":\"no such field\"}]}", "rejected: the API answered 400"),
      (400, "{\"errors\":[{\"extensions\":{\"code\":\"OWN\"}}]}", "rejected: the API answered 400"),
      (400, "{\"errors\":\"bad\"}", "rejected: the API answered 400"), (400, "{}", "rejected: the API answered 400"),
      (
        400, "{\"errors\":[{},{\"extensions\":{\"code\":\"THROTTLED\"}}]}",
        "unavailable: the API answered 400: GraphQL errors, THROTTLED"
      ), (500, "oops", "failed (exhausted): the API answered 500"),
      (503, errors("BAD_USER_INPUT"), "unavailable: the API answered 503"),
    ] as [(UInt16, String, String)])
  func graphQL(_ status: UInt16, _ body: String, _ expected: String) {
    #expect(Self.text(Self.outcome(status, body) { $0.body = .graphQL(GraphQLSettings()) }) == expected)
  }

  @Test(
    arguments: [
      (200, "{\"result\":1}", "accepted"), (200, "{\"result\":1,\"error\":null}", "accepted"), (204, "", "accepted"),
      (
        200, "{\"error\":{\"code\":-32602,\"message\":\"m\"}}",
        "success_rule: the API answered 200: JSON-RPC error -32602"
      ), (200, "{\"error\":{\"code\":-32600}}", "success_rule: the API answered 200: JSON-RPC error -32600"),
      (200, "{\"error\":{\"code\":-32603}}", "failed (exhausted): the API answered 200: JSON-RPC error -32603"),
      (200, "{\"error\":{\"code\":-32000}}", "failed (exhausted): the API answered 200: JSON-RPC error -32000"),
      (200, "{\"error\":{\"code\":-32099}}", "failed (exhausted): the API answered 200: JSON-RPC error -32099"),
      (200, "{\"error\":{\"code\":-32100}}", "success_rule: the API answered 200: JSON-RPC error -32100"),
      (200, "{\"error\":{\"code\":7}}", "success_rule: the API answered 200: JSON-RPC error 7"),
      (200, "{\"error\":\"bad\"}", "failed (exhausted): the API answered 200: JSON-RPC error"),
      (200, "{\"error\":{\"code\":1e2}}", "failed (exhausted): the API answered 200: JSON-RPC error"),
      (500, "{\"error\":{\"code\":-32602}}", "success_rule: the API answered 500: JSON-RPC error -32602"),
      (500, "oops", "failed (exhausted): the API answered 500"),
      (200, "ok", "failed (exhausted): the API answered 200: a response that is no JSON object"),
    ] as [(UInt16, String, String)])
  func jsonRPC(_ status: UInt16, _ body: String, _ expected: String) {
    let tree = TemplateTree.map([.init("jsonrpc", .text("2.0")), .init("method", .text("m"))])
    #expect(Self.text(Self.outcome(status, body) { $0.body = .json(tree) }) == expected)
    let other = TemplateTree.map([.init("method", .text("m"))])
    #expect(Self.outcome(200, body) { $0.body = .json(other) } == .accepted(status: 200))
  }

  @Test(
    arguments: [
      (200, "{\"choices\":[{\"message\":{\"content\":\"x\"}}]}", "accepted"),
      (200, "{\"choices\":[]}", "failed (exhausted): the API answered 200: no choices"),
      (200, "{}", "failed (exhausted): the API answered 200: no choices"),
      (
        200, "{\"error\":{\"message\":\"overloaded\"},\"choices\":[1]}",
        "failed (exhausted): the API answered 200: an error object"
      ), (200, "{\"error\":null,\"choices\":[{}]}", "accepted"),
      (200, "{\"choices\":{}}", "failed (exhausted): the API answered 200: no choices"),
      (200, "<html>", "failed (exhausted): the API answered 200: a response that is no JSON object"),
      (400, "{\"error\":{}}", "rejected: the API answered 400"),
      (429, "{\"error\":{}}", "unavailable: the API answered 429"),
    ] as [(UInt16, String, String)])
  func chat(_ status: UInt16, _ body: String, _ expected: String) {
    #expect(Self.text(Self.outcome(status, body) { $0.body = .chat(ChatSettings()) }) == expected)
    let byHand = TemplateTree.map([.init("model", .text("m")), .init("messages", .list([]))])
    #expect(Self.text(Self.outcome(status, body) { $0.body = .json(byHand) }) == expected)
  }

  /// The API has the record, says its status: of more than is kept nobody asked.
  @Test(arguments: ["{\"data\":{\"a\":\"", "{\"choices\":[1", "{}  ", "{\"error\":{}} ", "\"", "[", "a page"])
  func aResponseThatIsTooLongToBeReadIsJudgedByItsStatus(_ body: String) {
    let rpc = TemplateTree.map([.init("jsonrpc", .text("2.0"))])
    for kind in [.chat(ChatSettings()), .graphQL(GraphQLSettings()), .json(rpc)] as [BodySettings] {
      func text(_ status: UInt16) -> String {
        Self.text(Self.outcome(status, body, isCut: true) { $0.body = kind })
      }
      #expect(text(200) == "accepted")
      #expect(text(400) == "rejected: the API answered 400")
      #expect(text(500) == "failed (exhausted): the API answered 500")
    }
  }

  /// What a SOAP answer is stands at its beginning, or in no place that was kept.
  @Test(arguments: [
    (result, "accepted"),
    ("<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Header><a>x", "accepted"),
    ("<!-- x", "accepted"), ("", "accepted"),
    ("<html><body>", "failed (exhausted): the API answered 200: no SOAP answer"),
    ("{\"a\":", "failed (exhausted): the API answered 200: no SOAP answer"),
    (String(fault("Client").prefix(128)), "success_rule: the API answered 200: soap:Fault Client"),
  ])
  func aCutSOAPAnswer(_ body: String, _ expected: String) {
    let outcome = Self.outcome(200, body, isCut: true) { $0.body = .soap("<a/>", version: .v1_1) }
    #expect(Self.text(outcome) == expected)
  }

  @Test func whatTheAPISaysIsInTheLetterUnlessBodiesAreKeptOut() {
    func failure(_ excerpt: Int) -> AttemptFailure? {
      Self.outcome(500, Self.fault("Client"), excerpt: excerpt) { $0.body = .soap("<a/>", version: .v1_1) }.failure
    }
    #expect(failure(20)?.detail == "why" && failure(20)?.response.count == 20)
    #expect(failure(0)?.detail == "" && failure(0)?.response == [])
  }

  // MARK: jq

  static func rules(retry: String? = nil, refuse: String? = nil, accept: String? = nil) -> (inout DestinationSettings)
    -> Void
  {
    { settings in
      settings.response.retryWhen = retry.map { JQText($0) }
      settings.response.refuseWhen = refuse.map { JQText($0) }
      settings.response.acceptWhen = accept.map { JQText($0) }
    }
  }

  @Test(
    arguments: [
      (
        200, "{\"status\":\"error\"}",
        "success_rule: the API answered 200: refuse_when '.body.status == \"error\"' holds"
      ),
      (
        200, "{\"code\":\"busy\",\"status\":\"error\"}",
        "failed (exhausted): the API answered 200: retry_when '.body.code == \"busy\"' holds"
      ),
      (409, "{}", "accepted"),
      (
        409, "{\"status\":\"error\"}",
        "success_rule: the API answered 409: refuse_when '.body.status == \"error\"' holds"
      ), (200, "{}", "accepted"), (400, "{}", "rejected: the API answered 400"),
      (500, "{}", "failed (exhausted): the API answered 500"),
      (503, "{\"status\":\"error\"}", "unavailable: the API answered 503"), (200, "", "accepted"),
      (204, "", "accepted"),
      (200, "text", "failed (success_rule): the API answered 200: retry_when: an error"),
      (409, "[]", "failed (success_rule): the API answered 409: retry_when: an error"),
    ] as [(UInt16, String, String)])
  func rulesAreAskedInTheirOrder(_ status: UInt16, _ body: String, _ expected: String) {
    let rules = Self.rules(
      retry: ".body.code == \"busy\"", refuse: ".body.status == \"error\"", accept: ".status == 409")
    #expect(Self.text(Self.outcome(status, body, rules)) == expected)
  }

  @Test func everyStatusThatIsTheDestinationsFaultIsNotAsked() {
    for status in UInt16(200)...599 {
      let outcome = Self.outcome(status, "{}", Self.rules(accept: "true"))
      let isTheirs = ResponseRulesTests.destinationsFault.contains(status)
      #expect((outcome == .accepted(status: status)) == !isTheirs, "\(status)")
    }
    let busyIsFine = Self.outcome(503, "{}") { settings in
      settings.success = StatusSet([503...503])
      Self.rules(refuse: "true")(&settings)
    }
    #expect(Self.text(busyIsFine).hasPrefix("success_rule"))
  }

  @Test(arguments: [
    (".body == null", ""), (".body == \"plain\"", "plain"),
    (".body.a[0] == 12345678901234567890", "{\"a\":[12345678901234567890]}"), (".body == \"{\"", "{"),
    (".headers[\"x-a\"] == \"1, 2\"", ""), (".headers[\"content-type\"] == \"text/plain; a=b\"", ""),
    (".headers.empty == \"\"", ""), (".status == 200", ""), ("keys == [\"body\",\"headers\",\"status\"]", ""),
    (".headers | length == 3", ""), (".headers[\"X-A\"] == null", ""),
  ])
  func theInputIsAsTheContractHasIt(_ program: String, _ body: String) {
    let head = "X-A: 1\r\nContent-Type:\ttext/plain; a=b \r\nx-a:2\r\nEmpty:\r\n"
    let outcome = Self.outcome(200, body, head: head, Self.rules(refuse: program))
    #expect(Self.text(outcome).hasPrefix("success_rule"), "\(outcome)")
  }

  @Test func whatNoRuleHasAnAnswerForIsAFailedAttempt() {
    for program in ["empty", "error(\"x\")", ".body[0]"] {
      let outcome = Self.outcome(200, "{}", Self.rules(accept: program))
      #expect(Self.text(outcome).hasPrefix("failed (success_rule): the API answered 200: accept_when: "), "\(program)")
    }
    let cut = Self.outcome(200, "{}", isCut: true, Self.rules(accept: "true"))
    #expect(Self.text(cut).hasPrefix("failed (success_rule): the API answered 200: a response of more than 2 bytes"))
    let long = Self.outcome(200, "{}", Self.rules(refuse: String(repeating: "true or ", count: 100) + "true"))
    #expect(Self.text(long).utf8.count < 200)
  }

  @Test func aRuleComesBeforeTheBodysKind() {
    let outcome = Self.outcome(200, Self.errors("BAD_USER_INPUT")) { settings in
      settings.body = .graphQL(GraphQLSettings())
      Self.rules(accept: ".body.errors[0].extensions.code == \"BAD_USER_INPUT\"")(&settings)
    }
    #expect(outcome == .accepted(status: 200))
  }
}
