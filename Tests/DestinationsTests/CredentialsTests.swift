import HTTPWire
import Settings
import Testing

@testable import Destinations

@Suite struct CredentialsTests {
  private static func applied(
    _ auth: AuthSettings?, signing: SigningSettings? = nil, target: String = "/orders",
    token: TokenSchedule.Readiness = .pending
  ) throws -> (target: String, headers: String) {
    let settings = destination {
      $0.auth = auth
      $0.signing = signing
    }
    var credentials = try Credentials(settings, token: token)
    var request = draft("x", target: target)
    credentials.apply(to: &request, id: sampleID, milliseconds: 1_790_000_000_999)
    return (text(request.target), text(request.headers))
  }

  @Test func lines() throws {
    #expect(try Self.applied(.bearer(Secret("abc.def"))) == ("/orders", "Authorization: Bearer abc.def\r\n"))
    // RFC 7617, 2 and 2.1.
    #expect(
      try Self.applied(.basic(username: "Aladdin", password: Secret("open sesame"))).headers
        == "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n")
    #expect(
      try Self.applied(.basic(username: "test", password: Secret("123£"))).headers
        == "Authorization: Basic dGVzdDoxMjPCow==\r\n")
    #expect(try Self.applied(.apiKey(.header("X-Api-Key"), Secret("k 1"))).headers == "X-Api-Key: k 1\r\n")
    #expect(try Self.applied(nil) == ("/orders", ""))
    let credentials = try Credentials(destination { $0.auth = .bearer(Secret("abc.def")) })
    #expect(credentials.lines == Array("Authorization: Bearer abc.def\r\n".utf8) && credentials.readiness == .ready)
  }

  @Test func keysInTheQuery() throws {
    let key = AuthSettings.apiKey(.query("api key"), Secret("a+b&c=ü"))
    #expect(try Self.applied(key) == ("/orders?api%20key=a%2Bb%26c%3D%C3%BC", ""))
    #expect(try Self.applied(key, target: "/o?a=1").target == "/o?a=1&api%20key=a%2Bb%26c%3D%C3%BC")
  }

  @Test func tokens() throws {
    let auth = AuthSettings.oauth2(OAuth2Settings())
    let token = TokenSchedule.Readiness.ready(AccessToken("t0k", lifetimeSeconds: nil))
    #expect(try Self.applied(auth, token: token).headers == "Authorization: Bearer t0k\r\n")
    let settings = destination { $0.auth = auth }
    #expect(try Credentials(settings, token: token).readiness == .ready)
    #expect(try Credentials(settings, token: .pending).readiness == .pending)
    #expect(try Credentials(settings, token: .unavailable("down")).readiness == .unavailable("down"))
  }

  @Test func signedBeforeItIsLetIn() throws {
    var hmac = HMACSettings()
    (hmac.header, hmac.secret) = ("X-Signature", Secret("s"))
    let (_, headers) = try Self.applied(.bearer(Secret("t")), signing: .hmac(hmac))
    #expect(headers.hasPrefix("X-Signature: ") && headers.hasSuffix("\r\nAuthorization: Bearer t\r\n"))
  }

  @Test(arguments: [
    AuthSettings.bearer(Secret("a\r\nX: b")), .bearer(Secret("")), .bearer(Secret("schlüssel")),
    .bearer(Secret("a\nb")),
    .bearer(Secret(" a")), .bearer(Secret("a ")), .basic(username: "a:b", password: Secret("c")),
    .apiKey(.header("X-Key"), Secret("a\u{0}b")), .apiKey(.query("key"), Secret("")),
  ])
  func unusable(_ auth: AuthSettings) {
    #expect(throws: CredentialProblem.self) { _ = try Credentials(destination { $0.auth = auth }) }
  }

  @Test func nothingIsPrinted() throws {
    let settings = destination {
      $0.auth = .bearer(Secret("hunter2"))
      $0.signing = .standardWebhooks(secrets: [Secret("aHVudGVyMg==")])
    }
    let credentials = try Credentials(settings)
    var dumped = ""
    dump(credentials, to: &dumped)
    dump(AccessToken("hunter2", lifetimeSeconds: 1), to: &dumped)
    dump(settings.signing, to: &dumped)
    #expect(!dumped.contains("hunter2") && !dumped.contains("aHVu"), "\(dumped)")
    #expect("\(credentials) \(AccessToken("hunter2", lifetimeSeconds: 1))" == "<secret> <secret>")
  }
}
