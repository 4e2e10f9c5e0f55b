extension ProxySettings {
  /// The keys of `proxy`, where it is a map.
  static let fields: [Field<ProxyDraft>] = [
    Field("url", \.url, .proxyURL, required: true, "scheme, host and port of the proxy"),
    Field("username", \.username, .optional(.text(example: "bridge"), blank: ""), "the user's name"),
    Field(
      "password", \.password, .optional(.secret(example: "{env: PROXY_PASSWORD}"), blank: Secret("")),
      "the user's password"),
  ]
}

/// A proxy while it is read.
struct ProxyDraft: Sendable {
  var url = ProxySettings()
  var username: String?
  var password: Secret?

  init(_ settings: ProxySettings? = nil) {
    guard let settings else { return }
    url = settings
    username = settings.username
    password = settings.password
  }

  /// What the map says stands over what its URL says.
  var settings: ProxySettings {
    var settings = url
    settings.username = username ?? url.username
    settings.password = password ?? url.password
    return settings
  }

  static func check(_ node: Node, _ draft: inout ProxyDraft, _ reader: inout Reader) {
    guard let password = node["password"], !password.isNull, draft.settings.username == nil, node["username"] == nil
    else { return }
    reader.log.error(
      "'password' without 'username'", hint: "a proxy's login needs both", at: password.owner ?? node.place)
  }
}

extension ValueType where Value == ProxyChoiceSettings {
  /// `none`, a URL, or a map with a login; null is what the environment says.
  static var proxy: ValueType {
    let map = ValueType<ProxyDraft>.map(
      ProxySettings.fields, example: "{ url: http://proxy.example.com:3128, username: bridge }", rule: ProxyDraft.check)
    let url = ValueType<ProxySettings>.proxyURL
    let expected = "none, a URL or a map"
    return ValueType(
      expected: expected,
      example: "{ url: http://proxy.example.com:3128, username: bridge, password: {env: PROXY_PASSWORD} }",
      describe: { _ in .orNull(.orText(pattern: "^(none|https?://[^\\s#?/]+/?)$", map.describe(ProxyDraft()))) },
      write: { choice in
        switch choice {
        case .environment: .null
        case .direct: .text("none")
        case .proxy(let proxy):
          proxy.username == nil && proxy.password == nil ? url.write(proxy) : map.write(ProxyDraft(proxy))
        }
      }
    ) { node, _, reader in
      if node.isNull { return .environment }
      guard case .mapping = node.content else {
        guard let text = reader.text(node, expected: expected, example: "none") else { return nil }
        return text == "none" ? .direct : url.read(node, ProxySettings(), &reader).map { .proxy($0) }
      }
      return map.read(node, ProxyDraft(), &reader).map { .proxy($0.settings) }
    }
  }
}

extension ValueType where Value == ProxySettings {
  /// `http://user:password@proxy.example.com:3128`; what stands before the `@` is taken out of it.
  static var proxyURL: ValueType {
    let example = "http://proxy.example.com:3128"
    return ValueType(
      expected: "a URL", example: example, shape: .text(pattern: "^https?://[^\\s#?/]+/?$"),
      write: { proxy in
        let host = proxy.host.utf8.contains(UInt8(ascii: ":")) ? "[\(proxy.host)]" : proxy.host
        return .text("\(proxy.isTLS ? "https" : "http")://\(host):\(proxy.port)")
      }
    ) { node, _, reader in
      guard let text = reader.text(node, expected: "a URL", example: example) else { return nil }
      if text.utf8.contains(UInt8(ascii: "@")) { reader.hide(node) }
      return ProxySettings(text: text, node, &reader)
    }
  }
}

extension ProxySettings {
  /// `nil` once something is logged.
  fileprivate init?(text: String, _ node: Node, _ reader: inout Reader) {
    self.init()
    var address = text
    if let mark = text.firstRange(of: "://"), let at = text[mark.upperBound...].lastIndex(of: "@") {
      let login = text[mark.upperBound..<at]
      address = String(text[..<mark.upperBound] + text[text.index(after: at)...])
      let parts = login.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let user = ProxySettings.decoded(parts[0]), !user.isEmpty,
        let password = parts.count > 1 ? ProxySettings.decoded(parts[1]) : ""
      else {
        reader.log.error(
          "a proxy's login that is not percent-encoded UTF-8", hint: "for example: http://user:p%40ss@proxy:3128",
          at: node.place)
        return nil
      }
      username = user
      self.password = parts.count > 1 ? Secret(password) : nil
      if parts.count > 1, node.place.variable == nil {
        reader.log.warning(
          "a secret in the file itself",
          hint: "better: { url: http://proxy.example.com:3128, username: bridge, password: {env: PROXY_PASSWORD} }",
          at: node.place)
      }
    }
    do throws(EndpointURLProblem) {
      let url = try EndpointURL.parse(address)
      guard url.unixPath == nil, url.target == "/" else {
        throw EndpointURLProblem(
          message: "a proxy's URL with more than scheme, host and port", hint: "for example: http://proxy:3128")
      }
      (isTLS, host, port) = (url.isTLS, url.host, url.port)
    } catch {
      reader.log.error(error.message, hint: error.hint, at: node.place)
      return nil
    }
  }

  /// Of percent-encoded text.
  private static func decoded(_ text: String) -> String? {
    PercentText.decode(text).flatMap { bytes in
      bytes.contains { $0 < 0x20 || $0 == 0x7F } ? nil : String(validating: bytes, as: UTF8.self)
    }
  }
}
