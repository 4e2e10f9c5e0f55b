internal import CNGHTTP2

/// HTTP/2 of one connection as a state machine between bytes: the wire's go in by `receive`, come out by `send`, and no
/// socket is touched. What has ended is collected in `ended`.
@safe final class HTTP2Session {
  enum End {
    case result(ExchangeResult.Result)
    /// The server has not looked at the request, or nothing of it was sent; with the reason.
    case unprocessed(String)
  }

  let limits: ResponseLimits
  private let session: OpaquePointer
  private(set) var exchanges: [Int32: HTTP2Exchange] = [:]
  private(set) var ended: [(exchange: HTTP2Exchange, end: End)] = []
  /// Why the server is not spoken to any further.
  private var fault: String?
  /// The server's last word, with its reason.
  private var farewell: String?
  private var hasSettings = false
  private var isFull = false

  /// Gives nil where there is no memory.
  init?(limits: ResponseLimits) {
    self.limits = limits
    var made: OpaquePointer?
    var callbacks: OpaquePointer?
    guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0 else { return nil }
    defer { unsafe nghttp2_session_callbacks_del(callbacks) }
    unsafe HTTP2Callbacks.set(on: callbacks)
    guard unsafe nghttp2_session_client_new(&made, callbacks, nil) == 0, let made = unsafe made else { return nil }
    unsafe session = made
    unsafe nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
    let settings = [
      nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue), value: UInt32(clamping: limits.headBytesMax)
      ),
    ]
    // All streams together may send this much before we have read it; one of them 64 KiB.
    guard unsafe nghttp2_submit_settings(session, 0, settings, settings.count) == 0,
      unsafe nghttp2_session_set_local_window_size(session, 0, 0, 1 << 20) == 0
    else {
      unsafe nghttp2_session_del(session)
      return nil
    }
  }

  deinit { unsafe nghttp2_session_del(session) }

  // MARK: Requests

  /// How many more exchanges it can take now. Until the server has said how many it wants, one.
  var room: Int {
    guard !isClosing, !isFull, unsafe nghttp2_session_check_request_allowed(session) != 0 else { return 0 }
    return max(0, (streamsMax ?? 1) - exchanges.count)
  }

  /// How many the server wants at a time; nil until it has said so.
  var streamsMax: Int? {
    guard hasSettings else { return nil }
    let wanted = unsafe nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
    return Int(clamping: min(wanted, 1 << 16))
  }

  /// Whether it takes no further exchange.
  var isClosing: Bool { fault != nil || farewell != nil }

  /// Whether there is nothing more to say and to hear.
  var isOver: Bool {
    unsafe fault != nil || (nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0)
  }

  /// Takes an exchange; its end is told by `ended` in any case.
  func submit(_ exchange: HTTP2Exchange) {
    guard let head = exchange.takeHead() else {
      return conclude(exchange, .result(.unreachable("the request is no HTTP/1.1 request")))
    }
    var text = head.text
    let id = unsafe text.withUnsafeMutableBytes { bytes -> Int32 in
      let base = unsafe bytes.assumingMemoryBound(to: UInt8.self).baseAddress
      let fields = unsafe head.fields.map { field in
        unsafe nghttp2_nv(
          name: base.map { unsafe $0 + field.name.lowerBound }, value: base.map { unsafe $0 + field.value.lowerBound },
          namelen: field.name.count, valuelen: field.value.count, flags: 0)
      }
      var source = unsafe nghttp2_data_provider()
      unsafe source.read_callback = http2Reads
      // The fields are copied.
      return unsafe exchange.hasBody
        ? nghttp2_submit_request(session, nil, fields, fields.count, &source, nil)
        : nghttp2_submit_request(session, nil, fields, fields.count, nil, nil)
    }
    guard id > 0 else {
      isFull = true
      return conclude(exchange, .unprocessed("HTTP/2: \(Self.words(id))"))
    }
    exchanges[id] = exchange
  }

  /// Gives up those exchanges; there will be no result for them.
  func cancel(where isMeant: (HTTP2Exchange) -> Bool) {
    for (id, exchange) in exchanges where isMeant(exchange) {
      exchanges[id] = nil
      unsafe nghttp2_submit_rst_stream(session, 0, id, NGHTTP2_CANCEL.rawValue)
    }
  }

  func ping() { unsafe nghttp2_submit_ping(session, 0, nil) }

  /// Lets the server know that nothing more will come.
  func sayGoodbye() { unsafe nghttp2_session_terminate_session(session, NGHTTP2_NO_ERROR.rawValue) }

  func takeEnded() -> [(exchange: HTTP2Exchange, end: End)] {
    defer { ended.removeAll(keepingCapacity: true) }
    return ended
  }

  // MARK: Bytes

  /// Takes bytes from the wire.
  func receive(_ bytes: UnsafeRawBufferPointer) {
    let count = unsafe nghttp2_session_mem_recv(
      session, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count)
    if count < 0 { fail(Int32(truncatingIfNeeded: count)) }
  }

  /// Appends what is to be sent.
  func send(into buffer: inout ByteBuffer) {
    while true {
      var start: UnsafePointer<UInt8>?
      let count = unsafe nghttp2_session_mem_send(session, &start)
      if count < 0 { fail(Int32(truncatingIfNeeded: count)) }
      guard count > 0 else { return }
      unsafe buffer.append(UnsafeRawBufferPointer(start: start, count: count))
    }
  }

  /// The connection is over: ends every exchange that is left, by what the server did wrong or said, else by `otherwise`.
  func endAll(_ otherwise: (HTTP2Exchange) -> ExchangeResult.Result) {
    let left = exchanges
    exchanges = [:]
    for (_, exchange) in left.sorted(by: { $0.key < $1.key }) {
      if let fault {
        conclude(exchange, .result(.malformed(fault)))
      } else if !exchange.isSent {
        conclude(exchange, .unprocessed(farewell ?? "the peer closed the connection"))
      } else if let farewell {
        conclude(exchange, .result(.cutAfterSend(farewell)))
      } else {
        conclude(exchange, .result(otherwise(exchange)))
      }
    }
  }

  private func conclude(_ exchange: HTTP2Exchange, _ end: End) { ended.append((exchange, end)) }

  private func fail(_ code: Int32) { if fault == nil { fault = "HTTP/2: \(Self.words(code))" } }

  private static func words(_ code: Int32) -> String { unsafe String(cString: nghttp2_strerror(code)) }

  /// `PROTOCOL_ERROR` and the like.
  private static func name(_ code: UInt32) -> String { unsafe String(cString: nghttp2_http2_strerror(code)) }
}

// MARK: - What nghttp2 tells

extension HTTP2Session {
  func copyBody(_ id: Int32, into buffer: UnsafeMutableRawBufferPointer) -> (count: Int, isLast: Bool)? {
    unsafe exchanges[id]?.copyBody(into: buffer)
  }

  /// False if the response is refused for it.
  func tookField(_ id: Int32, _ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
    exchanges[id]?.take(name, value, limits) ?? true
  }

  func tookBody(_ id: Int32, _ part: Span<UInt8>) {
    guard let exchange = exchanges[id], !exchange.take(part, limits) else { return }
    // What comes after the longest body that is read is not looked at.
    finish(id, exchange, isWhole: false)
  }

  func headEnded(_ id: Int32) { exchanges[id]?.endHead(limits) }

  func streamEnded(_ id: Int32) {
    guard let exchange = exchanges[id], exchange.isHeadDone else { return }
    finish(id, exchange, isWhole: true)
  }

  private func finish(_ id: Int32, _ exchange: HTTP2Exchange, isWhole: Bool) {
    exchanges[id] = nil
    conclude(exchange, .result(.response(exchange.takeResponse())))
    // The rest of the request, or of the body, is not needed.
    let isSent = unsafe nghttp2_session_get_stream_local_close(session, id) == 1
    if !isSent || !isWhole { unsafe nghttp2_submit_rst_stream(session, 0, id, NGHTTP2_CANCEL.rawValue) }
  }

  func streamReset(_ id: Int32, code: UInt32) { exchanges[id]?.resetCode = code }

  func headSent(_ id: Int32) { exchanges[id]?.isSent = true }

  func settingsCame() { hasSettings = true }

  func serverSaidGoodbye(code: UInt32) {
    if farewell == nil || code != 0 { farewell = "HTTP/2: the server ended the connection: \(Self.name(code))" }
  }

  /// The server broke the rules, by a frame of a stream or of the connection (0).
  func refusedFrame(_ id: Int32, code: Int32) {
    if let exchange = exchanges[id] { _ = exchange.refuse("HTTP/2: \(Self.words(code))") }
  }

  /// We ended the connection for what the server did.
  func saidGoodbye(code: UInt32) { if code != 0, fault == nil { fault = "HTTP/2: \(Self.name(code))" } }

  func streamClosed(_ id: Int32, code: UInt32) {
    guard let exchange = exchanges.removeValue(forKey: id) else { return }
    if let fault = exchange.fault { return conclude(exchange, .result(.malformed(fault))) }
    if !exchange.isSent { return conclude(exchange, .unprocessed("HTTP/2: \(Self.name(code))")) }
    let words = "HTTP/2: the server reset the stream: \(Self.name(code))"
    if code == NGHTTP2_REFUSED_STREAM.rawValue {
      // Of a GOAWAY it is the streams above the last that the server looked at.
      return conclude(exchange, .unprocessed(exchange.resetCode == nil ? farewell ?? words : words))
    }
    guard exchange.resetCode != nil else {
      return conclude(exchange, .result(.malformed("HTTP/2: \(Self.name(code))")))
    }
    let wantsOther = code == NGHTTP2_HTTP_1_1_REQUIRED.rawValue
    conclude(exchange, .result(wantsOther ? .unreachable(words) : .cutAfterSend(words)))
  }
}
