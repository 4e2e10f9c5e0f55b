private import CMicroHTTPD
package import FanOut
import Synchronization

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// A small HTTP server on a free port of 127.0.0.1, whose answers may take their time without holding up a thread.
package final class LocalAPI: Sendable {
  package struct Request: Sendable, Equatable {
    package let method: String
    package let path: String
    package let body: [UInt8]

    package init(method: String, path: String, body: [UInt8]) {
      self.method = method
      self.path = path
      self.body = body
    }
  }

  package struct Reply: Sendable, Equatable {
    package let status: UInt16
    /// JSON.
    package let body: String
    package let delay: Nanoseconds

    package init(status: UInt16, body: String, delay: Nanoseconds = .zero) {
      self.status = status
      self.body = body
      self.delay = delay
    }
  }

  /// The system gives no socket or no thread.
  package struct Unavailable: Error, CustomStringConvertible {
    package let description = "no local HTTP server could be started on 127.0.0.1"
  }

  /// Bodies beyond this are answered with 413.
  static let bodyBytesMax = 1 << 20

  package let port: UInt16
  private let clock: ReplyClock
  /// The address of the server and that of its retained `ServerContext`; nil once closed.
  private let running: Mutex<(daemon: UInt, context: UInt)?>

  /// `answer` is called on the server's thread, one request after the other, and must not block it.
  package init(answer: @escaping @Sendable (Request) -> Reply) throws(Unavailable) {
    let clock = ReplyClock()
    let context = unsafe Unmanaged.passRetained(ServerContext(answer: answer, clock: clock)).toOpaque()
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    let daemon = unsafe withUnsafePointer(to: &address) { address in
      unsafe mhd_start(
        UnsafeRawPointer(address).assumingMemoryBound(to: sockaddr.self), 1, 1024, 120, answerRequest, context,
        requestCompleted, nil)
    }
    guard let daemon = unsafe daemon else {
      unsafe Unmanaged<ServerContext>.fromOpaque(context).release()
      clock.close()
      throw Unavailable()
    }
    self.clock = clock
    port = unsafe mhd_port(daemon)
    running = Mutex((UInt(bitPattern: daemon), UInt(bitPattern: context)))
  }

  deinit { close() }

  /// Answers what waits, then closes every connection. Later calls do nothing.
  package func close() {
    let ended = running.withLock { running in
      defer { running = nil }
      return running
    }
    guard let ended else { return }
    // The library ends the process over a server that is stopped with a connection suspended.
    clock.close()
    unsafe MHD_stop_daemon(OpaquePointer(bitPattern: ended.daemon))
    if let context = unsafe UnsafeMutableRawPointer(bitPattern: ended.context) {
      unsafe Unmanaged<ServerContext>.fromOpaque(context).release()
    }
  }
}

/// What the server's callbacks know; it lives as long as the server.
private final class ServerContext: Sendable {
  let answer: @Sendable (LocalAPI.Request) -> LocalAPI.Reply
  let clock: ReplyClock
  init(answer: @escaping @Sendable (LocalAPI.Request) -> LocalAPI.Reply, clock: ReplyClock) {
    self.answer = answer
    self.clock = clock
  }
}

/// One request on its way; only the server's thread touches it.
private final class Exchange {
  var body: [UInt8] = []
  var isTooLarge = false
  /// Decided once; the callback comes again when its time has come.
  var reply: LocalAPI.Reply?

  func take(_ bytes: UnsafeRawBufferPointer) {
    isTooLarge = isTooLarge || body.count + bytes.count > LocalAPI.bodyBytesMax
    if !isTooLarge { unsafe body.append(contentsOf: bytes) }
  }
}

/// Called at a request's head, at each part of its body, at its end, and once more after a suspension.
private func answerRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ data: UnsafePointer<CChar>?,
  _ size: UnsafeMutablePointer<Int>?, _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let context = unsafe context, let connection = unsafe connection, let slot = unsafe slot,
    let size = unsafe size
  else { return .NO }
  guard let known = unsafe slot.pointee else {
    unsafe slot.pointee = Unmanaged.passRetained(Exchange()).toOpaque()
    return .YES
  }
  let exchange = unsafe Unmanaged<Exchange>.fromOpaque(known).takeUnretainedValue()
  if unsafe size.pointee > 0 {
    unsafe exchange.take(UnsafeRawBufferPointer(start: data, count: size.pointee))
    unsafe size.pointee = 0
    return .YES
  }
  if let reply = exchange.reply { return unsafe send(reply, connection) }
  let server = unsafe Unmanaged<ServerContext>.fromOpaque(context).takeUnretainedValue()
  let reply =
    exchange.isTooLarge
    ? LocalAPI.Reply(status: 413, body: #"{"error":"too large"}"#)
    : server.answer(unsafe LocalAPI.Request(method: text(method), path: text(url), body: exchange.body))
  exchange.reply = reply
  if reply.delay > .zero, server.clock.hold(UInt(bitPattern: connection), for: reply.delay) { return .YES }
  return unsafe send(reply, connection)
}

private func send(_ reply: LocalAPI.Reply, _ connection: OpaquePointer) -> MHD_Result {
  var body = Array(reply.body.utf8)
  let response = unsafe body.withUnsafeMutableBytes {
    unsafe MHD_create_response_from_buffer($0.count, $0.baseAddress, .RESPMEM_MUST_COPY)
  }
  guard let response = unsafe response else { return .NO }
  defer { unsafe MHD_destroy_response(response) }
  _ = unsafe MHD_add_response_header(response, "Content-Type", "application/json")
  return unsafe MHD_queue_response(connection, UInt32(reply.status), response)
}

private func requestCompleted(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
  guard let slot = unsafe slot, let known = unsafe slot.pointee else { return }
  unsafe Unmanaged<Exchange>.fromOpaque(known).release()
  unsafe slot.pointee = nil
}

private func text(_ string: UnsafePointer<CChar>?) -> String {
  guard let string = unsafe string else { return "" }
  return unsafe String(cString: string)
}
