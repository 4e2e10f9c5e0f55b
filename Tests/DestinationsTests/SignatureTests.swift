import Destinations
import HTTPWire
import Payload
import Settings
import Testing

/// A finished request, as the steps before would leave it.
func draft(
  _ body: String, target: String = "/orders", headers: [(String, String)] = [], method: StaticString = "POST"
) -> RequestDraft {
  var draft = RequestDraft()
  draft.method = method
  draft.target.append(target)
  draft.body.append(body)
  for (name, value) in headers { draft.addHeader(name, value) }
  return draft
}

func text(_ buffer: ByteBuffer) -> String { unsafe buffer.withBytes { unsafe String(decoding: $0, as: UTF8.self) } }

let sampleIDs = RecordIDs(cluster: "c", topic: "orders", partition: 0)
/// Of `c/orders/0` and 42: `orr33rvxxdui3wd2y6gweiels4pfkrnu`.
let sampleID = sampleIDs.id(ofOffset: 42)

@Suite struct SignatureTests {
  private static let first = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
  private static let second = Secret("YW5vdGhlciBzZWNyZXQgb2YgMjcgYnl0ZXMh")

  /// Both signatures are what PyPI's `standardwebhooks` 1.1.0 makes of the same id, time and body.
  @Test func standardWebhooksWithTwoSecrets() throws {
    let signer = try RequestSigner(.standardWebhooks(secrets: [Self.first, Self.second])) { $0.expose() }
    var request = draft(#"{"id": 7, "name": "Größe"}"#)
    signer.sign(&request, id: sampleID, seconds: 1_790_000_000)
    #expect(
      text(request.headers)
        == "webhook-id: orr33rvxxdui3wd2y6gweiels4pfkrnu\r\nwebhook-timestamp: 1790000000\r\n"
        + "webhook-signature: v1,DZN9Lkipbljl+hx1RfLQCqUlbBNr27tdoBXc4YjWnl4="
        + " v1,EvJUqIBy+PcNAFcZQsUGQsGvRsTz95Oop/T3fIu8nWM=\r\n")
    #expect("\(signer)" == "<secret>")
  }

  @Test(arguments: ["whsec_", "whsec_a", "whsec_%%%%", "", "plain secret"]) func noWebhookSecret(_ text: String) {
    #expect(throws: CredentialProblem("a signing secret is not 'whsec_' and Base64")) {
      _ = try RequestSigner(.standardWebhooks(secrets: [Secret(text)])) { $0.expose() }
    }
  }

  /// Of Python's hmac, key `känguru`.
  @Test(arguments: [
    (HMACSettings.Algorithm.sha1, HMACSettings.Encoding.hex, "1e0ba3efcb0d60dfb64ffc53fe9746e328d151ae"),
    (.sha256, .hex, "fe4db267173df986edf8444010475efca5eb8f86e2e10a4f00cb7a20d875bfc6"),
    (.sha256, .base64, "/k2yZxc9+Ybt+ERAEEde/KXrj4bi4QpPAMt6INh1v8Y="),
    (
      .sha512, .base64,
      "aRcrWOTgrHmmbwh0gjD7p5WZwCEyV/vkhyXn827F2+THx2YTWAGU0AzKckrCivU19kN9+6HGZg/mNUgcAinKRQ=="
    ),
  ])
  func bodyCode(_ algorithm: HMACSettings.Algorithm, _ encoding: HMACSettings.Encoding, _ code: String) throws {
    var settings = HMACSettings()
    (settings.header, settings.algorithm, settings.encoding) = ("X-Hub-Signature-256", algorithm, encoding)
    (settings.prefix, settings.secret) = ("sha=", Secret("känguru"))
    let signer = try RequestSigner(.hmac(settings)) { $0.expose() }
    var request = draft(#"{"id": 7}"#)
    signer.sign(&request, id: sampleID, seconds: 0)
    #expect(text(request.headers) == "X-Hub-Signature-256: sha=\(code)\r\n")
  }

  @Test func theSecretOfNowSigns() throws {
    let signer = try RequestSigner(.standardWebhooks(secrets: [Secret("old", path: "/run/secrets/s")])) { secret in
      secret.path == "/run/secrets/s" ? Self.first.expose() : secret.expose()
    }
    var request = draft(#"{"id": 7, "name": "Größe"}"#)
    signer.sign(&request, id: sampleID, seconds: 1_790_000_000)
    #expect(text(request.headers).contains("v1,DZN9Lkipbljl+hx1RfLQCqUlbBNr27tdoBXc4YjWnl4=\r\n"))
  }
}

/// Authorization headers that botocore 1.44.5 makes of the same requests.
@Suite struct SigV4Tests {
  private static func signer(_ service: String, _ region: String, host: String, token: String? = nil) throws
    -> SigV4Signer
  {
    var settings = SigV4Settings()
    (settings.service, settings.region) = (service, region)
    settings.accessKeyID = Secret("AKIDEXAMPLE")
    settings.secretAccessKey = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    settings.sessionToken = token.map { Secret($0) }
    return try SigV4Signer(settings, host: host) { $0.expose() }
  }

  private static func authorization(_ request: RequestDraft) -> String {
    text(request.headers).split(separator: "\r\n").last.map(String.init) ?? ""
  }

  @Test func aGateway() throws {
    var signer = try Self.signer("execute-api", "eu-central-1", host: "api.example.com")
    var request = draft(
      #"{"id": 7}"#, target: "/prod/orders",
      headers: [("Host", "api.example.com"), ("Content-Type", "application/json")])
    signer.sign(&request, milliseconds: 1_790_000_000_123)
    #expect(
      Self.authorization(request)
        == "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260921/eu-central-1/execute-api/aws4_request, "
        + "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, "
        + "Signature=f508eb30f4a56a1e1da3ee1f9e10b355bb202ea8cf0443ca810d086f6d1c9309")
    #expect(text(request.headers).contains("\r\nX-Amz-Date: 20260921T141320Z\r\n"))
    #expect("\(signer)" == "<secret>")
  }

  @Test func strangePathQueryAndHeaders() throws {
    var signer = try Self.signer(
      "execute-api", "us-east-1", host: "api.example.com:8443", token: "FwoGZXIvYXdzEB==/token")
    var request = draft(
      "", target: "/a%20b/./x//y/../%C3%A9/?b=2&a=1&a=0&flag&c=%2B",
      headers: [("Content-Type", "text/plain;  charset=utf-8  "), ("X-Other", "not signed")])
    signer.sign(&request, milliseconds: 1_790_000_000_000)
    let line = Self.authorization(request)
    #expect(line.contains("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token,"))
    #expect(line.hasSuffix("Signature=3207cf07c31b4e6e40bae1c3304544d159fc9da80b0dd7a65bf0d379f11473a3"))
    #expect(text(request.headers).contains("\r\nX-Amz-Security-Token: FwoGZXIvYXdzEB==/token\r\n"))
  }

  @Test func storageTakesThePathAsItStands() throws {
    var signer = try Self.signer("s3", "eu-west-1", host: "bucket.s3.eu-west-1.amazonaws.com")
    var request = draft(
      "", target: "/a%20b//c~d/%E2%82%AC?x-id=PutObject", headers: [("Content-Type", "application/octet-stream")],
      method: "PUT")
    request.body.append([0, 0xff])
    signer.sign(&request, milliseconds: 1_767_225_599_999)
    #expect(
      Self.authorization(request).hasSuffix("=09a3d368ece3418337955821048e12c6673a533f3ff772d9c088147a77f92c8b"))
  }

  @Test func everyAmazonHeaderIsSignedAndAnotherDayHasAnotherKey() throws {
    var signer = try Self.signer("dynamodb", "us-west-2", host: "dynamodb.us-west-2.amazonaws.com")
    for (time, signature) in [
      (1_582_934_400_000, "=bf8d094ba3e7b16cb9ce8072a1f6f7637dccea089118eca337c3d4e342a60e2d"),
      (1_790_000_000_000, nil),
      (1_582_934_400_000, "=bf8d094ba3e7b16cb9ce8072a1f6f7637dccea089118eca337c3d4e342a60e2d"),
    ] as [(Int64, String?)] {
      var request = draft(
        "{}", target: "/",
        headers: [("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "DynamoDB_20120810.PutItem")])
      signer.sign(&request, milliseconds: time)
      #expect(Self.authorization(request).contains(";x-amz-target,"))
      if let signature { #expect(Self.authorization(request).hasSuffix(signature)) }
    }
  }

  @Test func nothingButDots() throws {
    var signer = try Self.signer("execute-api", "us-east-1", host: "api.example.com")
    var request = draft("", target: "/..", method: "GET")
    request.hasBody = false
    signer.sign(&request, milliseconds: 1_790_000_000_000)
    #expect(
      Self.authorization(request).hasSuffix("=f1e2915e9091f7ef40412dbc2d9859d2b6b02ce469874ec4a8bb060104b41a25"))
  }

  @Test(arguments: [("", "k", nil), ("A B", "k", nil), ("A", "", nil), ("A", "k", "a\r\nb"), ("A/B", "k", nil)])
  func unusable(_ id: String, _ key: String, _ token: String?) {
    var settings = SigV4Settings()
    (settings.accessKeyID, settings.secretAccessKey) = (Secret(id), Secret(key))
    settings.sessionToken = token.map { Secret($0) }
    #expect(throws: CredentialProblem.self) { _ = try SigV4Signer(settings, host: "h") { $0.expose() } }
  }
}
