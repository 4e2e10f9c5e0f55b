internal import Reactor

/// One connection of HTTP/2: as many exchanges at a time as the server allows.
///
/// `open → closing (no new exchange) → closed`
final class HTTP2Connection: ByteStreamDelegate {
  /// The pool closes its connections before it goes.
  private unowned let pool: HTTP2Pool
  private let session: HTTP2Session
  private var stream: ByteStream?
  private var output = ByteBuffer()
  private let openedAt: Int64
  private(set) var idleSince: Int64
  /// When something was last heard, or when the silence began to matter.
  private var heardAt: Int64
  /// How often something was heard.
  private var heardCount = 0
  private var pingedAt: Int64?
  private var hasServed = false
  private var isDirty = false

  /// Takes over an open stream. Nil where there is no memory.
  init?(pool: HTTP2Pool, stream: ByteStream, limits: ResponseLimits, openedAt: Int64, now: Int64) {
    guard let session = HTTP2Session(limits: limits) else { return nil }
    self.pool = pool
    self.session = session
    self.stream = stream
    self.openedAt = openedAt
    idleSince = now
    heardAt = now
    stream.handOver(to: self)
  }

  var isBusy: Bool { !session.exchanges.isEmpty }
  /// How many exchanges it takes at a time; nil until the server has said so.
  var streamsMax: Int? { session.streamsMax }

  /// How many more exchanges it can take now.
  func room(now: Int64, ageLimit: Int64) -> Int { now &- openedAt >= ageLimit ? 0 : session.room }

  func begin(_ exchange: HTTP2Exchange, now: Int64) {
    if !isBusy { heardAt = now }
    exchange.heardBefore = heardCount
    session.submit(exchange)
    touch()
  }

  private func touch() {
    guard !isDirty else { return }
    isDirty = true
    pool.becameDirty(self)
  }

  /// Sends what there is to be sent, in one write.
  func flush() {
    isDirty = false
    guard let stream else { return }
    session.send(into: &output)
    if !output.isEmpty {
      let failed = unsafe output.withBytes { unsafe stream.write($0) }
      output.clear()
      if let failed { return end(failed) }
    }
    collect()
  }

  /// Hands on what has ended, and ends with the session.
  private func collect() {
    let now = pool.client.loop.roundNow
    for (exchange, end) in session.takeEnded() {
      if case .result(.response) = end { hasServed = true }
      idleSince = now
      pool.settle(exchange, end)
    }
    if session.isOver { end(StreamError(.reset, "the peer closed the connection"), isOrderly: true) }
  }

  // MARK: What the stream tells

  func streamConnected(_ stream: ByteStream) {}

  func stream(_ stream: ByteStream, received bytes: UnsafeRawBufferPointer) {
    heardAt = pool.client.loop.roundNow
    heardCount &+= 1
    pingedAt = nil
    unsafe session.receive(bytes)
    collect()
    guard self.stream != nil else { return }
    touch()
    pool.pump()
  }

  func stream(_ stream: ByteStream, closed cause: StreamError?) {
    end(cause ?? StreamError(.reset, "the peer closed the connection"))
  }

  // MARK: Ends

  /// The connection is over, and what that means for its exchanges.
  private func end(_ cause: StreamError, isOrderly: Bool = false) {
    guard let stream else { return }
    session.endAll { exchange in
      let hasHeard = heardCount != exchange.heardBefore
      if cause.code == .identityRefused && heardCount == 0 { return .unreachable(cause.message) }
      return hasServed && !hasHeard && !exchange.isFresh ? .stale : .cutAfterSend(cause.message)
    }
    self.stream = nil
    stream.close()
    for (exchange, end) in session.takeEnded() { pool.settle(exchange, end) }
    pool.ended(self, isOrderly: isOrderly)
  }

  /// Closes it in good order. The exchanges that it has get no result.
  func close() {
    guard let stream else { return }
    self.stream = nil
    session.sayGoodbye()
    session.send(into: &output)
    _ = unsafe output.withBytes { unsafe stream.write($0) }
    stream.close()
  }

  /// Gives up every exchange; the connection stays.
  func cancelAll() {
    session.cancel { _ in true }
    touch()
  }

  /// Ends what is overdue. True if the connection itself is to be closed.
  func expire(now: Int64, settings: HTTPClientSettings) -> Bool {
    var late: [HTTP2Exchange] = []
    session.cancel { exchange in
      guard now &- exchange.startedAt >= settings.requestTimeout else { return false }
      late.append(exchange)
      return true
    }
    if !late.isEmpty {
      idleSince = now
      for exchange in late {
        pool.client.finished(exchange.tag, exchange.isSent ? .timeout : .unreachable("HTTP/2: no free stream in time"))
      }
      touch()
    }
    guard isBusy else {
      return session.isClosing || now &- openedAt >= settings.ageLimit || now &- idleSince >= settings.idleLimit
    }
    checkLife(now, patience: settings.connectTimeout)
    return false
  }

  /// A server that works on a request answers a ping; a connection whose other end is gone does not.
  private func checkLife(_ now: Int64, patience: Int64) {
    if let pingedAt {
      guard now &- pingedAt >= patience else { return }
      end(StreamError(.reset, "the server does not answer a ping"))
    } else if now &- heardAt >= patience {
      pingedAt = now
      session.ping()
      touch()
    }
  }
}
