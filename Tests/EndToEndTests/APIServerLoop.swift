#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The server's thread: one `poll` over everything.
final class APIServerLoop {
  /// One connection, `reading → answering → writing → reading`.
  private struct Connection {
    let socket: Int32
    var input: [UInt8] = []
    var output: [UInt8] = []
    var sent = 0
    /// What comes behind `output`, of no meaning.
    var flood = 0
    /// The exchange that is being answered.
    var exchange: Int?
    var pending: Answer?
    var due: UInt64 = 0
    var closesAfterOutput = false

    init(socket: Int32) {
      self.socket = socket
      input.reserveCapacity(1_024)
    }
  }

  private var listener: Int32?
  private let port: UInt16
  private let wakeUp: Int32
  private let server: APIServer
  private var orders: APIServer.Orders
  private var door = APIServer.Door.open
  private var connections: [Connection] = []
  private var scratch = [UInt8](repeating: 0, count: 262_144)

  init(listener: Int32, port: UInt16, wakeUp: Int32, server: APIServer) {
    self.listener = listener
    self.port = port
    self.wakeUp = wakeUp
    self.server = server
    orders = server.currentOrders
  }

  func run() {
    while !orders.isEnding {
      wait()
      orders = server.currentOrders
      moveDoor()
      acceptAll()
      answerDue()
    }
    shut()
  }

  /// Waits for I/O or the next answer that is due, and does all the reading and writing.
  private func wait() {
    var polled = [
      pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
      pollfd(fd: listener ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    for connection in connections {
      let wantsOut = connection.sent < connection.output.count
      polled.append(pollfd(fd: connection.socket, events: Int16(POLLIN | (wantsOut ? POLLOUT : 0)), revents: 0))
    }
    guard unsafe poll(&polled, nfds_t(polled.count), timeout()) > 0 else { return }
    if polled[0].revents != 0 { unsafe _ = read(wakeUp, &scratch, scratch.count) }
    // Backwards, since the last one takes the place of one that ends.
    for i in connections.indices.reversed() where polled[i + 2].revents != 0 {
      if polled[i + 2].revents & Int16(POLLOUT) != 0 { send(i) }
      if i < connections.count, connections[i].socket == polled[i + 2].fd, polled[i + 2].revents & ~Int16(POLLOUT) != 0
      {
        receive(i)
      }
    }
  }

  private func timeout() -> Int32 {
    var first = UInt64.max
    for connection in connections where connection.pending != nil { first = min(first, connection.due) }
    guard first != .max else { return -1 }
    let now = monotonicNanoseconds()
    return first <= now ? 0 : Int32(clamping: (first - now + 999_999) / 1_000_000)
  }

  // MARK: The door

  private func moveDoor() {
    guard orders.door != door else { return }
    if orders.door == .shut {
      shut()
    } else if listener == nil {
      listener = Loopback.listen(port: port)
      if listener == nil { return }
    }
    door = orders.door
    server.carriedOut(door)
  }

  private func shut() {
    if let listener { close(listener) }
    listener = nil
    while !connections.isEmpty { drop(connections.count - 1) }
  }

  private func acceptAll() {
    guard let listener else { return }
    while let socket = Loopback.accept(from: listener) {
      if door == .slammed { Loopback.reset(socket) } else { connections.append(Connection(socket: socket)) }
    }
  }

  private func drop(_ i: Int, resets: Bool = false) {
    let connection = connections[i]
    if resets { Loopback.reset(connection.socket) } else { close(connection.socket) }
    if let exchange = connection.exchange { server.journal.change { $0.abandoned(exchange) } }
    connections[i] = connections[connections.count - 1]
    connections.removeLast()
  }

  // MARK: Requests

  private func receive(_ i: Int) {
    while true {
      let count = unsafe recv(connections[i].socket, &scratch, scratch.count, 0)
      if count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) { break }
      guard count > 0 else { return drop(i) }
      unsafe scratch.withUnsafeBytes { bytes in
        unsafe connections[i].input.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      }
      if count < scratch.count { break }
    }
    takeRequest(i)
  }

  private func takeRequest(_ i: Int) {
    guard connections[i].exchange == nil, !connections[i].input.isEmpty else { return }
    var bytes = connections[i].input
    switch RequestFraming.look(bytes) {
    case .incomplete: return
    case .wrong:
      connections[i].input = []
      begin(i, bytes, headLength: bytes.count, .response(501, thenCloses: true))
    case .whole(let head, let total):
      connections[i].input = total == bytes.count ? [] : Array(bytes[total...])
      bytes.removeSubrange(total...)
      begin(i, bytes, headLength: head)
    }
  }

  /// Writes the request down, and makes ready what is said to it: `fixed`, or what the behaviour wants. The connection
  /// may be gone after this.
  private func begin(_ i: Int, _ bytes: [UInt8], headLength: Int, _ fixed: Answer? = nil) {
    let (index, request) = server.journal.change { journal in
      let index = journal.arrived(bytes, headLength: headLength)
      return (index, journal.exchanges[index].request)
    }
    connections[i].exchange = index
    let answer = fixed ?? orders.behaviour(request)
    switch answer {
    case .hang: break
    case .reset: drop(i, resets: true)
    case .flood(let status, let bytes):
      connections[i].flood = bytes
      write(i, status, "Content-Length: \(bytes)\r\n\r\n", closes: false)
    case .response(_, _, _, let delay, _):
      connections[i].pending = answer
      connections[i].due = delay == .zero ? 0 : monotonicNanoseconds() &+ delay.nanoseconds
      if delay == .zero { answerNow(i) }
    }
  }

  // MARK: Answers

  private func answerDue() {
    let now = monotonicNanoseconds()
    for i in connections.indices.reversed() where connections[i].pending != nil && connections[i].due <= now {
      answerNow(i)
    }
  }

  private func answerNow(_ i: Int) {
    guard case .response(let status, let headers, let body, _, let closes)? = connections[i].pending else { return }
    var text = ""
    for header in headers { text += "\(header)\r\n" }
    if closes { text += "Connection: close\r\n" }
    if status != 204 { text += "Content-Length: \(body.utf8.count)\r\n" }
    text += "\r\n"
    text += body
    connections[i].pending = nil
    write(i, status, text, closes: closes)
  }

  private func write(_ i: Int, _ status: UInt16, _ rest: String, closes: Bool) {
    guard let exchange = connections[i].exchange else { return }
    connections[i].exchange = nil
    connections[i].output = Array("HTTP/1.1 \(status) Answer\r\n\(rest)".utf8)
    connections[i].sent = 0
    connections[i].closesAfterOutput = closes
    // Before the bytes leave: the client may be quicker than this thread.
    server.journal.change { $0.answered(exchange, status) }
    send(i)
  }

  private func send(_ i: Int) {
    repeat {
      let connection = connections[i]
      while connections[i].sent < connection.output.count {
        let sent = connections[i].sent
        let count = unsafe connection.output.withUnsafeBytes { bytes in
          unsafe sendto(
            connection.socket, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL), nil, 0)
        }
        if count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) { return }
        guard count > 0 else { return drop(i) }
        connections[i].sent += count
      }
    } while refill(i)
    if connections[i].closesAfterOutput { drop(i) } else { takeRequest(i) }
  }

  private func refill(_ i: Int) -> Bool {
    let count = min(connections[i].flood, 65_536)
    guard count > 0 else { return false }
    connections[i].flood -= count
    connections[i].output = [UInt8](repeating: UInt8(ascii: "x"), count: count)
    connections[i].sent = 0
    server.journal.change { $0.flooded += count }
    return true
  }
}

func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

extension Duration {
  var nanoseconds: UInt64 {
    UInt64(components.seconds) &* 1_000_000_000 &+ UInt64(components.attoseconds / 1_000_000_000)
  }
}
