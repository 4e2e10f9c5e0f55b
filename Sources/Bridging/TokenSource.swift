import Destinations
import HTTPWire
import Reactor
import Settings
import Telemetry

/// One token and the server that gives it, for the destinations that ask for the same; the store's.
struct TokenSource {
  let destinations: [Int]
  private(set) var schedule: TokenSchedule
  private var exchange: OAuth2Exchange
  private let client: HTTPClient
  private let names: String
  private let logger: Logger
  private var hasFailed = false

  /// What a source is made of: the file's settings compiled.
  struct Parts: Sendable {
    var destinations: [Int]
    var exchange: OAuth2Exchange
    var route: OriginRoute
    var allowPrivateAddresses: Bool
  }

  init(_ parts: Parts, names: String, loop: EventLoop, logger: Logger) {
    destinations = parts.destinations
    exchange = parts.exchange
    var limits = HTTPClientSettings()
    limits.maxConnections = 1
    limits.requestTimeout = 10_000_000_000
    limits.keepBody = OAuth2Exchange.bodyBytesMax
    limits.maxBody = OAuth2Exchange.bodyBytesMax
    limits.keepSuccessBody = true
    limits.allowPrivateAddresses = parts.allowPrivateAddresses
    client = HTTPClient(loop: loop, route: parts.route, settings: limits)
    schedule = TokenSchedule(now: loop.now)
    self.names = names
    self.logger = logger
  }

  /// Takes the answer, if one has come, and asks if it is time.
  mutating func turn(now: Int64) {
    var answers: [ExchangeResult.Result] = []
    client.takeFinished { answers.append($0.result) }
    for answer in answers {
      // The server had closed the connection that was kept.
      if answer == .stale { ask(fresh: true) } else { take(exchange.token(from: answer), now: now) }
    }
    if schedule.ask(now: now) { ask(fresh: false) }
    client.flush()
    client.sweep(now: now)
  }

  private func ask(fresh: Bool) {
    client.start(ExchangeTag(high: 0, low: 0), fresh: fresh) { exchange.render(into: &$0) }
  }

  private mutating func take(_ answer: Result<AccessToken, TokenFailure>, now: Int64) {
    let dice = Double.random(in: 0...1)
    switch answer {
    case .success(let token):
      schedule.succeeded(token, now: now, dice: dice)
      if hasFailed { logger.log(.info, "there is a token again", LogFields(destination: names)) }
      hasFailed = false
    case .failure(let failure):
      schedule.failed(failure, now: now, dice: dice)
      if !hasFailed { logger.log(.warn, "no new token: \(failure.message)", LogFields(destination: names)) }
      hasFailed = true
    }
  }

  mutating func refused(now: Int64) { schedule.refused(now: now) }

  /// The secret has changed: the next request has the new one, and is due if the last was in vain.
  mutating func take(_ exchange: OAuth2Exchange, now: Int64) {
    self.exchange = exchange
    schedule.hurry(now: now)
  }

  /// When `turn` is to be called next; in flight timeouts are looked for ten times a second.
  func deadline(now: Int64) -> Int64? {
    let due = schedule.deadline
    return client.inFlight > 0 ? min(due ?? .max, now + 100_000_000) : due
  }

  func close() { client.close() }
}
