package import Reactor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// HTTP/1.1 to one origin on one loop, and HTTP/2 where that is offered and the server chooses it: no lock, no hop, and in
/// HTTP/1.1 on the way to a 2xx no allocation per request.
///
/// A turn of its owner: `takeFinished`, `start` for each new request, `flush` once. Results are collected during I/O, never
/// given from inside `start` or `flush`; what fails at once is collected too, and the loop is woken for another turn.
/// Not `Sendable`: make, use and `close()` it on the loop.
package final class HTTPClient {
  package let loop: EventLoop
  package var origin: Origin { route.origin }
  package let settings: HTTPClientSettings

  private let limits: ResponseLimits
  private(set) var route: OriginRoute
  private let forwarding: ForwardedRequest?
  private var broken: String?
  private var all: [HTTPConnection] = []
  /// Those without an exchange; the last used is the last.
  private var idle: [HTTPConnection] = []
  private var dirty: [HTTPConnection] = []
  /// Where HTTP/2 is offered.
  private var http2: HTTP2Pool?
  private var finished: [ExchangeResult] = []
  private var spare: [ExchangeResult] = []

  /// Exchanges that have no result yet.
  package private(set) var inFlight = 0
  /// Connections open or being opened.
  package var openConnections: Int { all.count + (http2?.openConnections ?? 0) }
  /// Those of them without an exchange.
  package var idleConnections: Int { idle.count + (http2?.idleConnections ?? 0) }
  /// Whether `takeFinished` has something to give.
  package var hasFinished: Bool { !finished.isEmpty }

  /// Loads what the origin needs; if that fails every exchange is `unreachable` for that reason.
  package convenience init(loop: EventLoop, origin: Origin, settings: HTTPClientSettings) {
    do throws(StreamError) {
      self.init(loop: loop, route: try OriginRoute.load(origin), settings: settings)
    } catch {
      self.init(loop: loop, route: OriginRoute(origin, tls: nil, proxyTLS: nil), settings: settings)
      broken = error.message
    }
  }

  /// - Parameter route: loaded beforehand, to share it among the lanes and to hear of bad files at the start.
  package init(loop: EventLoop, route: OriginRoute, settings: HTTPClientSettings) {
    self.loop = loop
    self.route = route
    self.settings = settings
    forwarding = route.forwarding
    limits = ResponseLimits(
      bodyBytesMax: settings.maxBody, keptBodyBytesMax: settings.keepBody, keepsSuccess: settings.keepSuccessBody,
      keepsHead: settings.keepHead)
    if route.origin.tls?.offersHTTP2 ?? false { http2 = HTTP2Pool(client: self, limits: limits) }
  }

  deinit {
    http2?.close()
    for connection in all { connection.close() }
  }

  /// New connections are made this way: to the same origin, with other certificates.
  package func take(_ route: OriginRoute) { self.route = route }

  // MARK: Requests

  /// Begins an exchange on the idle connection that was used last, or on a new one, and lets `render` append the whole
  /// request, head and body. It is sent by `flush()`, or when the connection is there.
  /// - Parameters:
  ///   - fresh: on a new connection in any case (after `stale`).
  ///   - isHEAD: the response will have no body, whatever its head says.
  package func start(_ tag: ExchangeTag, fresh: Bool, isHEAD: Bool = false, render: (inout ByteBuffer) -> Void) {
    let now = loop.roundNow
    guard broken == nil else { return refuse(tag, broken ?? "closed") }
    if let http2, !http2.isDeclined {
      var request = ByteBuffer()
      render(&request)
      inFlight += 1
      return http2.start(HTTP2Exchange(tag, isHEAD: isHEAD, isFresh: fresh, startedAt: now, request: request))
    }
    if !fresh, let connection = idle.popLast() {
      inFlight += 1
      connection.begin(tag, isHEAD: isHEAD, isFresh: false, now: now)
      render(&connection.output)
      if let forwarding { forwarding.address(&connection.output) }
      if !connection.isDirty {
        connection.isDirty = true
        dirty.append(connection)
      }
      return
    }
    guard canOpen else { return refuse(tag, "all \(settings.maxConnections) connections are in use") }
    inFlight += 1
    let connection = HTTPConnection(client: self, limits: limits, now: now)
    connection.begin(tag, isHEAD: isHEAD, isFresh: fresh, now: now)
    render(&connection.output)
    if let forwarding { forwarding.address(&connection.output) }
    open(connection)
  }

  private func open(_ connection: HTTPConnection) {
    connection.place = all.count
    all.append(connection)
    if let failed = connection.connect() {
      finish(connection, notConnected(failed), keepsConnection: false, wakes: true)
    }
  }

  /// Whether another connection is allowed; lets go of an idle one for it.
  var canOpen: Bool {
    if openConnections >= settings.maxConnections, let oldest = idle.first { drop(oldest) }
    return openConnections < settings.maxConnections
  }

  /// Sends what was started since the last flush: one write per connection. Call it once at the end of a turn.
  package func flush() {
    guard !dirty.isEmpty || http2 != nil else { return }
    let before = finished.count
    http2?.flush()
    for connection in dirty {
      connection.isDirty = false
      connection.flush()
    }
    dirty.removeAll(keepingCapacity: true)
    if finished.count > before { loop.wake() }
  }

  /// Gives every result since the last call. `body` may start new exchanges.
  package func takeFinished(_ body: (inout ExchangeResult) -> Void) {
    guard !finished.isEmpty else { return }
    var taken: [ExchangeResult] = []
    swap(&taken, &finished)
    swap(&finished, &spare)
    for i in taken.indices { body(&taken[i]) }
    taken.removeAll(keepingCapacity: true)
    swap(&taken, &spare)
  }

  // MARK: Time

  /// Ends what is overdue; `now` is the loop's clock. Call it about every 100 ms: that is how exact the timeouts are.
  package func sweep(now: Int64) {
    var i = all.count
    // Backwards, since an end puts the last connection into the place that becomes free.
    while i > 0 {
      i -= 1
      let connection = all[i]
      if connection.isBusy {
        _ = connection.expire(
          now: now, requestTimeout: settings.requestTimeout, connectTimeout: settings.connectTimeout)
      } else if now &- connection.idleSince >= settings.idleLimit || isTooOld(connection, now) {
        drop(connection)
      }
    }
    http2?.sweep(now: now)
    if hasFinished { loop.wake() }
  }

  private func isTooOld(_ connection: HTTPConnection, _ now: Int64) -> Bool {
    now &- connection.openedAt >= settings.ageLimit
  }

  // MARK: Ends

  /// Cuts every exchange and closes its connection; there will be no result for them.
  package func cancelAll() {
    for connection in all where connection.isBusy { forget(connection) }
    http2?.cancelAll()
    inFlight = 0
  }

  /// Closes every connection; exchanges begun later are `unreachable`. Results not taken yet stay.
  package func close() {
    cancelAll()
    for connection in all { forget(connection) }
    http2?.close()
    idle.removeAll()
    dirty.removeAll()
    broken = "the client is closed"
  }

  private func refuse(_ tag: ExchangeTag, _ why: String) {
    finished.append(ExchangeResult(tag: tag, result: .unreachable(why)))
    loop.wake()
  }

  /// What a failure before the connection was there means.
  func notConnected(_ cause: StreamError) -> ExchangeResult.Result {
    cause.code == .addressRefused ? .addressRefused(cause.message) : .unreachable(route.words(of: cause))
  }

  /// Ends a connection's exchange; called by the connection.
  func finish(
    _ connection: HTTPConnection, _ result: ExchangeResult.Result, keepsConnection: Bool, wakes: Bool = false
  ) {
    finished.append(ExchangeResult(tag: connection.tag, result: result))
    inFlight -= 1
    let isFailedOpening = !connection.isConnected
    if keepsConnection && !isTooOld(connection, loop.roundNow) {
      connection.rest()
      idle.append(connection)
    } else {
      forget(connection)
    }
    if isFailedOpening { http2?.failedToOpen(result) }
    if wakes { loop.wake() }
  }

  /// Closes a connection that has no exchange.
  func drop(_ connection: HTTPConnection) {
    if let at = idle.firstIndex(where: { $0 === connection }) { idle.remove(at: at) }
    forget(connection)
  }

  private func forget(_ connection: HTTPConnection) {
    connection.close()
    let place = connection.place
    guard place < all.count, all[place] === connection else { return }
    all[place] = all[all.count - 1]
    all[place].place = place
    all.removeLast()
  }
}

// MARK: - HTTP/2

extension HTTPClient {
  /// An exchange in HTTP/2 has ended.
  func finished(_ tag: ExchangeTag, _ result: ExchangeResult.Result) {
    finished.append(ExchangeResult(tag: tag, result: result))
    inFlight -= 1
  }

  /// Opens a connection with an exchange that goes on in whatever the server chooses.
  func open(_ exchange: HTTP2Exchange) {
    let connection = HTTPConnection(client: self, limits: limits, now: loop.roundNow)
    connection.begin(exchange.tag, isHEAD: exchange.isHEAD, isFresh: exchange.isFresh, now: exchange.startedAt)
    connection.opener = exchange
    swap(&connection.output, &exchange.request)
    open(connection)
  }

  /// A connection is there, and the server has chosen.
  func learn(of connection: HTTPConnection, isHTTP2: Bool) {
    guard let http2 else { return }
    guard isHTTP2 else {
      for exchange in http2.declined() {
        inFlight -= 1
        start(exchange.tag, fresh: exchange.isFresh, isHEAD: exchange.isHEAD) { $0 = exchange.request }
      }
      return
    }
    guard let given = connection.surrender() else { return }
    forget(connection)
    http2.opened(given.stream, given.exchange, openedAt: connection.openedAt)
  }

  var offersHTTP2: Bool { http2 != nil }
}

/// Seconds since 1970, for dates that servers send.
func wallClock() -> Int { time(nil) }
