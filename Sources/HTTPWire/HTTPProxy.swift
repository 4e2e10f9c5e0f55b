package import Reactor

/// A proxy between a client and an origin. An `https://` origin is reached by CONNECT, with the origin's TLS inside; an
/// `http://` one by requests with the whole URL in their first line. A unix socket is never reached by a proxy.
package struct HTTPProxy: Sendable, Equatable {
  package var host: String
  package var port: UInt16
  /// For a proxy that is spoken to in TLS.
  package var tls: TLSClientSettings?
  package var credentials: ProxyCredentials?

  package init(host: String, port: UInt16, tls: TLSClientSettings? = nil, credentials: ProxyCredentials? = nil) {
    self.host = host
    self.port = port
    self.tls = tls
    self.credentials = credentials
  }

  /// Without the credentials.
  package var name: String {
    host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  var target: StreamTarget { .host(host, port: port) }
}

/// What a proxy is told about who asks (Basic, RFC 7617); a secret that no way of printing shows.
package struct ProxyCredentials: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// With its CRLF, for the proxy only.
  let field: [UInt8]

  /// - Parameter username: without a colon, which would end it.
  package init(username: String, password: String) {
    field = Array("Proxy-Authorization: Basic \(Base64.text(Array("\(username):\(password)".utf8)))\r\n".utf8)
  }

  package var description: String { "<secret>" }
  package var debugDescription: String { "<secret>" }
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

enum Base64 {
  /// RFC 4648, 4, with padding.
  static func text(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for i in 0..<4 {
        result.append(i <= group.count ? letters[bits >> (18 - 6 * i) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
