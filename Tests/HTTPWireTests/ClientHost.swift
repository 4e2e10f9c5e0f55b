import HTTPWire
import Reactor

/// A client on a loop of its own, for tests that await its results.
actor ClientHost: LoopParticipant {
  nonisolated let loop = EventLoop()
  nonisolated let thread: OSThread
  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
  private let origin: Origin
  private let settings: HTTPClientSettings
  private lazy var client = HTTPClient(loop: loop, origin: origin, settings: settings)
  private var waiting: [ExchangeTag: CheckedContinuation<ExchangeResult.Result, Never>] = [:]
  private var next: UInt64 = 0

  init(_ origin: Origin, _ settings: HTTPClientSettings = HTTPClientSettings()) {
    self.origin = origin
    self.settings = settings
    let loop = self.loop
    thread = OSThread(name: "test-loop") { loop.run() }
  }

  nonisolated func turn() { assumeIsolated { $0.collect() } }

  private func collect() {
    client.sweep(now: loop.now)
    client.takeFinished { waiting.removeValue(forKey: $0.tag)?.resume(returning: $0.result) }
    client.flush()
    loop.setDeadline(waiting.isEmpty ? nil : loop.now + 10_000_000)
  }

  func get(_ path: String = "/", fresh: Bool = false, method: String = "GET", body: [UInt8] = []) async
    -> ExchangeResult.Result
  {
    loop.attach(self)
    next += 1
    let tag = ExchangeTag(high: 1, low: next)
    return await withCheckedContinuation { continuation in
      waiting[tag] = continuation
      client.start(tag, fresh: fresh, isHEAD: method == "HEAD") { buffer in
        buffer.append(method)
        buffer.append(" ")
        buffer.append("\(path) HTTP/1.1\r\nHost: \(origin.hostHeader)\r\nContent-Length: ")
        buffer.append(decimal: body.count)
        buffer.append("\r\n\r\n")
        buffer.append(body)
      }
      client.flush()
      loop.wake()
    }
  }

  /// `[open, idle, in flight]`
  func counts() -> [Int] { [client.openConnections, client.idleConnections, client.inFlight] }

  /// Closes the client and ends the loop.
  func finish() {
    client.close()
    loop.stop()
  }
}
