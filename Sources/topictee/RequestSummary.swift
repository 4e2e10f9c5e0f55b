import Settings

/// What `topictee check` says of a destination's requests: of each thing that a file can ask for, its kind and no value.
enum RequestSummary {
  /// What is as it is by default is left out, but for the body.
  static func lines(_ one: DestinationSettings) -> [(name: String, text: String)] {
    var lines: [(name: String, text: String)] = []
    if let when = one.when { lines.append(("gets", "records for which \(OneLine.of(when.program, max: 100))")) }
    if !one.isRequired { lines.append(("required", "no: no commit waits for it")) }
    lines.append(("body", body(of: one)))
    if let events = one.cloudEvents { lines.append(("events", "CloudEvents, \(events.mode.rawValue)")) }
    if let batch = one.batch {
      let most = "\(batch.records) records or \(SizeText.write(batch.bytes))"
      lines.append(("batch", "\(batch.format.rawValue), up to \(most), within \(DurationText.write(batch.wait))"))
    }
    if let auth = one.auth { lines.append(("auth", login(auth))) }
    if let signing = one.signing { lines.append(("signed", signature(signing))) }
    if let proxy = proxy(one.proxy) { lines.append(("proxy", proxy)) }
    if let network = network(one) { lines.append(("network", network)) }
    return lines
  }

  /// In the order in which they are asked.
  static func rules(_ response: ResponseRuleSettings) -> [String] {
    let rules = [
      ("retry_when", response.retryWhen), ("refuse_when", response.refuseWhen), ("accept_when", response.acceptWhen),
    ]
    return rules.compactMap { name, program in program.map { "\(name) \(OneLine.of($0.program, max: 100))" } }
  }

  private static func body(of one: DestinationSettings) -> String {
    if one.method == .get || one.method == .delete && one.body == .raw { return "none" }
    let kind =
      switch one.body {
      case .raw: "the record's value, byte for byte"
      case .json: "JSON by a template"
      case .soap(_, let version): "SOAP \(version.rawValue)"
      case .graphQL: "GraphQL"
      case .form: "a form"
      case .text: "text by a template"
      case .chat(let chat): "a chat completion by \(OneLine.of(chat.model, max: 100))"
      case .jq: "what jq makes of the record"
      }
    return one.compressesBody ? "\(kind), gzip" : kind
  }

  private static func login(_ auth: AuthSettings) -> String {
    switch auth {
    case .bearer: "a bearer token"
    case .basic(let username, _): "basic, as \(OneLine.of(username, max: 100))"
    case .apiKey(.header(let name), _): "an API key in the header \(name)"
    case .apiKey(.query(let name), _): "an API key in the query's \(OneLine.of(name, max: 100))"
    case .oauth2(let oauth2):
      "OAuth 2.0 at \(SecretMask.url(oauth2.tokenURL.text)), as \(OneLine.of(oauth2.clientID, max: 100))"
    case .sigv4(let sigv4): "AWS Signature Version 4, \(sigv4.service) in \(sigv4.region)"
    }
  }

  private static func signature(_ signing: SigningSettings) -> String {
    switch signing {
    case .standardWebhooks(let secrets):
      "Standard Webhooks, \(secrets.count == 1 ? "1 secret" : "\(secrets.count) secrets")"
    case .hmac(let hmac): "HMAC-\(hmac.algorithm.rawValue) in the header \(hmac.header)"
    }
  }

  private static func proxy(_ choice: ProxyChoiceSettings) -> String? {
    switch choice {
    case .environment: return nil
    case .direct: return "none, whatever the environment says"
    case .proxy(let proxy):
      let user = proxy.username.map { ", as \(OneLine.of($0, max: 100))" } ?? ""
      return "\(proxy.isTLS ? "https" : "http")://\(proxy.host):\(proxy.port)\(user)"
    }
  }

  private static func network(_ one: DestinationSettings) -> String? {
    let parts = [
      one.http2 && one.url.isTLS ? "HTTP/2 where it is offered" : nil,
      one.allowPrivateAddresses ? nil : "no private addresses",
    ].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
