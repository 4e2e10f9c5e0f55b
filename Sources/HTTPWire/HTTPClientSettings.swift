package import Reactor

/// One HTTP server: where it is, and how to speak to it.
package struct Origin: Sendable, Equatable {
  package var host: String
  package var port: UInt16
  /// The path of a unix socket to use instead of host and port.
  package var unixPath: String?
  /// `nil` for plain HTTP.
  package var tls: TLSClientSettings?
  /// What belongs in the `Host` field; for whoever renders the requests, and for the first line where a proxy wants it.
  package var hostHeader: String
  package var proxy: HTTPProxy?

  package init(
    host: String, port: UInt16, unixPath: String? = nil, tls: TLSClientSettings? = nil, hostHeader: String? = nil,
    proxy: HTTPProxy? = nil
  ) {
    self.host = host
    self.port = port
    self.unixPath = unixPath
    self.tls = tls
    self.proxy = proxy
    let isDefaultPort = port == (tls == nil ? 80 : 443)
    let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    self.hostHeader = hostHeader ?? (isDefaultPort ? name : "\(name):\(port)")
  }

  var target: StreamTarget {
    if let unixPath { .unix(path: unixPath) } else { .host(host, port: port) }
  }

  /// The proxy, where one is on the way.
  package var proxyOnTheWay: HTTPProxy? { unixPath == nil ? proxy : nil }
}

/// Limits of a client; times in nanoseconds, sizes in bytes.
package struct HTTPClientSettings: Sendable, Equatable {
  package var maxConnections = 32
  /// From `start` to the end of the response.
  package var requestTimeout: Int64 = 15_000_000_000
  /// For name, socket and TLS handshake together; never more than `requestTimeout` counts.
  package var connectTimeout: Int64 = 5_000_000_000
  package var idleLimit: Int64 = 55_000_000_000
  /// A connection older than this takes no further request: load balancers move.
  package var ageLimit: Int64 = 300_000_000_000
  package var keepBody = 65_536
  /// A longer body is not read to its end: the connection is closed, the response counts by its status.
  package var maxBody = 16_777_216
  package var keepSuccessBody = false
  package var keepHead = false
  package var allowPrivateAddresses = true

  package init() {}
}
