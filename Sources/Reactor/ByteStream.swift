internal import CUV

/// What the owner of a stream hears. Called on the loop, from I/O callbacks only: never from inside a call that the
/// owner makes.
package protocol ByteStreamDelegate: AnyObject {
  /// Connected, and with TLS the handshake is done and the peer verified.
  func streamConnected(_ stream: ByteStream)
  /// The bytes are good until the method returns.
  func stream(_ stream: ByteStream, received bytes: UnsafeRawBufferPointer)
  /// The stream is over; nothing follows. `nil` for an orderly end by the peer.
  func stream(_ stream: ByteStream, closed cause: StreamError?)
}

/// Where a stream leads to.
package enum StreamTarget: Sendable, Equatable {
  /// A name or a literal address (IPv6 with or without brackets), and a port.
  case host(String, port: UInt16)
  /// The path of a unix socket.
  case unix(path: String)
}

/// One outgoing connection on a loop: TCP or unix socket, with TLS where a context is given, through a relay where there
/// is one. It is the loop's: make it and call it there.
///
/// `idle → connecting → (reaching → asking →) handshaking → open → closed`, the relay's steps in brackets. While it is not
/// closed it keeps itself, its delegate and the loop alive; `close()`, or the delegate's `closed`, lets go of them.
@safe package final class ByteStream {
  enum State { case idle, connecting, reaching, asking, handshaking, open, closed }

  let loop: EventLoop
  var state = State.idle
  var delegate: (any ByteStreamDelegate)?
  var handle: UnsafeMutablePointer<uv_stream_t>?
  var connecting: ConnectPlan?
  /// With the peer itself.
  var tls: TLSSession?
  /// With the relay, around everything that goes through it.
  var carrier: TLSSession?
  /// Until it has opened the way.
  var relay: StreamRelay?
  private var pendingWrites = 0

  /// Whether bytes of the owner may have left this machine.
  package private(set) var hasWritten = false
  /// Whether the socket has not taken all that was written.
  package var hasPendingWrites: Bool { pendingWrites > 0 }
  package var isOpen: Bool { state == .open }
  package var isClosed: Bool { state == .closed }

  package init(loop: EventLoop, delegate: any ByteStreamDelegate) {
    self.loop = loop
    self.delegate = delegate
  }

  /// Another owner hears what comes from now on.
  package func handOver(to delegate: any ByteStreamDelegate) {
    if state != .closed { self.delegate = delegate }
  }

  // MARK: Writing

  /// Hands bytes to the socket, at once as far as it takes them; the rest is copied and follows by itself. Gives the
  /// error if the connection turns out to be broken: then `close()` it, `closed` will not be called for it.
  package func write(_ bytes: UnsafeRawBufferPointer) -> StreamError? {
    guard state == .open else { return StreamError(.reset, "not connected") }
    guard let tls else {
      let failed = unsafe carry(bytes)
      if failed == nil { hasWritten = true }
      return failed
    }
    if let failed = unsafe tls.encrypt(bytes) { return failed }
    let failed = sendEncrypted()
    if failed == nil { hasWritten = true }
    return failed
  }

  /// Sends what TLS has for the peer.
  func sendEncrypted() -> StreamError? {
    guard let tls else { return nil }
    let failed = unsafe tls.withOutput { unsafe $0.isEmpty ? nil : carry($0) }
    tls.clearOutput()
    return failed
  }

  func send(_ bytes: UnsafeRawBufferPointer) -> StreamError? {
    guard let handle = unsafe handle else { return StreamError(.reset, "not connected") }
    var taken = 0
    if pendingWrites == 0 {
      var buffer = unsafe uv_buf_t(bytes)
      let code = unsafe uv_try_write(handle, &buffer, 1)
      if code == bytes.count { return nil }
      if code >= 0 { taken = Int(code) } else if code != UV_EAGAIN.rawValue { return broken(code, "write") }
    }
    let rest = unsafe PendingWrite(stream: self, bytes: UnsafeRawBufferPointer(rebasing: bytes[taken...]))
    var buffer = unsafe uv_buf_t(UnsafeRawBufferPointer(rest.bytes))
    unsafe rest.request.pointee.data = Unmanaged.passRetained(rest).toOpaque()
    let code = unsafe uv_write(rest.request, handle, &buffer, 1, streamWrote)
    guard code == 0 else {
      unsafe Unmanaged.passUnretained(rest).release()
      return broken(code, "write")
    }
    pendingWrites += 1
    return nil
  }

  fileprivate func wrote(_ code: Int32) {
    pendingWrites -= 1
    if code < 0 { end(broken(code, "write")) }
  }

  func broken(_ code: Int32, _ what: String) -> StreamError { StreamError(.reset, "\(what): \(describe(code))") }

  // MARK: Reading

  func startReading() {
    guard let handle = unsafe handle else { return }
    let code = unsafe uv_read_start(handle, streamAllocates, streamRead)
    if code < 0 { end(broken(code, "read")) }
  }

  fileprivate func read(_ count: Int, _ base: UnsafeMutablePointer<CChar>?) {
    guard state != .idle, state != .connecting, state != .closed else { return }
    if count > 0, let base = unsafe base {
      let bytes = unsafe UnsafeRawBufferPointer(start: base, count: count)
      if carrier == nil { unsafe take(bytes) } else { unsafe uncover(bytes) }
    } else if count == Int(UV_EOF.rawValue) {
      endOfInput()
    } else if count < 0 {
      end(broken(Int32(truncatingIfNeeded: count), state == .handshaking ? "TLS handshake" : "read"))
    }
  }

  /// Bytes of the peer itself, or of a relay that is asked.
  func take(_ bytes: UnsafeRawBufferPointer) {
    if state == .asking {
      unsafe relayAnswered(bytes)
    } else if tls == nil {
      unsafe delegate?.stream(self, received: bytes)
    } else {
      unsafe decrypt(bytes)
    }
  }

  /// Nothing more will come.
  func endOfInput() {
    switch state {
    case .handshaking, .reaching: end(StreamError(.tls, "TLS handshake: the peer closed the connection"))
    case .asking: end(StreamError(.relay, "the peer closed the connection before its answer"))
    default: end(tls == nil ? nil : StreamError(.truncated, "closed without TLS close_notify"))
    }
  }

  // MARK: Closing

  /// Closes; what was written and not yet taken by the socket is lost. The delegate hears nothing more.
  package func close() {
    if state == .open, let tls {
      tls.sayGoodbye()
      _ = sendEncrypted()
    }
    shut()
  }

  /// The stream ended by itself: close, then tell.
  func end(_ cause: StreamError?) {
    guard state != .closed, let told = delegate else { return }
    let cause = relay == nil ? cause : cause.map { StreamError($0.code, "proxy: \($0.message)") }
    shut()
    told.stream(self, closed: cause)
  }

  private func shut() {
    guard state != .closed else { return }
    state = .closed
    delegate = nil
    connecting = nil
    tls = nil
    carrier = nil
    relay = nil
    dropHandle()
  }

  /// Closes the socket; its memory goes when libuv is done with it.
  func dropHandle() {
    guard let open = unsafe handle else { return }
    unsafe handle = nil
    unsafe uv_close(UnsafeMutableRawPointer(open).assumingMemoryBound(to: uv_handle_t.self), streamClosed)
  }
}

/// What the socket did not take at once, alive until libuv has sent it.
@safe private final class PendingWrite {
  let stream: ByteStream
  let bytes: UnsafeMutableRawBufferPointer
  let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)

  init(stream: ByteStream, bytes: UnsafeRawBufferPointer) {
    self.stream = stream
    unsafe self.bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    unsafe self.bytes.copyMemory(from: bytes)
  }

  deinit {
    unsafe bytes.deallocate()
    unsafe request.deallocate()
  }
}

extension uv_buf_t {
  fileprivate init(_ bytes: UnsafeRawBufferPointer) {
    let base = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
    unsafe self = uv_buf_init(base?.assumingMemoryBound(to: CChar.self), UInt32(truncatingIfNeeded: bytes.count))
  }
}

private func streamAllocates(
  _ handle: UnsafeMutablePointer<uv_handle_t>?, _ size: Int, _ buffer: UnsafeMutablePointer<uv_buf_t>?
) {
  let base = unsafe handle?.pointee.loop.pointee.data?.assumingMemoryBound(to: CChar.self)
  unsafe buffer?.pointee = uv_buf_init(base, UInt32(EventLoop.readBytesMax))
}

private func streamRead(
  _ handle: UnsafeMutablePointer<uv_stream_t>?, _ count: Int, _ buffer: UnsafePointer<uv_buf_t>?
) {
  guard count != 0, let data = unsafe handle?.pointee.data else { return }
  unsafe Unmanaged<ByteStream>.fromOpaque(data).takeUnretainedValue().read(count, buffer?.pointee.base)
}

private func streamWrote(_ request: UnsafeMutablePointer<uv_write_t>?, _ code: Int32) {
  guard let data = unsafe request?.pointee.data else { return }
  unsafe Unmanaged<PendingWrite>.fromOpaque(data).takeRetainedValue().stream.wrote(code)
}

private func streamClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  guard let handle = unsafe handle else { return }
  if let data = unsafe handle.pointee.data { unsafe Unmanaged<ByteStream>.fromOpaque(data).release() }
  unsafe UnsafeMutableRawPointer(handle).deallocate()
}
