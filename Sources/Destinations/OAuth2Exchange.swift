package import HTTPWire
import Payload
package import Settings

/// The client credentials grant (RFC 6749, 4.4): one request, and what its answer says.
package struct OAuth2Exchange: Sendable, CustomReflectable, CustomStringConvertible {
  private let request: [UInt8]
  private let secret: String
  private let host: String

  /// - Parameter expose: gives a secret's present text.
  package init(_ settings: OAuth2Settings, expose: (Secret) -> String) throws(CredentialProblem) {
    secret = expose(settings.clientSecret)
    guard !secret.isEmpty else { throw CredentialProblem("an empty client secret") }
    host = settings.tokenURL.hostHeader
    var body = ByteBuffer()
    var fields = [("grant_type", "client_credentials")]
    if let scope = settings.scope { fields.append(("scope", scope)) }
    if let audience = settings.audience { fields.append(("audience", audience)) }
    fields += settings.parameters.map { ($0.name, $0.value) }
    if settings.secretIn == .body { fields += [("client_id", settings.clientID), ("client_secret", secret)] }
    for (i, field) in fields.enumerated() {
      if i > 0 { body.append("&") }
      body.append(form: field.0)
      body.append("=")
      body.append(form: field.1)
    }
    var text = ByteBuffer()
    text.append("POST \(settings.tokenURL.target) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: topictee\r\n")
    text.append("Accept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\n")
    if settings.secretIn == .header {
      // 2.3.1: both are forms' text before they become a name and a password. A blank as `%20`: some servers read a plus
      // as a plus, none reads this otherwise.
      var pair = ByteBuffer()
      pair.append(percentEncoded: settings.clientID, except: .unreserved)
      pair.append(":")
      pair.append(percentEncoded: secret, except: .unreserved)
      text.append("Authorization: Basic ")
      unsafe pair.withBytes { unsafe text.append(base64: $0) }
      text.append("\r\n")
    }
    text.append("Content-Length: ")
    text.append(decimal: body.count)
    text.append("\r\n\r\n")
    unsafe body.withBytes { unsafe text.append($0) }
    request = unsafe text.withBytes { unsafe Array($0) }
  }

  /// Appends the whole request.
  package func render(into buffer: inout ByteBuffer) { buffer.append(request) }

  /// Whether both ask for the same token.
  package func isSame(as other: OAuth2Exchange) -> Bool { request == other.request }

  // MARK: Answers

  /// What is read of an answer; real ones have a few KiB.
  package static let bodyBytesMax = 65_536
  static let tokenBytesMax = 32_768

  /// The token of an answer. A redirect is not followed: the secret would go wherever it says.
  package func token(from result: ExchangeResult.Result) -> Result<AccessToken, TokenFailure> {
    switch result {
    case .response(let response):
      (200..<300).contains(response.status) ? token(from: response) : .failure(refusal(response))
    case .timeout: failure("no answer in time")
    case .cutAfterSend(let message), .unreachable(let message), .malformed(let message), .addressRefused(let message):
      failure(message)
    case .stale: failure("the connection was closed")
    }
  }

  private func token(from response: HTTPResponse) -> Result<AccessToken, TokenFailure> {
    guard !response.isBodyCut, let fields = TokenFields(response.body) else {
      return failure("its answer is no JSON object of at most 64 KiB")
    }
    guard let token = fields.accessToken else { return failure("its answer has no access_token") }
    // RFC 6750, 2.1: anything else would not survive in a header.
    guard token.utf8.count <= Self.tokenBytesMax, HeaderText.isSafe(token), !token.utf8.contains(0x20) else {
      return failure("its access_token holds a character that no header may have, or is too long")
    }
    guard fields.tokenType.map({ $0.lowercased() == "bearer" }) ?? true else {
      return failure("its token is not of the type 'bearer'")
    }
    return .success(AccessToken(token, lifetimeSeconds: fields.lifetimeSeconds))
  }

  private func refusal(_ response: HTTPResponse) -> TokenFailure {
    var words = "it answered \(response.status)"
    let fields = TokenFields(response.body)
    for text in [fields?.error, fields?.errorDescription].compactMap({ $0 }) where !text.isEmpty {
      words += (words.contains(":") ? ", " : ": ") + shown(text)
    }
    return TokenFailure("the token server \(host): \(words)", retryAfterSeconds: response.retryAfterSeconds)
  }

  private func failure(_ words: String) -> Result<AccessToken, TokenFailure> {
    .failure(TokenFailure("the token server \(host): \(words)"))
  }

  /// A server's words: short, printable, and without the secret, should it repeat what it was sent.
  private func shown(_ text: String) -> String {
    let clean = PlainText.clean(text.replacing(secret, with: "***"))
    return clean.count <= 200 ? clean : clean.prefix(200) + "…"
  }

  package var description: String { "<secret>" }
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// What matters in the JSON of an answer (RFC 6749, 5.1 and 5.2).
private struct TokenFields {
  var accessToken: String?
  var tokenType: String?
  var lifetimeSeconds: Double?
  var error: String?
  var errorDescription: String?

  /// Nil for what is no JSON object.
  init?(_ body: [UInt8]) {
    let document = JSONDocument()
    guard unsafe body.withUnsafeBytes({ unsafe document.read(copying: $0) }), document.root?.kind == .object else {
      return nil
    }
    accessToken = Self.text("access_token", in: document)
    tokenType = Self.text("token_type", in: document)
    error = Self.text("error", in: document)
    errorDescription = Self.text("error_description", in: document)
    // A number; some servers write it as a string.
    lifetimeSeconds = Self.text("expires_in", in: document, or: .number).flatMap { Double($0) }
  }

  private static func text(
    _ name: String, in document: JSONDocument, or other: JSONDocument.Kind = .string
  ) -> String? {
    guard let value = document.find(JSONPath([name])), value.kind == .string || value.kind == other else { return nil }
    return unsafe document.withText(of: value) { text in
      guard let text = unsafe text else { return nil }
      return unsafe String(decoding: text, as: UTF8.self)
    }
  }
}
