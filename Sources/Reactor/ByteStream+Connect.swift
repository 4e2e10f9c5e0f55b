internal import CUV

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What is left to try while a stream connects.
struct ConnectPlan {
  let target: StreamTarget
  let allowPrivateAddresses: Bool
  var untried: [SocketAddress] = []
  var failed: StreamError?
}

extension ByteStream {
  /// Starts to connect, once per stream: each address of a name in turn, resolved anew. Failure is heard by `closed`,
  /// save what is wrong at once, which is returned (the stream is closed then).
  /// - Parameter allowPrivateAddresses: `false` skips addresses of this machine and of private networks; asked after
  ///   resolving, so a name cannot lead there either. With a relay it is the relay's address that is looked at.
  /// - Parameter relay: on the way to the target, which is the relay's to resolve.
  package func connect(
    to target: StreamTarget, tls context: TLSContext? = nil, allowPrivateAddresses: Bool = true,
    through relay: StreamRelay? = nil
  ) -> StreamError? {
    precondition(state == .idle, "a stream connects once")
    state = .connecting
    self.relay = relay
    let next = relay?.target ?? target
    connecting = ConnectPlan(target: next, allowPrivateAddresses: allowPrivateAddresses)
    do throws(StreamError) {
      if let context { tls = try TLSSession.make(context, host: target.tlsName) }
      if let context = relay?.tls { carrier = try TLSSession.make(context, host: next.tlsName) }
    } catch {
      return abandon(error)
    }
    switch next {
    case .unix(let path): return connectUnix(path)
    case .host(_, let port):
      let host = next.tlsName
      if let literal = SocketAddress(literal: host, port: port) { return offer([literal]) }
      return resolve(host, port)
    }
  }

  private func abandon(_ failed: StreamError) -> StreamError {
    let failed = relay == nil ? failed : StreamError(failed.code, "proxy: \(failed.message)")
    close()
    return failed
  }

  private var targetText: String {
    switch connecting?.target {
    case .host(let name, let port): "\(name):\(port)"
    case .unix(let path): path
    case nil: "?"
    }
  }

  // MARK: Names

  private func resolve(_ host: String, _ port: UInt16) -> StreamError? {
    let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
    var hints = unsafe addrinfo()
    #if canImport(Glibc)
      unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      unsafe hints.ai_socktype = SOCK_STREAM
    #endif
    unsafe request.pointee.data = Unmanaged.passRetained(self).toOpaque()
    let code = unsafe uv_getaddrinfo(loop.uv, request, streamResolved, host, String(port), &hints)
    guard code == 0 else {
      unsafe Unmanaged.passUnretained(self).release()
      unsafe request.deallocate()
      return abandon(StreamError(.resolve, "resolve \(host): \(describe(code))"))
    }
    return nil
  }

  fileprivate func resolved(_ code: Int32, _ list: UnsafeMutablePointer<addrinfo>?) {
    guard state == .connecting else { return }
    guard code == 0 else { return end(StreamError(.resolve, "resolve \(targetText): \(describe(code))")) }
    var found: [SocketAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
      if let address = unsafe entry.pointee.ai_addr,
        let copy = unsafe SocketAddress(address, length: Int(entry.pointee.ai_addrlen))
      {
        found.append(copy)
      }
      unsafe next = entry.pointee.ai_next
    }
    if let failed = offer(found, closes: false) { end(failed) }
  }

  /// Begins with the first of the addresses that may be tried.
  private func offer(_ addresses: [SocketAddress], closes: Bool = true) -> StreamError? {
    let mayPrivate = connecting?.allowPrivateAddresses ?? true
    let allowed = addresses.filter { mayPrivate || !$0.isPrivate }
    connecting?.untried = allowed.reversed()
    let failed: StreamError?
    if allowed.isEmpty {
      let refused = addresses.map(\.text).joined(separator: ", ")
      failed =
        addresses.isEmpty
        ? StreamError(.resolve, "resolve \(targetText): no address")
        : StreamError(.addressRefused, "\(targetText): private address \(refused) is not allowed")
    } else {
      failed = tryNext()
    }
    if let failed, closes { return abandon(failed) }
    return failed
  }

  // MARK: Sockets

  /// Tries the next address; gives the last failure when none is left.
  private func tryNext() -> StreamError? {
    while let address = connecting?.untried.popLast() {
      dropHandle()
      let socket = unsafe newHandle()
      let tcp = unsafe UnsafeMutableRawPointer(socket).assumingMemoryBound(to: uv_tcp_t.self)
      let made = unsafe uv_tcp_init(loop.uv, tcp)
      guard made == 0 else {
        unsafe socket.deallocate()
        connecting?.failed = StreamError(.connect, "socket: \(describe(made))")
        continue
      }
      unsafe own(socket)
      let request = unsafe connectRequest()
      let code = unsafe address.withPointer { unsafe uv_tcp_connect(request, tcp, $0, streamConnected) }
      if code == 0 { return nil }
      unsafe forget(request)
      let failed = StreamError(.connect, "connect to \(targetText) (\(address.text)): \(describe(code))")
      connecting?.failed = failed
    }
    return connecting?.failed ?? StreamError(.connect, "connect to \(targetText): no address left")
  }

  private func connectUnix(_ path: String) -> StreamError? {
    // libuv would cut a longer path silently and connect elsewhere.
    let room = MemoryLayout.size(ofValue: sockaddr_un().sun_path)
    guard path.utf8.count < room, !path.utf8.contains(0) else {
      return abandon(StreamError(.connect, "connect to \(path): the path is longer than \(room - 1) bytes"))
    }
    let socket = unsafe newHandle()
    let pipe = unsafe UnsafeMutableRawPointer(socket).assumingMemoryBound(to: uv_pipe_t.self)
    let made = unsafe uv_pipe_init(loop.uv, pipe, 0)
    guard made == 0 else {
      unsafe socket.deallocate()
      return abandon(StreamError(.connect, "socket: \(describe(made))"))
    }
    unsafe own(socket)
    // Failure, even at once, comes by the callback.
    unsafe uv_pipe_connect(connectRequest(), pipe, path, streamConnected)
    return nil
  }

  fileprivate func connected(_ code: Int32) {
    guard state == .connecting else { return }
    guard code == 0 else {
      let failed = StreamError(.connect, "connect to \(targetText): \(describe(code))")
      connecting?.failed = failed
      if let failed = tryNext() { end(failed) }
      return
    }
    if case .host = connecting?.target, let socket = unsafe handle {
      unsafe uv_tcp_nodelay(UnsafeMutableRawPointer(socket).assumingMemoryBound(to: uv_tcp_t.self), 1)
    }
    connecting = nil
    state = relay == nil ? .handshaking : .reaching
    startReading()
    if state == .handshaking { shakeHands() } else if state == .reaching { reachRelay() }
  }

  private func newHandle() -> UnsafeMutablePointer<uv_stream_t> {
    let size = unsafe max(MemoryLayout<uv_tcp_t>.size, MemoryLayout<uv_pipe_t>.size)
    return unsafe UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
      .assumingMemoryBound(to: uv_stream_t.self)
  }

  private func own(_ socket: UnsafeMutablePointer<uv_stream_t>) {
    unsafe socket.pointee.data = Unmanaged.passRetained(self).toOpaque()
    unsafe handle = socket
  }

  private func connectRequest() -> UnsafeMutablePointer<uv_connect_t> {
    let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
    unsafe request.pointee.data = Unmanaged.passRetained(self).toOpaque()
    return unsafe request
  }

  private func forget(_ request: UnsafeMutablePointer<uv_connect_t>) {
    unsafe Unmanaged.passUnretained(self).release()
    unsafe request.deallocate()
  }
}

private func streamResolved(
  _ request: UnsafeMutablePointer<uv_getaddrinfo_t>?, _ code: Int32, _ list: UnsafeMutablePointer<addrinfo>?
) {
  guard let request = unsafe request, let data = unsafe request.pointee.data else { return }
  unsafe Unmanaged<ByteStream>.fromOpaque(data).takeRetainedValue().resolved(code, list)
  unsafe uv_freeaddrinfo(list)
  unsafe request.deallocate()
}

private func streamConnected(_ request: UnsafeMutablePointer<uv_connect_t>?, _ code: Int32) {
  guard let request = unsafe request, let data = unsafe request.pointee.data else { return }
  // A connect that was given up for the next address, or by `close()`, ends as cancelled.
  let stream = unsafe Unmanaged<ByteStream>.fromOpaque(data).takeRetainedValue()
  if code != UV_ECANCELED.rawValue { stream.connected(code) }
  unsafe request.deallocate()
}
