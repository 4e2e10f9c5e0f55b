/// A login while it is read: one kind of it.
struct AuthDraft: Sendable {
  struct Basic: Sendable {
    var username = ""
    var password = Secret("")
  }
  struct APIKey: Sendable {
    var header: String?
    var query: String?
    var value = Secret("")
  }

  var bearer: Secret?
  var basic: Basic?
  var apiKey: APIKey?
  var oauth2: OAuth2Draft?
  var sigv4: SigV4Draft?

  static let kinds = ["bearer", "basic", "api_key", "oauth2", "sigv4"]

  /// The keys of `auth`.
  static let fields: [Field<AuthDraft>] = [
    Field(
      kind: "bearer", \.bearer, .secret(example: "{env: CRM_TOKEN}", problem: HeaderSecret.problem), blank: Secret(""),
      "a token, sent as Authorization: Bearer"),
    Field(
      kind: "basic", \.basic,
      .map(Basic.fields, example: "{ username: bridge, password: {env: CRM_PASSWORD} }"), blank: Basic(),
      "user and password, sent as Authorization: Basic"),
    Field(
      kind: "api_key", \.apiKey,
      .map(APIKey.fields, example: "{ header: X-Api-Key, value: {env: CRM_KEY} }", rule: APIKey.check)
        .ofKinds(APIKey.kinds), blank: APIKey(),
      "a key, sent in a header or in the query"),
    Field(
      kind: "oauth2", \.oauth2,
      .map(
        OAuth2Draft.fields,
        example: "{ token_url: https://id.example.com/token, client_id: bridge, client_secret: {env: CRM_SECRET} }",
        rule: OAuth2Draft.check), blank: OAuth2Draft(), "a token from an OAuth 2.0 server, by client credentials"),
    Field(
      kind: "sigv4", \.sigv4,
      .map(SigV4Draft.fields, example: "{ service: execute-api, region: eu-central-1 }", rule: SigV4Draft.check),
      blank: SigV4Draft(), "AWS Signature Version 4"),
  ]

  init(_ settings: AuthSettings? = nil) {
    switch settings {
    case nil: break
    case .bearer(let token): bearer = token
    case .basic(let username, let password): basic = Basic(username: username, password: password)
    case .apiKey(.header(let name), let value): apiKey = APIKey(header: name, query: nil, value: value)
    case .apiKey(.query(let name), let value): apiKey = APIKey(header: nil, query: name, value: value)
    case .oauth2(let settings): oauth2 = OAuth2Draft(settings: settings)
    case .sigv4(let settings): sigv4 = SigV4Draft(settings)
    }
  }

  /// `nil` for none, which is an error of its own.
  var settings: AuthSettings? {
    if let bearer { return .bearer(bearer) }
    if let basic { return .basic(username: basic.username, password: basic.password) }
    if let apiKey {
      let place = apiKey.header.map { APIKeyPlace.header($0) } ?? apiKey.query.map { .query($0) }
      return place.map { .apiKey($0, apiKey.value) }
    }
    if let oauth2 { return .oauth2(oauth2.settings) }
    return sigv4.map { .sigv4($0.settings) }
  }
}

extension ValueType where Value == AuthSettings? {
  /// A map with one kind of login, or null for none.
  static var auth: ValueType {
    let example = "{ bearer: {env: CRM_TOKEN} }"
    let map = ValueType<AuthDraft>.map(AuthDraft.fields, example: example) { node, _, reader in
      OneKind.check(node, AuthDraft.kinds, what: "a login", &reader)
    }.ofKinds(AuthDraft.kinds)
    return ValueType(
      expected: map.expected, example: example,
      describe: { .orNull(map.describe(AuthDraft($0))) },
      write: { $0.map { map.write(AuthDraft($0)) } ?? .null }
    ) { node, _, reader in
      if node.isNull { return .some(nil) }
      return map.read(node, AuthDraft(), &reader)?.settings.map { .some($0) }
    }
  }
}

extension AuthDraft.Basic {
  /// The keys of `auth.basic`.
  fileprivate static let fields: [Field<AuthDraft.Basic>] = [
    Field(
      "username", \.username,
      .checked("text", example: "bridge", pattern: "^[^:\\x00-\\x1f]+$") { name in
        if name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "a control character in a user's name" }
        return name.utf8.contains(UInt8(ascii: ":")) ? "a ':' in a user's name, where the password would begin" : nil
      }, required: true, "the user's name"),
    Field("password", \.password, .secret(example: "{env: CRM_PASSWORD}"), required: true, "the user's password"),
  ]
}

extension AuthDraft.APIKey {
  fileprivate static let kinds = ["header", "query"]

  /// The keys of `auth.api_key`.
  fileprivate static let fields: [Field<AuthDraft.APIKey>] = [
    Field(kind: "header", \.header, .headerName(example: "X-Api-Key"), blank: "", "the header it is sent in"),
    Field(kind: "query", \.query, .text(example: "key"), blank: "", "the query parameter it is sent in"),
    Field(
      "value", \.value, .secret(example: "{env: CRM_KEY}", problem: HeaderSecret.problem), required: true,
      "the key itself"),
  ]

  fileprivate static func check(_ node: Node, _ draft: inout AuthDraft.APIKey, _ reader: inout Reader) {
    OneKind.check(node, kinds, and: ["value"], what: "an API key's place", &reader)
  }
}

extension ValueType where Value == String {
  /// Of a header that the client does not set.
  static func headerName(example: String) -> ValueType {
    ValueType(
      expected: "a header's name", example: example, shape: .text(pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"),
      write: { .text($0) }
    ) { node, _, reader in
      guard let name = reader.text(node, expected: "a header's name", example: example) else { return nil }
      guard let refusal = HeaderRules.refusal(ofName: name) else { return name }
      reader.log.error(refusal.message, hint: refusal.hint, at: node.place)
      return nil
    }
  }
}

/// Secrets that are sent in a header.
enum HeaderSecret {
  /// Says nothing of the secret.
  static func problem(_ text: String) -> String? {
    if text.utf8.count > 8192 { return "a secret for a header of more than 8192 bytes" }
    if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "a control character in a secret for a header" }
    let hasSpaces = text.utf8.first == 0x20 || text.utf8.last == 0x20
    return hasSpaces ? "a space at the start or the end of a secret for a header" : nil
  }
}
