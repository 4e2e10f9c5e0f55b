internal import Reactor

/// The HTTP/2 connections of a client, and the exchanges that wait for a place on one. A connection is opened with an
/// exchange as in HTTP/1.1; what it speaks is known when it is there.
final class HTTP2Pool {
  /// The client owns its pool.
  unowned let client: HTTPClient
  private let limits: ResponseLimits
  private var connections: [HTTP2Connection] = []
  private var waiting: [HTTP2Exchange] = []
  private var dirty: [HTTP2Connection] = []
  private var opening = 0
  /// How many exchanges the server took on a connection; at first what it should (RFC 9113, 6.5.2).
  private var streamsMax = 100
  /// Whether the last connection chose HTTP/1.1: then each exchange has its own again.
  private(set) var isDeclined = false

  init(client: HTTPClient, limits: ResponseLimits) {
    self.client = client
    self.limits = limits
  }

  var openConnections: Int { connections.count }
  var idleConnections: Int { connections.count { !$0.isBusy } }

  // MARK: Exchanges

  func start(_ exchange: HTTP2Exchange) {
    waiting.append(exchange)
    pump()
  }

  /// Gives each exchange that waits a place, as far as there are any, and opens connections for those that will find none
  /// on the connections to come either.
  func pump() {
    guard !waiting.isEmpty else { return }
    let now = client.loop.roundNow
    var taken = 0
    var promised = 0
    for connection in connections {
      if let known = connection.streamsMax { streamsMax = max(1, known) } else { promised += streamsMax }
      var room = connection.room(now: now, ageLimit: client.settings.ageLimit)
      while room > 0, taken < waiting.count {
        connection.begin(waiting[taken], now: now)
        taken += 1
        room -= 1
      }
    }
    waiting.removeFirst(taken)
    promised += opening * streamsMax
    while waiting.count > promised, client.canOpen {
      opening += 1
      promised += streamsMax
      client.open(waiting.removeFirst())
    }
  }

  /// An exchange has left its connection: tells its result, or lets it wait for another one.
  func settle(_ exchange: HTTP2Exchange, _ end: HTTP2Session.End) {
    switch end {
    case .result(let result): client.finished(exchange.tag, result)
    case .unprocessed(let why):
      if exchange.startOver() {
        waiting.append(exchange)
      } else {
        client.finished(exchange.tag, .unreachable(why))
      }
    }
  }

  // MARK: What became of a connection that was opened

  func opened(_ stream: ByteStream, _ exchange: HTTP2Exchange, openedAt: Int64) {
    opening = max(0, opening - 1)
    isDeclined = false
    let now = client.loop.roundNow
    guard
      let connection = HTTP2Connection(pool: self, stream: stream, limits: limits, openedAt: openedAt, now: now)
    else {
      stream.close()
      return client.finished(exchange.tag, .unreachable("HTTP/2: out of memory"))
    }
    connections.append(connection)
    connection.begin(exchange, now: now)
    pump()
  }

  /// The server chose HTTP/1.1: gives back what waits.
  func declined() -> [HTTP2Exchange] {
    opening = max(0, opening - 1)
    isDeclined = true
    defer { waiting = [] }
    return waiting
  }

  /// No connection came about. Where there is none at all, what waits has failed with it.
  func failedToOpen(_ result: ExchangeResult.Result) {
    opening = max(0, opening - 1)
    guard connections.isEmpty, opening == 0 else { return }
    let failed = waiting
    waiting = []
    for exchange in failed { client.finished(exchange.tag, result) }
  }

  // MARK: Turns

  func becameDirty(_ connection: HTTP2Connection) { dirty.append(connection) }

  func flush() {
    repeat {
      while let connection = dirty.popLast() { connection.flush() }
      pump()
    } while !dirty.isEmpty
  }

  func sweep(now: Int64) {
    for connection in connections where connection.expire(now: now, settings: client.settings) {
      connection.close()
      forget(connection)
    }
    let timeout = client.settings.requestTimeout
    let late = waiting.filter { now &- $0.startedAt >= timeout }
    guard !late.isEmpty else { return pump() }
    waiting.removeAll { now &- $0.startedAt >= timeout }
    for exchange in late { client.finished(exchange.tag, .unreachable("HTTP/2: no free stream in time")) }
    pump()
  }

  func cancelAll() {
    waiting = []
    opening = 0
    for connection in connections { connection.cancelAll() }
  }

  func close() {
    cancelAll()
    for connection in connections { connection.close() }
    connections = []
    dirty = []
  }

  /// A connection ended by itself. Where it was cut, others that are idle are likely to be as dead: nothing is tried on
  /// them again.
  func ended(_ connection: HTTP2Connection, isOrderly: Bool) {
    forget(connection)
    for other in connections where !isOrderly && !other.isBusy {
      other.close()
      forget(other)
    }
    pump()
  }

  private func forget(_ connection: HTTP2Connection) { connections.removeAll { $0 === connection } }
}
