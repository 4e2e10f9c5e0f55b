/// Says whose exchange it is; the client only carries it.
package struct ExchangeTag: Sendable, Hashable {
  package var high: UInt64
  package var low: UInt64
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

/// A response as far as the settings keep it.
package struct HTTPResponse: Sendable, Equatable {
  package var status: UInt16
  /// `Retry-After` in seconds from the moment the response was read; a date in the past gives 0.
  package var retryAfterSeconds: Int?
  /// The `Content-Type` field; empty if there was none, or if the response is not kept.
  package var contentType: [UInt8] = []
  /// The `Location` field of a 3xx, as the server sent it and at most 1,024 bytes of it; no redirect is followed.
  package var location: [UInt8] = []
  /// The field lines as they came, each with its CRLF; empty unless `keepHead`.
  package var head: [UInt8] = []
  /// The first `keepBody` bytes; empty for a 2xx unless `keepSuccessBody`.
  package var body: [UInt8] = []
  /// Whether the body went on after what `body` has (or would have, were it kept).
  package var isBodyCut = false

  package init(status: UInt16) { self.status = status }

  init(_ head: ResponseHead, body: [UInt8], isBodyCut: Bool) {
    status = head.status
    self.isBodyCut = isBodyCut
    if let retryAfter = head.retryAfter { retryAfterSeconds = retryAfter.seconds(from: wallClock()) }
    // Most responses have none of these; what is empty is not copied.
    if !head.contentType.isEmpty { contentType = head.contentType }
    if !head.location.isEmpty { location = head.location }
    if !head.lines.isEmpty { self.head = head.lines }
    if !body.isEmpty { self.body = body }
  }
}

/// How one exchange ended.
package struct ExchangeResult: Sendable, Equatable {
  package enum Result: Sendable, Equatable {
    case response(HTTPResponse)
    /// No response in time; the request may have had its effect.
    case timeout
    /// The connection was cut after the request, or a part of it, was sent.
    case cutAfterSend(String)
    /// A reused connection was closed before the first byte of the response: once more on a fresh one.
    case stale
    /// Nothing was sent: no name, address, connection, TLS, or no place among the connections.
    case unreachable(String)
    /// Every address of the name is one that the settings refuse; nothing was sent.
    case addressRefused(String)
    /// What came is no HTTP/1.1 response; the connection is closed.
    case malformed(String)
  }
  package var tag: ExchangeTag
  package var result: Result

  package init(tag: ExchangeTag, result: Result) {
    self.tag = tag
    self.result = result
  }
}
