/// Why a text is no URL of a destination.
package struct EndpointURLProblem: Error, Equatable, Sendable {
  package var message: String
  package var hint: String?
}

extension EndpointURL {
  private static let example = "https://api.example.com/orders"

  /// `http://`, `https://` and `http+unix://` (a socket's percent-encoded path in the host's place). RFC 3986, without
  /// user information and fragments; the path and the query must be percent-encoded already.
  package static func parse(_ text: String) throws(EndpointURLProblem) -> EndpointURL {
    try checkLength(text)
    try checkCharacters(text)
    let (scheme, rest) = try splitScheme(text)
    let bytes = Array(rest.utf8)
    let end = bytes.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? bytes.count
    let authority = String(decoding: bytes[..<end], as: UTF8.self)
    var target = String(decoding: bytes[end...], as: UTF8.self)
    if !target.hasPrefix("/") { target = "/" + target }
    guard !authority.utf8.contains(UInt8(ascii: "@")) else {
      throw EndpointURLProblem(
        message: "a user or password in a URL", hint: "a URL is shown and logged; keep secrets out of it")
    }
    try checkTarget(target)
    if scheme == "http+unix" {
      let path = try socketPath(authority)
      return EndpointURL(
        isTLS: false, host: "", port: 0, unixPath: path, target: target, hostHeader: "localhost", text: text)
    }
    let isTLS = scheme == "https"
    let standard: UInt16 = isTLS ? 443 : 80
    let (host, port) = try splitAuthority(authority)
    let isIPv6 = host.utf8.contains(UInt8(ascii: ":"))
    let name = isIPv6 ? "[\(host)]" : host
    return EndpointURL(
      isTLS: isTLS, host: host, port: port ?? standard, target: target,
      hostHeader: port == nil || port == standard ? name : "\(name):\(port ?? standard)", text: text)
  }

  static func checkLength(_ text: String) throws(EndpointURLProblem) {
    if text.isEmpty { throw EndpointURLProblem(message: "an empty URL", hint: "for example: \(example)") }
    if text.utf8.count > 8192 { throw EndpointURLProblem(message: "a URL of more than 8192 bytes", hint: nil) }
  }

  static func checkCharacters(_ text: String) throws(EndpointURLProblem) {
    let bytes = Array(text.utf8)
    if zip(bytes, bytes.dropFirst()).contains(where: { $0 == UInt8(ascii: "$") && $1 == UInt8(ascii: "{") }) {
      throw EndpointURLProblem(message: "a '${' in a URL that takes no templates", hint: "for example: \(example)")
    }
    if bytes.contains(0x20) { throw EndpointURLProblem(message: "a space in a URL", hint: "write %20") }
    if bytes.contains(where: { $0 < 0x21 || $0 > 0x7E }) {
      throw EndpointURLProblem(message: "a URL holds a character that is not plain ASCII", hint: "percent-encode it")
    }
    if bytes.contains(UInt8(ascii: "#")) {
      throw EndpointURLProblem(message: "a fragment ('#') in a URL", hint: "it is never sent; remove it, or write %23")
    }
  }

  private static func splitScheme(_ text: String) throws(EndpointURLProblem) -> (scheme: String, rest: String) {
    let bytes = Array(text.utf8)
    let mark = Array("://".utf8)
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: mark), colon > 0 else {
      throw EndpointURLProblem(message: "a URL without http:// or https://", hint: "for example: \(example)")
    }
    let scheme = String(decoding: bytes[..<colon].map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
    guard ["http", "https", "http+unix"].contains(scheme) else {
      throw EndpointURLProblem(
        message: "a URL of the scheme \(PlainText.quoted(scheme))",
        hint: Suggestion.hint(scheme, among: ["http", "https", "http+unix"]) ?? "http, https and http+unix are known")
    }
    return (scheme, String(decoding: bytes[(colon + 3)...], as: UTF8.self))
  }

  private static func splitAuthority(_ authority: String) throws(EndpointURLProblem) -> (host: String, port: UInt16?) {
    let bytes = Array(authority.utf8)
    var hostEnd = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
    var host = String(decoding: bytes[..<hostEnd], as: UTF8.self)
    if bytes.first == UInt8(ascii: "[") {
      guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else {
        throw EndpointURLProblem(message: "a '[' without ']' in a URL", hint: "for example: http://[::1]:8080/")
      }
      host = String(decoding: bytes[1..<close], as: UTF8.self)
      hostEnd = close + 1
      guard AddressText.isIPv6(host) else {
        throw EndpointURLProblem(
          message: "\(PlainText.quoted(host)) is no IPv6 address", hint: "for example: http://[::1]:8080/")
      }
    } else {
      try checkHostName(host)
    }
    if hostEnd == bytes.count { return (host, nil) }
    let port = String(decoding: bytes[(hostEnd + 1)...], as: UTF8.self)
    guard bytes[hostEnd] == UInt8(ascii: ":"), let number = PortText.parse(port) else {
      let shown = String(decoding: bytes[hostEnd...].dropFirst(), as: UTF8.self)
      throw EndpointURLProblem(message: "\(PlainText.quoted(shown)) is no port", hint: "a number from 1 to 65535")
    }
    return (host, number)
  }

  private static func checkHostName(_ host: String) throws(EndpointURLProblem) {
    guard !host.isEmpty else {
      throw EndpointURLProblem(message: "a URL without a host", hint: "for example: \(example)")
    }
    guard HostText.isValid(host) else {
      throw EndpointURLProblem(
        message: "\(PlainText.quoted(host)) is no host name", hint: "letters, digits, '-', '_' and '.', or an address")
    }
  }

  private static func socketPath(_ authority: String) throws(EndpointURLProblem) -> String {
    let hint = "for example: http+unix://%2Frun%2Fapi.sock/orders"
    guard let bytes = PercentText.decode(authority), bytes.first == UInt8(ascii: "/"), !bytes.contains(0),
      let path = String(validating: bytes, as: UTF8.self)
    else { throw EndpointURLProblem(message: "an http+unix URL without the socket's path", hint: hint) }
    // The system's limit for a socket's address, with the final NUL.
    guard bytes.count < 104 else {
      throw EndpointURLProblem(message: "a socket's path of more than 103 bytes", hint: nil)
    }
    return path
  }

  static func checkTarget(_ target: String) throws(EndpointURLProblem) {
    guard PercentText.decode(target) != nil else {
      throw EndpointURLProblem(message: "a '%' without two hexadecimal digits in a URL", hint: "a percent sign is %25")
    }
    let refused = Array("\"<>\\^`{|}[]".utf8)
    guard let bad = target.utf8.first(where: { refused.contains($0) }) else { return }
    throw EndpointURLProblem(
      message: "a '\(Character(UnicodeScalar(bad)))' in a URL",
      hint: "write %\(String(bad, radix: 16, uppercase: true))")
  }
}

/// Host names and IPv4 addresses.
enum HostText {
  /// Labels of letters, digits, `-` and `_` with dots between (one may stand at the end); what is all digits and dots
  /// must be an address.
  static func isValid(_ host: String) -> Bool {
    let bytes = Array(host.utf8)
    guard !bytes.isEmpty, bytes.count <= 253 else { return false }
    if bytes.allSatisfy({ $0 == UInt8(ascii: ".") || ($0 >= 0x30 && $0 <= 0x39) }) { return AddressText.isIPv4(host) }
    var labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
    return labels.allSatisfy { label in
      !label.isEmpty && label.count <= 63
        && label.allSatisfy { NameText.isWord($0) }
    }
  }
}

/// Letters, digits, `_` and `-`.
enum NameText {
  /// Of a destination.
  static let pattern = "^[A-Za-z0-9_-]{1,64}$"

  static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
  }
}

/// Port numbers.
enum PortText {
  /// 1 to 65535, digits only.
  static func parse(_ text: String) -> UInt16? {
    guard text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), text.utf8.count <= 5, let port = UInt16(text), port > 0
    else { return nil }
    return port
  }
}

/// Percent-encoding.
enum PercentText {
  /// `nil` where a `%` is not followed by two hexadecimal digits.
  static func decode(_ text: String) -> [UInt8]? {
    var result: [UInt8] = []
    var bytes = Array(text.utf8)[...]
    while let byte = bytes.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        result.append(byte)
        continue
      }
      guard let high = bytes.popFirst().flatMap(digit), let low = bytes.popFirst().flatMap(digit) else { return nil }
      result.append(high << 4 | low)
    }
    return result
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
