/// Where a client's requests go.
package struct Origin: Sendable, Equatable {
  package let host: String
  package let port: UInt16
  package let unixPath: String?

  package init(host: String, port: UInt16, unixPath: String? = nil) {
    self.host = host
    self.port = port
    self.unixPath = unixPath
  }
}

/// Times are nanoseconds, sizes bytes.
package struct HTTPClientSettings: Sendable {
  package var requestTimeout: Int64
  package var connectTimeout: Int64
  /// Load balancers and servers drop idle connections after a minute.
  package var idleLimit: Int64 = 55_000_000_000
  /// Load balancers move: an old connection is not used again.
  package var ageLimit: Int64 = 300_000_000_000
  /// The first bytes of a body that are kept.
  package var keepBody = 65_536
  /// Read and dropped up to here; then the connection is closed and the status alone decides.
  package var maxBody = 16 << 20

  package init(requestTimeout: Int64) {
    self.requestTimeout = requestTimeout
    connectTimeout = min(requestTimeout, 10_000_000_000)
  }
}

/// The owner's name for an exchange.
package struct ExchangeTag: Sendable, Hashable {
  package var high: UInt64
  package var low: UInt64
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

/// What became of one request.
package struct ExchangeResult {
  package enum Kind {
    case response(status: UInt16, retryAfterSeconds: Int?, body: [UInt8])
    case timeout(String)
    /// A fresh connection broke after bytes of the request were handed to it.
    case cutAfterSend(String)
    /// A reused connection was closed before the response began: the server's idle limit, most likely.
    case stale
    /// No connection, or one that broke before it took anything.
    case unreachable(String)
    /// Not a response that can be believed.
    case malformed(ResponseError)
  }
  package let tag: ExchangeTag
  package let kind: Kind
}
