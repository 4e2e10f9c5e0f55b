internal import Reactor

/// One connection of a client: at most one exchange at a time.
///
/// `connecting(exchange) → exchange ⇄ idle → closed`
final class HTTPConnection: ByteStreamDelegate {
  /// The client closes its connections before it goes.
  private unowned let client: HTTPClient
  private(set) var stream: ByteStream?
  var output = ByteBuffer()
  private var parser: ResponseParser

  /// Where the client's list of all connections has it.
  var place = 0
  var isDirty = false
  private(set) var isBusy = false
  private(set) var isConnected = false
  private var hasServed = false
  private var hasHeard = false
  /// The exchange that the connection was opened for, where that may go on in HTTP/2.
  var opener: HTTP2Exchange?
  private var isHEAD = false
  private var isFresh = false
  private(set) var tag = ExchangeTag(high: 0, low: 0)
  private(set) var startedAt: Int64 = 0
  private(set) var idleSince: Int64 = 0
  let openedAt: Int64

  init(client: HTTPClient, limits: ResponseLimits, now: Int64) {
    self.client = client
    self.openedAt = now
    parser = ResponseParser(limits: limits)
  }

  /// Starts to connect; gives what is wrong at once.
  func connect() -> StreamError? {
    let stream = ByteStream(loop: client.loop, delegate: self)
    self.stream = stream
    return client.route.connect(stream, allowPrivateAddresses: client.settings.allowPrivateAddresses)
  }

  /// Takes an exchange; the request is then rendered into `output`.
  /// - Parameter isFresh: it was stale before.
  func begin(_ tag: ExchangeTag, isHEAD: Bool, isFresh: Bool, now: Int64) {
    self.tag = tag
    self.isHEAD = isHEAD
    self.isFresh = isFresh
    isBusy = true
    hasHeard = false
    startedAt = now
    output.clear()
    parser.reset(isAnswerToHEAD: isHEAD)
  }

  /// Hands the rendered request to the socket.
  func flush() {
    guard isBusy, isConnected, let stream else { return }
    let failed = unsafe output.withBytes { unsafe stream.write($0) }
    if let failed { fail(failed) } else if output.count > ByteBuffer.keptBytesMax { output.clear() }
  }

  func close() {
    isBusy = false
    isConnected = false
    stream?.close()
    stream = nil
  }

  // MARK: What the stream tells

  func streamConnected(_ stream: ByteStream) {
    isConnected = true
    if client.offersHTTP2 {
      client.learn(of: self, isHTTP2: stream.chosenProtocol == "h2")
      opener = nil
    }
    flush()
  }

  /// Gives away stream and exchange, to go on in HTTP/2.
  func surrender() -> (stream: ByteStream, exchange: HTTP2Exchange)? {
    guard isBusy, let stream else { return nil }
    self.stream = nil
    defer { output = ByteBuffer() }
    if let opener {
      opener.request = output
      return (stream, opener)
    }
    return (
      stream, HTTP2Exchange(tag, isHEAD: isHEAD, isFresh: isFresh, startedAt: startedAt, request: output)
    )
  }

  func stream(_ stream: ByteStream, received bytes: UnsafeRawBufferPointer) {
    // A server has nothing to say while nothing is asked: the next answer would be taken for another's.
    guard isBusy else { return client.drop(self) }
    hasHeard = true
    let span = unsafe Span<UInt8>(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self))
    let taken = parser.consume(span)
    switch parser.phase {
    case .done:
      let maySurvive = taken == span.count && parser.head.isPersistent && !parser.endsConnection
      finishResponse(keepsConnection: maySurvive && !stream.hasPendingWrites)
    case .malformed(let fault): client.finish(self, .malformed(fault.rawValue), keepsConnection: false)
    default: break
    }
  }

  func stream(_ stream: ByteStream, closed cause: StreamError?) {
    guard isBusy else { return client.drop(self) }
    if cause == nil, parser.consumeEnd() { return finishResponse(keepsConnection: false) }
    fail(cause ?? StreamError(.reset, "the peer closed the connection"))
  }

  // MARK: Ends of an exchange

  private func finishResponse(keepsConnection: Bool) {
    hasServed = true
    idleSince = client.loop.roundNow
    let response = HTTPResponse(
      parser.head, body: parser.body.isEmpty ? [] : parser.takeBody(), isBodyCut: parser.isBodyCut)
    client.finish(self, .response(response), keepsConnection: keepsConnection)
  }

  /// The connection broke under an exchange: what that means for it.
  private func fail(_ cause: StreamError) {
    let result: ExchangeResult.Result
    if !isConnected {
      result = client.notConnected(cause)
    } else if hasServed && !hasHeard {
      result = .stale
    } else if !(stream?.hasWritten ?? false) || (cause.code == .identityRefused && !hasHeard) {
      result = .unreachable(cause.message)
    } else {
      result = .cutAfterSend(cause.message)
    }
    client.finish(self, result, keepsConnection: false)
  }

  /// Ends the exchange when its time is over; `true` if it did.
  func expire(now: Int64, requestTimeout: Int64, connectTimeout: Int64) -> Bool {
    let age = now &- startedAt
    if !isConnected, age >= min(connectTimeout, requestTimeout) {
      client.finish(self, .unreachable("connect: no connection in time"), keepsConnection: false)
      return true
    }
    guard age >= requestTimeout else { return false }
    client.finish(self, .timeout, keepsConnection: false)
    return true
  }

  /// Releases what an idle connection needs no more.
  func rest() { isBusy = false }
}
