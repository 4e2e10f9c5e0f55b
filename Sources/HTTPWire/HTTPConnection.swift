internal import Reactor

/// One connection and at most one exchange on it.
///
/// | State | Goes to |
/// |---|---|
/// | connecting | busy, closed |
/// | busy: a request is on it | idle, closed |
/// | idle | busy, closed |
/// | closed | |
final class HTTPConnection: ByteStreamDelegate {
  enum State { case connecting, busy, idle, closed }

  private unowned let client: HTTPClient
  private let stream: ByteStream
  private(set) var state = State.connecting
  private var parser: ResponseParser
  private var tag = ExchangeTag(high: 0, low: 0)
  private var exchanges = 0
  private var isRequestSent = false
  private let openedAt: Int64
  private var changedAt: Int64
  /// The place in the client's list.
  var index = 0
  var isDirty = false
  var buffer = ByteBuffer()

  init(client: HTTPClient, loop: EventLoop, now: Int64) {
    self.client = client
    stream = ByteStream(loop: loop)
    parser = ResponseParser(keepBody: client.settings.keepBody)
    openedAt = now
    changedAt = now
  }

  func connect(to origin: Origin) {
    stream.delegate = self
    stream.connect(
      to: origin.unixPath.map { .unix(path: $0) } ?? .tcp(host: origin.host, port: origin.port))
  }

  /// The request stands in `buffer` and goes out with the next flush, or once connected.
  func begin(_ tag: ExchangeTag, now: Int64) {
    self.tag = tag
    changedAt = now
    isRequestSent = false
    exchanges += 1
    if state == .idle { state = .busy }
  }

  func flush() {
    isDirty = false
    guard state == .busy, !buffer.isEmpty else { return }
    isRequestSent = true
    unsafe buffer.drain { unsafe stream.write($0) }
  }

  func streamConnected() {
    state = .busy
    flush()
  }

  func streamReceived(_ bytes: UnsafeRawBufferPointer) {
    guard state == .busy, isRequestSent else {
      // Bytes that nobody asked for: whatever they are, no later response can be told from them.
      return close()
    }
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    let used: Int
    do throws(ResponseError) {
      used = try parser.consume(span)
    } catch {
      return finish(.malformed(error), keep: false)
    }
    if parser.isDone {
      let keep = parser.head.keepsAlive && used == span.count
      finish(response, keep: keep)
    } else if parser.bodyBytes > client.settings.maxBody {
      finish(response, keep: false)
    }
  }

  func streamClosed(_ cause: String) {
    switch state {
    case .connecting: finish(.unreachable(cause), keep: false)
    case .busy:
      if parser.endsWithConnection {
        finish(response, keep: false)
      } else if exchanges > 1 && !parser.hasBegun {
        finish(.stale, keep: false)
      } else {
        finish(isRequestSent ? .cutAfterSend(cause) : .unreachable(cause), keep: false)
      }
    case .idle, .closed: close()
    }
  }

  /// Ends what has taken too long.
  func sweep(now: Int64) {
    let settings = client.settings
    switch state {
    case .connecting where now - changedAt > settings.connectTimeout:
      finish(.unreachable("no connection within \(settings.connectTimeout / 1_000_000) ms"), keep: false)
    case .busy where now - changedAt > settings.requestTimeout:
      finish(.timeout("no answer within \(settings.requestTimeout / 1_000_000) ms"), keep: false)
    case .idle where now - changedAt > settings.idleLimit: close()
    default: break
    }
  }

  func isReusable(now: Int64) -> Bool {
    state == .idle && now - openedAt < client.settings.ageLimit && now - changedAt < client.settings.idleLimit
  }

  private var response: ExchangeResult.Kind {
    .response(status: parser.head.status, retryAfterSeconds: parser.head.retryAfterSeconds, body: parser.body)
  }

  private func finish(_ kind: ExchangeResult.Kind, keep: Bool) {
    let tag = tag
    if keep {
      parser.reset()
      state = .idle
      changedAt = client.now
      client.finished(ExchangeResult(tag: tag, kind: kind), idle: self)
    } else {
      close()
      client.finished(ExchangeResult(tag: tag, kind: kind), idle: nil)
    }
  }

  func close() {
    guard state != .closed else { return }
    state = .closed
    stream.close()
    client.forget(self)
  }
}
