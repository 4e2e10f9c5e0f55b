import HTTPWire
import Settings
import Testing

@testable import Destinations

@Suite struct OAuth2ExchangeTests {
  private static func exchange(_ change: (inout OAuth2Settings) -> Void = { _ in }) throws -> OAuth2Exchange {
    var settings = OAuth2Settings()
    settings.tokenURL = EndpointURL(
      isTLS: true, host: "id.example", port: 443, target: "/oauth/token?v=1", hostHeader: "id.example",
      text: "https://id.example/oauth/token?v=1")
    (settings.clientID, settings.clientSecret) = ("bridge", Secret("s3cret"))
    change(&settings)
    return try OAuth2Exchange(settings) { $0.expose() }
  }

  private static func request(_ exchange: OAuth2Exchange) -> String {
    var buffer = ByteBuffer()
    exchange.render(into: &buffer)
    return text(buffer)
  }

  @Test func secretInTheHeader() throws {
    let exchange = try Self.exchange {
      $0.scope = "orders.write orders.read"
      $0.audience = "crm&erp"
      $0.parameters = [("resource", "urn:x y"), ("ü", "")]
    }
    #expect(
      Self.request(exchange) == """
        POST /oauth/token?v=1 HTTP/1.1\r
        Host: id.example\r
        User-Agent: topictee\r
        Accept: application/json\r
        Content-Type: application/x-www-form-urlencoded\r
        Authorization: Basic YnJpZGdlOnMzY3JldA==\r
        Content-Length: 106\r
        \r
        grant_type=client_credentials&scope=orders.write+orders.read&audience=crm%26erp&resource=urn%3Ax+y&%C3%BC=
        """)
    #expect("\(exchange)" == "<secret>")
  }

  /// RFC 6749, 2.3.1 and appendix B, whose example is ` %&+£€`; the blank in the form that every server reads.
  @Test func bothAreFormsTextBeforeTheyAreBasic() throws {
    let exchange = try Self.exchange { ($0.clientID, $0.clientSecret) = ("a:b", Secret(" %&+£€")) }
    // a%3Ab:%20%25%26%2B%C2%A3%E2%82%AC
    #expect(
      Self.request(exchange).contains("\r\nAuthorization: Basic YSUzQWI6JTIwJTI1JTI2JTJCJUMyJUEzJUUyJTgyJUFD\r\n"))
  }

  @Test func secretInTheBody() throws {
    let text = Self.request(try Self.exchange { $0.secretIn = .body })
    #expect(!text.contains("Authorization"))
    #expect(text.hasSuffix("\r\n\r\ngrant_type=client_credentials&client_id=bridge&client_secret=s3cret"))
  }

  @Test func sameRequestsAskForTheSameToken() throws {
    #expect(try Self.exchange().isSame(as: Self.exchange()))
    #expect(try Self.exchange().isSame(as: Self.exchange { $0.scope = "x" }) == false)
    #expect(throws: CredentialProblem("an empty client secret")) {
      _ = try Self.exchange { $0.clientSecret = Secret("") }
    }
  }

  // MARK: Answers

  private static func answer(_ body: String, status: UInt16 = 200, _ change: (inout HTTPResponse) -> Void = { _ in })
    throws -> Result<AccessToken, TokenFailure>
  {
    var response = HTTPResponse(status: status)
    response.body = Array(body.utf8)
    change(&response)
    return try exchange().token(from: .response(response))
  }

  @Test(
    arguments: [
      (#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"example"}"#, nil),
      (
        #"{"access_token":"a.b-c","token_type":"Bearer","expires_in":3600}"#,
        AccessToken("a.b-c", lifetimeSeconds: 3_600)
      ),
      (#"{"access_token":"a","expires_in":"300","x":{"access_token":"b"}}"#, AccessToken("a", lifetimeSeconds: 300)),
      (#"{"access_token":"a","expires_in":null,"token_type":null}"#, AccessToken("a", lifetimeSeconds: nil)),
      (#"{"access_token":"a","expires_in":1e3}"#, AccessToken("a", lifetimeSeconds: 1_000)),
      (#"{"access_token":"a","expires_in":"soon"}"#, AccessToken("a", lifetimeSeconds: nil)),
      (#"{"access_token":"a","expires_in":[1]}"#, AccessToken("a", lifetimeSeconds: nil)),
      ("", nil), ("[]", nil), ("\"a\"", nil), ("{", nil), (#"{"token":"a"}"#, nil), (#"{"access_token":7}"#, nil),
      (#"{"access_token":""}"#, nil), (#"{"access_token":"a\r\nX: b"}"#, nil), (#"{"access_token":"a b"}"#, nil),
      (#"{"access_token":"é"}"#, nil), (#"{"access_token":"\ud800"}"#, nil),
      ("{\"access_token\":\"\(String(repeating: "a", count: 32_769))\"}", nil),
    ] as [(String, AccessToken?)])
  func tokens(_ body: String, _ token: AccessToken?) throws { #expect(try Self.answer(body).token == token) }

  /// One line for people, bounded, without control characters, and without the secret that a server might repeat.
  @Test func refusals() throws {
    let where_ = "the token server id.example: "
    #expect(
      try Self.answer(
        #"{"error":"invalid_client","error_description":"no client \"bridge\" with s3cret\n"}"#, status: 401
      )
      .failure?.message == where_ + "it answered 401: invalid_client, no client \"bridge\" with ***?")
    #expect(try Self.answer("<html>", status: 502).failure?.message == where_ + "it answered 502")
    let long =
      try Self.answer("{\"error\":\"\(String(repeating: "e", count: 5_000))\"}", status: 400).failure?.message ?? ""
    #expect(long.count < 300 && long.hasSuffix("e…"))
    let later = try Self.answer("", status: 429) { $0.retryAfterSeconds = 17 }
    #expect(later.failure == TokenFailure(where_ + "it answered 429", retryAfterSeconds: 17))
    // A redirect is not followed.
    #expect(try Self.answer(#"{"access_token":"a"}"#, status: 302).failure?.message == where_ + "it answered 302")
    #expect(try Self.answer(#"{"access_token":"a"}"#, status: 201).token != nil)
    #expect(
      try Self.answer(#"{"access_token":"a"}"#) { $0.isBodyCut = true }.failure?.message
        == where_ + "its answer is no JSON object of at most 64 KiB")
  }

  @Test func noAnswer() throws {
    let exchange = try Self.exchange()
    let results: [(ExchangeResult.Result, String)] = [
      (.timeout, "no answer in time"), (.unreachable("connect: refused"), "connect: refused"),
      (.cutAfterSend("reset"), "reset"), (.malformed("bad version"), "bad version"),
      (.stale, "the connection was closed"),
    ]
    for (result, words) in results {
      #expect(exchange.token(from: result).failure?.message == "the token server id.example: \(words)")
    }
  }
}

extension Result where Success == AccessToken, Failure == TokenFailure {
  fileprivate var token: AccessToken? { if case .success(let token) = self { token } else { nil } }
  fileprivate var failure: TokenFailure? { if case .failure(let failure) = self { failure } else { nil } }
}
