#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Sockets on 127.0.0.1, none of which ever blocks.
enum Loopback {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// A listener on a port below the ephemeral range: one that is closed for a while is not taken by an outgoing
  /// connection meanwhile, and who connects to it does not meet himself.
  static func listen() throws -> (socket: Int32, port: UInt16) {
    for _ in 0..<200 {
      let port = UInt16.random(in: 20_000..<32_000)
      if let socket = listen(port: port) { return (socket, port) }
    }
    throw Failure(description: "no free port found")
  }

  /// `nil` for a port that is taken.
  static func listen(port: UInt16) -> Int32? {
    let listener = socket(AF_INET, streamType, 0)
    guard listener >= 0 else { return nil }
    var yes: Int32 = 1
    unsafe setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let bound = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard bound == 0, Self.listenQueue(listener) == 0 else {
      close(listener)
      return nil
    }
    makeNonBlocking(listener)
    return listener
  }

  private static func listenQueue(_ socket: Int32) -> Int32 {
    #if canImport(Glibc)
      Glibc.listen(socket, 256)
    #else
      Darwin.listen(socket, 256)
    #endif
  }

  private static var streamType: Int32 {
    #if canImport(Glibc)
      Int32(SOCK_STREAM.rawValue)
    #else
      SOCK_STREAM
    #endif
  }

  static func close(_ socket: Int32) {
    #if canImport(Glibc)
      _ = Glibc.close(socket)
    #else
      _ = Darwin.close(socket)
    #endif
  }

  static func makeNonBlocking(_ socket: Int32) { _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK) }

  /// The next connection, or `nil`. Small answers are not held back for more to come.
  static func accept(from listener: Int32) -> Int32? {
    #if canImport(Glibc)
      let socket = Glibc.accept(listener, nil, nil)
    #else
      let socket = Darwin.accept(listener, nil, nil)
    #endif
    guard socket >= 0 else { return nil }
    makeNonBlocking(socket)
    var yes: Int32 = 1
    unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    return socket
  }

  /// Whether somebody has connected, accepted or not.
  static func waitForConnection(_ listener: Int32, seconds: Int32) -> Bool {
    var watched = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&watched, 1, seconds * 1000) == 1
  }

  /// Closes with RST in place of FIN.
  static func reset(_ socket: Int32) {
    var now = linger(l_onoff: 1, l_linger: 0)
    unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    close(socket)
  }
}
