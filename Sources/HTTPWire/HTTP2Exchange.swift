/// One exchange in HTTP/2: the rendered request, and the response as far as it came.
final class HTTP2Exchange {
  let tag: ExchangeTag
  let isHEAD: Bool
  /// It was stale before, and is not so again.
  let isFresh: Bool
  let startedAt: Int64
  /// The whole rendered request.
  var request: ByteBuffer
  /// How often the server has sent it back without a look at it.
  private var returns = 0
  private var bodySent = 0
  private(set) var bodyStart = 0

  /// Whether the head of the request has left.
  var isSent = false
  /// What the server's RST_STREAM said.
  var resetCode: UInt32?
  /// Why the response is refused.
  private(set) var fault: String?
  /// How much had been heard on the connection when it began.
  var heardBefore = 0

  private(set) var head = ResponseHead()
  private(set) var isHeadDone = false
  private var headBytes = 0
  private var keepsBody = false
  private var bodyBytes = 0
  private var body: [UInt8] = []
  private(set) var isBodyCut = false

  init(_ tag: ExchangeTag, isHEAD: Bool, isFresh: Bool, startedAt: Int64, request: ByteBuffer) {
    self.tag = tag
    self.isHEAD = isHEAD
    self.isFresh = isFresh
    self.startedAt = startedAt
    self.request = request
  }

  // MARK: The request

  /// Takes the head apart; nil if it is none. Before the body is taken.
  func takeHead() -> HTTP2Head? {
    let head = unsafe request.withBytes {
      unsafe HTTP2Head(Span<UInt8>(_unsafeElements: $0.assumingMemoryBound(to: UInt8.self)))
    }
    if let head { bodyStart = head.bodyStart }
    return head
  }

  var hasBody: Bool { bodyStart < request.count }

  /// Copies the next part of the body.
  func copyBody(into buffer: UnsafeMutableRawBufferPointer) -> (count: Int, isLast: Bool) {
    let start = bodyStart + bodySent
    let count = min(buffer.count, request.count - start)
    unsafe request.withBytes {
      unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<(start + count)]))
    }
    bodySent += count
    return (count, start + count == request.count)
  }

  /// The server has not looked at it: makes it ready to be sent again; false if that happened too often. A server that
  /// moves its clients on may do so several times in the way of one exchange; one that refuses it is asked twice more.
  func startOver() -> Bool {
    returns += resetCode == nil ? 1 : 5
    guard returns <= 10 else { return false }
    (bodySent, isSent, resetCode) = (0, false, nil)
    (head, isHeadDone, headBytes) = (ResponseHead(), false, 0)
    (body, bodyBytes, isBodyCut) = ([], 0, false)
    return true
  }

  // MARK: The response

  /// Takes one field of the head or of the trailers; false if the response is refused for it.
  func take(_ name: Span<UInt8>, _ value: Span<UInt8>, _ limits: ResponseLimits) -> Bool {
    // As HTTP/2 itself counts them (RFC 9113, 10.5.1).
    headBytes += name.count + value.count + 32
    guard headBytes <= limits.headBytesMax else { return refuse(ResponseFault.headTooLong.rawValue) }
    if isHeadDone { return true }
    guard name.count == 7, equals(name, 7, ":status") else {
      head.take(name, value, keepsLine: limits.keepsHead)
      return true
    }
    guard let status = decimalNumber(value), (100..<600).contains(status) else {
      return refuse(ResponseFault.badStatus.rawValue)
    }
    head.status = UInt16(status)
    return true
  }

  /// The fields of a head are complete; those of an interim response are forgotten.
  func endHead(_ limits: ResponseLimits) {
    guard !isHeadDone else { return }
    guard head.status >= 200 else { return head = ResponseHead() }
    isHeadDone = true
    keepsBody = limits.keepsSuccess || !head.isSuccess
    if !keepsBody { head.contentType = [] }
  }

  /// Takes a part of the body; false if it is longer than what is read.
  func take(_ part: Span<UInt8>, _ limits: ResponseLimits) -> Bool {
    let count = min(part.count, limits.bodyBytesMax - bodyBytes)
    let kept = min(count, limits.keptBodyBytesMax - min(bodyBytes, limits.keptBodyBytesMax))
    if kept < part.count { isBodyCut = true }
    if keepsBody && kept > 0 {
      unsafe part.extracting(..<kept).withUnsafeBytes { unsafe body.append(contentsOf: $0) }
    }
    bodyBytes += count
    return count == part.count
  }

  func refuse(_ why: String) -> Bool {
    if fault == nil { fault = why }
    return false
  }

  func takeResponse() -> HTTPResponse {
    defer { body = [] }
    return HTTPResponse(head, body: body, isBodyCut: isBodyCut)
  }
}

extension ResponseHead {
  /// Takes in what the client goes by of a field of HTTP/2, whose name is in lower case.
  mutating func take(_ name: Span<UInt8>, _ value: Span<UInt8>, keepsLine: Bool) {
    func bytes(_ text: Span<UInt8>) -> [UInt8] { unsafe text.withUnsafeBytes { unsafe Array($0) } }
    if keepsLine { lines += bytes(name) + Array(": ".utf8) + bytes(value) + Array("\r\n".utf8) }
    switch name.count {
    case 8 where isRedirect && equals(name, 8, "location"):
      location = Array(bytes(value).prefix(Self.locationBytesMax))
    case 11 where equals(name, 11, "retry-after"): retryAfter = RetryAfter(value)
    case 12 where equals(name, 12, "content-type"): contentType = bytes(value)
    default: break
    }
  }
}
