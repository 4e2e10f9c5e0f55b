/// What the parser keeps of a response, and how much of one it reads.
struct ResponseLimits: Equatable {
  /// Status line, fields, chunk extensions and trailers together.
  var headBytesMax = 65_536
  var bodyBytesMax = 16_777_216
  var keptBodyBytesMax = 65_536
  var keepsSuccess = false
  var keepsHead = false
}

/// `Retry-After` as the server said it.
enum RetryAfter: Equatable {
  case seconds(Int)
  /// Seconds since 1970.
  case date(Int)
}

/// The length of a body, as the head says it (RFC 9112, 6.3).
enum BodyFraming: Equatable { case none, length(Int), chunked, untilClose }

/// The fields of a response that the client itself goes by.
struct ResponseHead: Equatable {
  var status: UInt16 = 0
  var minorVersion: UInt8 = 1
  var contentLength: Int?
  var isChunked = false
  var saysClose = false
  var saysKeepAlive = false
  var retryAfter: RetryAfter?
  var contentType: [UInt8] = []
  /// Where a 3xx leads, at most `ResponseHead.locationBytesMax` of it.
  var location: [UInt8] = []
  /// The field lines as they came, where they are kept.
  var lines: [UInt8] = []

  /// Enough to see where it leads.
  static let locationBytesMax = 1_024

  var isSuccess: Bool { status >= 200 && status < 300 }
  var isRedirect: Bool { status >= 300 && status < 400 }
  /// Whether the connection may take another request, as far as the head says (RFC 9112, 9.3).
  var isPersistent: Bool { !saysClose && (minorVersion == 1 || saysKeepAlive) }
}
