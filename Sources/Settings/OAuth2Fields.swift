/// OAuth 2.0 while it is read.
struct OAuth2Draft: Sendable {
  var settings = OAuth2Settings()

  /// The keys of `auth.oauth2`.
  static let fields: [Field<OAuth2Draft>] = [
    Field(
      "token_url", \.settings.tokenURL, .literalURL(example: "https://id.example.com/token"), required: true,
      "where tokens are asked for"),
    Field("client_id", \.settings.clientID, .text(example: "bridge"), required: true, "the client's name"),
    Field(
      "client_secret", \.settings.clientSecret, .secret(example: "{env: CRM_SECRET}"), required: true,
      "the client's secret"),
    Field("scope", \.settings.scope, .optional(.text(example: "orders.write"), blank: ""), "what the token is for"),
    Field("audience", \.settings.audience, .optional(.text(example: "crm"), blank: ""), "whom the token is for"),
    Field("parameters", \.settings.parameters, .tokenParameters, "further parameters of the request for a token"),
    Field(
      "secret_in", \.settings.secretIn, .choice,
      "whether the client's secret is sent as basic authorization or in the body"
    ),
    Field(
      "tls", \.settings.tls,
      .map(DestinationTLS.fields, example: "{ ca: /etc/id-ca.pem }") {
        ClientCertificate.check($0, cert: $1.cert, key: $1.key, &$2)
      }, "TLS to the token server"),
  ]

  static func check(_ node: Node, _ draft: inout OAuth2Draft, _ reader: inout Reader) {
    let url = draft.settings.tokenURL
    guard let place = node["token_url"]?.place, url != .unset, !url.isTLS, url.unixPath == nil else { return }
    guard !LoopbackText.isLoopback(url.host) else { return }
    reader.log.warning(
      "a client's secret over http", hint: "anyone on the way can read it; use https", at: place)
  }
}

/// Hosts that are this machine.
enum LoopbackText {
  static func isLoopback(_ host: String) -> Bool {
    let host = host.lowercased()
    return host == "localhost" || host.hasSuffix(".localhost") || host == "::1"
      || (host.hasPrefix("127.") && AddressText.isIPv4(host))
  }
}

extension ValueType where Value == EndpointURL {
  /// A URL that is the same for every record.
  static func literalURL(example: String) -> ValueType {
    ValueType(
      expected: "a URL", example: example, shape: .text(pattern: #"^(https?|http\+unix)://[^\s#@{}]+$"#),
      write: { .text(SecretMask.url($0.text)) }
    ) { node, _, reader in
      guard let text = reader.text(node, expected: "a URL", example: example) else { return nil }
      do throws(EndpointURLProblem) {
        return try EndpointURL.parse(text)
      } catch {
        reader.log.error(error.message, hint: error.hint, at: node.place)
        return nil
      }
    }
  }
}

extension ValueType where Value == [(name: String, value: String)] {
  /// What the request for a token has besides what the table's other keys set.
  static var tokenParameters: ValueType {
    let (expected, example) = ("a map of parameters", "{ resource: https://crm.example.com }")
    let own = [
      "grant_type": "it is client_credentials", "client_id": "set client_id", "client_secret": "set client_secret",
      "scope": "set scope", "audience": "set audience",
    ]
    return ValueType(
      expected: expected, example: example,
      shape: .named(
        NamedEntries(
          what: "parameter", pattern: "^[^\\x00-\\x1f]+$", refused: own.keys.sorted(), underscore: "_", item: .scalar)),
      write: { .map($0.map { PlainValue.Entry($0.name, SecretMask.value($0.value, ofKey: $0.name)) }) }
    ) { node, _, reader in
      guard let entries = reader.entries(node, expected: expected, example: example) else { return nil }
      var all: [(name: String, value: String)] = []
      for entry in entries {
        let name = PlainText.quoted(entry.key)
        if let why = own[entry.key] {
          reader.log.error("the parameter \(name) cannot be set here", hint: why, at: entry.keyPlace)
        } else if entry.key.isEmpty || entry.key.utf8.contains(where: { $0 < 0x20 }) {
          reader.log.error("\(name) is no parameter's name", hint: "for example: \(example)", at: entry.keyPlace)
        } else if let value = reader.scalar(entry.value, expected: "a parameter's value", example: example) {
          all.append((entry.key, value))
        }
      }
      return all
    }
  }
}
