import Reactor
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A server that plays one script per connection, in the order they come, on its own thread.
final class ScriptedServer: Sendable {
  let port: UInt16
  private let thread: OSThread

  init(unixPath: String? = nil, _ scripts: (@Sendable (Peer) -> Void)...) {
    let listener = unixPath.map(Self.listenUnix) ?? Self.listenTCP()
    port = unixPath == nil ? Self.port(of: listener) : 0
    thread = OSThread(name: "scripted-server") {
      for script in scripts {
        let socket = accept(listener, nil, nil)
        guard socket >= 0 else { break }
        script(Peer(socket: socket))
        close(socket)
      }
      close(listener)
    }
  }

  /// Waits for the last script's end.
  func join() { thread.join() }

  private static func listenTCP() -> Int32 {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = unsafe bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    limitAccept(listener)
    return listener
  }

  private static func listenUnix(_ path: String) -> Int32 {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = unsafe bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    limitAccept(listener)
    return listener
  }

  /// A connection that never comes must not hang the tests.
  private static func limitAccept(_ listener: Int32) {
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    unsafe setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    listen(listener, 16)
  }

  private static func port(of listener: Int32) -> UInt16 {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    unsafe withUnsafeMutablePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = unsafe getsockname(listener, $0, &size) }
    }
    return UInt16(bigEndian: address.sin_port)
  }
}

/// The server's end of one connection.
struct Peer {
  let socket: Int32

  /// Reads up to the end of a request's head; gives what came, empty if the client closed.
  @discardableResult func readHead() -> String {
    var text: [UInt8] = []
    var byte: UInt8 = 0
    while !text.suffix(4).elementsEqual("\r\n\r\n".utf8), unsafe recv(socket, &byte, 1, 0) == 1 { text.append(byte) }
    return String(decoding: text, as: UTF8.self)
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes[sent...].withUnsafeBytes {
        unsafe sendto(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), nil, 0)
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// Reads until the client closes.
  func waitForEnd() {
    var byte: UInt8 = 0
    while unsafe recv(socket, &byte, 1, 0) > 0 {}
  }

  /// Lets the following close be a reset.
  func resetAtClose() {
    var now = linger(l_onoff: 1, l_linger: 0)
    unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
  }
}
