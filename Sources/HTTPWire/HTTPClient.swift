package import Reactor

/// An HTTP/1.1 client of one origin on one event loop: a pool of connections with one exchange each. No lock, no hop,
/// and on the way of an accepted request no allocation. Lives on the loop's thread.
///
/// The owner starts requests, flushes once a turn, and takes results in its next turn; nothing calls back into it.
package final class HTTPClient {
  private let loop: EventLoop
  private let origin: Origin
  let settings: HTTPClientSettings
  private var connections: [HTTPConnection] = []
  /// Last used first.
  private var idle: [HTTPConnection] = []
  private var dirty: [HTTPConnection] = []
  private var results: [ExchangeResult] = []
  private var spare: [ExchangeResult] = []
  package private(set) var inFlight = 0
  /// As told by the owner at the start of its turn: one look at the clock serves all.
  var now: Int64 = 0

  package init(loop: EventLoop, origin: Origin, settings: HTTPClientSettings) {
    self.loop = loop
    self.origin = origin
    self.settings = settings
    now = loop.now
  }

  package var openConnections: Int { connections.count }

  /// Takes an idle connection, or opens one, and lets `render` append the whole request to its buffer.
  /// - Parameter fresh: on a new connection, for an exchange that was `stale` before.
  package func start(_ tag: ExchangeTag, fresh: Bool, render: (inout ByteBuffer) -> Void) {
    let connection = (fresh ? nil : takeIdle()) ?? open()
    inFlight += 1
    render(&connection.buffer)
    connection.begin(tag, now: now)
    if !connection.isDirty {
      connection.isDirty = true
      dirty.append(connection)
    }
  }

  /// Once a turn: one write for all that was rendered on a connection.
  package func flush() {
    guard !dirty.isEmpty else { return }
    for connection in dirty { connection.flush() }
    dirty.removeAll(keepingCapacity: true)
  }

  /// Hands out what has finished since the last call.
  package func takeFinished(now: Int64, _ body: (ExchangeResult) -> Void) {
    self.now = now
    guard !results.isEmpty else { return }
    swap(&results, &spare)
    for result in spare { body(result) }
    spare.removeAll(keepingCapacity: true)
  }

  /// About ten times a second: timeouts, idle and old connections.
  package func sweep(now: Int64) {
    self.now = now
    for connection in connections { connection.sweep(now: now) }
    idle.removeAll { $0.state == .closed }
  }

  package func close() {
    for connection in connections { connection.close() }
    idle = []
    dirty = []
  }

  private func takeIdle() -> HTTPConnection? {
    while let connection = idle.popLast() {
      if connection.isReusable(now: now) { return connection }
      connection.close()
    }
    return nil
  }

  private func open() -> HTTPConnection {
    let connection = HTTPConnection(client: self, loop: loop, now: now)
    connection.index = connections.count
    connections.append(connection)
    connection.connect(to: origin)
    return connection
  }

  func finished(_ result: ExchangeResult, idle connection: HTTPConnection?) {
    inFlight -= 1
    results.append(result)
    if let connection { idle.append(connection) }
  }

  /// An idle one that was closed stays in `idle` until it comes up, and is not reusable then.
  func forget(_ connection: HTTPConnection) {
    let last = connections.count - 1
    guard connection.index <= last, connections[connection.index] === connection else { return }
    connections.swapAt(connection.index, last)
    connections[connection.index].index = connection.index
    connections.removeLast()
  }
}
