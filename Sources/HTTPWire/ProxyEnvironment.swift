internal import Reactor

/// A variable of the environment that names no proxy. Its value may hold a password and is not shown.
package struct ProxyProblem: Error, Sendable, Equatable, CustomStringConvertible {
  package var variable: String
  package var message: String
  package var description: String { "the environment's \(variable): \(message)" }
}

/// What the environment says of proxies, read as curl does:
///
/// | For | The first of these that is set and not empty |
/// |---|---|
/// | `http://` | `http_proxy`, `all_proxy`, `ALL_PROXY` |
/// | `https://` | `https_proxy`, `HTTPS_PROXY`, `all_proxy`, `ALL_PROXY` |
/// | neither | `no_proxy`, `NO_PROXY` |
///
/// `HTTP_PROXY` is not read: a CGI server makes it of a request's `Proxy` header ("httpoxy").
package struct ProxyEnvironment: Sendable {
  private let variables: [String: String]

  package init(_ variables: [String: String]) { self.variables = variables }

  /// The proxy for an origin; nil where it is reached directly.
  package func proxy(isTLS: Bool, host: String, port: UInt16) throws(ProxyProblem) -> HTTPProxy? {
    let names = isTLS ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
    guard let found = first(names + ["all_proxy", "ALL_PROXY"]) else { return nil }
    if let list = first(["no_proxy", "NO_PROXY"]), NoProxyList(list.value).matches(host: host, port: port) {
      return nil
    }
    return try ProxyAddress.parse(found.value, of: found.name)
  }

  private func first(_ names: [String]) -> (name: String, value: String)? {
    for name in names {
      if let value = variables[name], !value.isEmpty { return (name, value) }
    }
    return nil
  }
}

enum ProxyAddress {
  /// `[http://|https://][user[:password]@]host[:port][/]`. The port is 80 or 443 where it is not written.
  static func parse(_ text: String, of variable: String) throws(ProxyProblem) -> HTTPProxy {
    func problem(_ message: String) -> ProxyProblem { ProxyProblem(variable: variable, message: message) }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { throw problem("a blank or a control character") }
    var rest = text[...]
    var isTLS = false
    if let mark = rest.firstRange(of: "://") {
      switch rest[..<mark.lowerBound].lowercased() {
      case "http": break
      case "https": isTLS = true
      case "socks", "socks4", "socks4a", "socks5", "socks5h":
        throw problem("a SOCKS proxy; http:// and https:// proxies are known")
      default: throw problem("not the URL of an http:// or https:// proxy")
      }
      rest = rest[mark.upperBound...]
    }
    if let end = rest.firstIndex(where: { $0 == "/" || $0 == "?" || $0 == "#" }) {
      guard rest[end...] == "/" else { throw problem("a proxy's URL has no path") }
      rest = rest[..<end]
    }
    var credentials: ProxyCredentials?
    if let at = rest.lastIndex(of: "@") {
      guard let made = Self.credentials(rest[..<at]) else {
        throw problem("its user or password is not percent-encoded UTF-8, or the user has a colon")
      }
      credentials = made
      rest = rest[rest.index(after: at)...]
    }
    var port: UInt16 = isTLS ? 443 : 80
    if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") {
      guard let number = UInt16(rest[rest.index(after: colon)...]), number > 0 else {
        throw problem("its port is no number from 1 to 65535")
      }
      port = number
      rest = rest[..<colon]
    }
    let isBracketed = rest.hasPrefix("[") && rest.hasSuffix("]")
    let host = String(isBracketed ? rest.dropFirst().dropLast() : rest)
    guard isBracketed ? AddressLiteral.bytes(of: host)?.count == 16 : isName(host) else { throw problem("no host") }
    return HTTPProxy(host: host, port: port, tls: isTLS ? TLSClientSettings() : nil, credentials: credentials)
  }

  private static func isName(_ host: String) -> Bool {
    !host.isEmpty && host.utf8.count <= 253
      && host.utf8.allSatisfy {
        switch $0 {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
      }
  }

  private static func credentials(_ text: Substring) -> ProxyCredentials? {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let user = decoded(parts[0]), let password = decoded(parts.count > 1 ? parts[1] : ""),
      !user.utf8.contains(UInt8(ascii: ":"))
    else { return nil }
    return ProxyCredentials(username: user, password: password)
  }

  /// Percent-decoded; nil for a `%` without two digits, and for what is no text.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
