internal import CUV

/// Where a stream connects to.
package enum StreamAddress: Sendable, Equatable {
  case tcp(host: String, port: UInt16)
  case unix(path: String)
}

/// What a stream tells its owner, on the loop's thread, never from inside a call of the owner.
package protocol ByteStreamDelegate: AnyObject {
  func streamConnected()
  /// The bytes are good inside the call only.
  func streamReceived(_ bytes: UnsafeRawBufferPointer)
  /// Once, at the end: a failed connection, the peer's end, a reset. Nothing follows.
  func streamClosed(_ cause: String)
}

/// A TCP or unix connection on one event loop. It keeps itself alive from `connect` until libuv has closed its handle,
/// so that no callback finds it gone.
@safe package final class ByteStream {
  private let loop: EventLoop
  package weak var delegate: (any ByteStreamDelegate)?
  private var handle: UnsafeMutablePointer<uv_stream_t>?
  private var host = ""
  private var candidates: [sockaddr_storage] = []
  private var lastError = "no address"
  private var pendingWrites = 0
  private var isEnded = false

  package init(loop: EventLoop) { self.loop = loop }

  // MARK: - Connecting

  package func connect(to address: StreamAddress) {
    switch address {
    case .unix(let path): connectPipe(path)
    case .tcp(let host, let port):
      self.host = host
      var storage = sockaddr_storage()
      if unsafe withUnsafeMutablePointer(to: &storage, { unsafe literal(host, port, UnsafeMutableRawPointer($0)) }) {
        candidates = [storage]
        connectNext()
      } else {
        resolve(host, port)
      }
    }
  }

  private func literal(_ host: String, _ port: UInt16, _ storage: UnsafeMutableRawPointer) -> Bool {
    unsafe uv_ip4_addr(host, Int32(port), storage.assumingMemoryBound(to: sockaddr_in.self)) == 0
      || uv_ip6_addr(host, Int32(port), storage.assumingMemoryBound(to: sockaddr_in6.self)) == 0
  }

  private func resolve(_ host: String, _ port: UInt16) {
    let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
    unsafe request.pointee.data = Unmanaged.passRetained(self).toOpaque()
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    let status = unsafe uv_getaddrinfo(loop.uv, request, streamResolved, host, String(port), &hints)
    guard status != 0 else { return }
    unsafe request.deallocate()
    unsafe Unmanaged.passUnretained(self).release()
    fail("cannot resolve \(host): \(describe(status))")
  }

  fileprivate func resolved(_ status: Int32, _ list: UnsafeMutablePointer<addrinfo>?) {
    guard !isEnded else { return }
    guard status == 0 else { return end("cannot resolve \(host): \(describe(status))") }
    var entry = unsafe list
    while let info = unsafe entry {
      if let address = unsafe info.pointee.ai_addr {
        var storage = sockaddr_storage()
        let count = unsafe min(Int(info.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
        unsafe withUnsafeMutableBytes(of: &storage) {
          unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: count))
        }
        candidates.append(storage)
      }
      unsafe entry = info.pointee.ai_next
    }
    connectNext()
  }

  /// Tries each address in the resolver's order.
  private func connectNext() {
    guard !candidates.isEmpty else { return fail(lastError) }
    var address = candidates.removeFirst()
    let tcp = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
    unsafe uv_tcp_init(loop.uv, tcp)
    unsafe uv_tcp_nodelay(tcp, 1)
    unsafe adopt(UnsafeMutableRawPointer(tcp))
    let request = unsafe makeConnectRequest()
    let status = unsafe withUnsafePointer(to: &address) {
      unsafe uv_tcp_connect(
        request, tcp, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self), streamConnected)
    }
    guard status != 0 else { return }
    unsafe request.deallocate()
    lastError = "cannot connect: \(describe(status))"
    release()
    connectNext()
  }

  private func connectPipe(_ path: String) {
    let pipe = UnsafeMutablePointer<uv_pipe_t>.allocate(capacity: 1)
    unsafe uv_pipe_init(loop.uv, pipe, 0)
    unsafe adopt(UnsafeMutableRawPointer(pipe))
    unsafe uv_pipe_connect(makeConnectRequest(), pipe, path, streamConnected)
  }

  private func adopt(_ raw: UnsafeMutableRawPointer) {
    let stream = unsafe raw.assumingMemoryBound(to: uv_stream_t.self)
    unsafe stream.pointee.data = Unmanaged.passRetained(self).toOpaque()
    unsafe handle = stream
  }

  private func makeConnectRequest() -> UnsafeMutablePointer<uv_connect_t> {
    UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
  }

  fileprivate func connected(_ status: Int32, of stream: UnsafeMutablePointer<uv_stream_t>?) {
    guard !isEnded, let stream = unsafe stream, unsafe stream == handle else { return }
    guard status == 0 else {
      lastError = "cannot connect: \(describe(status))"
      release()
      return candidates.isEmpty ? end(lastError) : connectNext()
    }
    unsafe uv_read_start(stream, streamAllocates, streamRead)
    delegate?.streamConnected()
  }

  // MARK: - Reading and writing

  fileprivate var readBuffer: UnsafeMutableRawBufferPointer { unsafe loop.readBuffer }

  fileprivate func read(_ count: Int) {
    guard !isEnded else { return }
    if count > 0 {
      unsafe delegate?.streamReceived(UnsafeRawBufferPointer(rebasing: loop.readBuffer[0..<count]))
    } else if count < 0 {
      end(count == Int(UV_EOF.rawValue) ? "the connection was closed" : describe(Int32(count)))
    }
  }

  /// Writes at once what the socket takes and queues the rest; a broken connection is reported by `streamClosed`.
  package func write(_ bytes: UnsafeRawBufferPointer) {
    guard let stream = unsafe handle, !isEnded, let base = bytes.baseAddress, bytes.count > 0 else { return }
    var sent = 0
    if pendingWrites == 0 {
      var buffer = unsafe uv_buf_init(
        UnsafeMutableRawPointer(mutating: base).assumingMemoryBound(to: CChar.self), UInt32(bytes.count))
      let status = unsafe uv_try_write(stream, &buffer, 1)
      // An error comes again from the read side, in its own callback.
      sent = max(0, Int(status))
      if status < 0 && status != UV_EAGAIN.rawValue { return endLater(describe(status)) }
    }
    guard sent < bytes.count else { return }
    unsafe queue(UnsafeRawBufferPointer(rebasing: bytes[sent...]), on: stream)
  }

  private func queue(_ rest: UnsafeRawBufferPointer, on stream: UnsafeMutablePointer<uv_stream_t>) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: rest.count, alignment: 1)
    unsafe copy.copyMemory(from: rest)
    let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
    unsafe request.pointee.data = copy.baseAddress
    var buffer = unsafe uv_buf_init(copy.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(copy.count))
    pendingWrites += 1
    if unsafe uv_write(request, stream, &buffer, 1, streamWrote) != 0 {
      pendingWrites -= 1
      unsafe copy.deallocate()
      unsafe request.deallocate()
    }
  }

  fileprivate func wrote(_ status: Int32) {
    pendingWrites -= 1
    if status < 0 { end(describe(status)) }
  }

  // MARK: - The end

  /// Ends the connection without a word to the delegate.
  package func close() {
    isEnded = true
    delegate = nil
    release()
  }

  private func end(_ cause: String) {
    guard !isEnded else { return }
    isEnded = true
    release()
    delegate?.streamClosed(cause)
  }

  /// A failure found inside a call of the owner is told in the loop's next round.
  private func fail(_ cause: String) { endLater(cause) }

  private func endLater(_ cause: String) {
    lastError = cause
    let timer = UnsafeMutablePointer<uv_timer_t>.allocate(capacity: 1)
    unsafe uv_timer_init(loop.uv, timer)
    unsafe timer.pointee.data = Unmanaged.passRetained(self).toOpaque()
    unsafe uv_timer_start(timer, streamFailed, 0, 0)
  }

  fileprivate func failed() { end(lastError) }

  private func release() {
    guard let stream = unsafe handle else { return }
    unsafe handle = nil
    unsafe uv_close(UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_handle_t.self), streamHandleClosed)
  }

  private func describe(_ status: Int32) -> String {
    guard let text = unsafe uv_strerror(status) else { return "error \(status)" }
    return unsafe String(cString: text)
  }
}

// libuv calls these with the handles and requests made above; `data` is the stream, retained until the handle is
// closed.
private func stream(of data: UnsafeMutableRawPointer?) -> ByteStream? {
  guard let data = unsafe data else { return nil }
  return unsafe Unmanaged<ByteStream>.fromOpaque(data).takeUnretainedValue()
}

private func streamResolved(
  _ request: UnsafeMutablePointer<uv_getaddrinfo_t>?, _ status: Int32, _ list: UnsafeMutablePointer<addrinfo>?
) {
  guard let request = unsafe request, let data = unsafe request.pointee.data else { return }
  let owner = unsafe Unmanaged<ByteStream>.fromOpaque(data).takeRetainedValue()
  unsafe owner.resolved(status, list)
  unsafe uv_freeaddrinfo(list)
  unsafe request.deallocate()
}

private func streamConnected(_ request: UnsafeMutablePointer<uv_connect_t>?, _ status: Int32) {
  guard let request = unsafe request else { return }
  let handle = unsafe request.pointee.handle
  unsafe stream(of: handle?.pointee.data)?.connected(status, of: handle)
  unsafe request.deallocate()
}

private func streamAllocates(
  _ handle: UnsafeMutablePointer<uv_handle_t>?, _ suggested: Int, _ buffer: UnsafeMutablePointer<uv_buf_t>?
) {
  guard let owner = unsafe stream(of: handle?.pointee.data) else { return }
  unsafe buffer?.pointee = uv_buf_init(
    owner.readBuffer.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(owner.readBuffer.count))
}

private func streamRead(
  _ handle: UnsafeMutablePointer<uv_stream_t>?, _ count: Int, _ buffer: UnsafePointer<uv_buf_t>?
) {
  unsafe stream(of: handle?.pointee.data)?.read(count)
}

private func streamWrote(_ request: UnsafeMutablePointer<uv_write_t>?, _ status: Int32) {
  guard let request = unsafe request else { return }
  unsafe request.pointee.data?.deallocate()
  unsafe stream(of: request.pointee.handle?.pointee.data)?.wrote(status)
  unsafe request.deallocate()
}

private func streamFailed(_ timer: UnsafeMutablePointer<uv_timer_t>?) {
  guard let timer = unsafe timer, let data = unsafe timer.pointee.data else { return }
  let owner = unsafe Unmanaged<ByteStream>.fromOpaque(data).takeRetainedValue()
  unsafe uv_close(UnsafeMutableRawPointer(timer).assumingMemoryBound(to: uv_handle_t.self), streamTimerClosed)
  owner.failed()
}

private func streamTimerClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) { unsafe handle?.deallocate() }

private func streamHandleClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  guard let handle = unsafe handle else { return }
  if let data = unsafe handle.pointee.data { unsafe Unmanaged<ByteStream>.fromOpaque(data).release() }
  unsafe handle.deallocate()
}
