import Bridging
import FanOut
import Synchronization

/// How the two APIs of the demo answer.
enum DemoRules: Sendable {
  case crm, erp

  var name: String { self == .crm ? "crm" : "erp" }
  var character: String {
    self == .crm ? "answers at once" : "slow, sometimes fails, down for a while, refuses orders without items"
  }

  /// `attempt` counts this order's requests from 1, without those that met an outage.
  ///
  /// | erp meets | answers | topictee then |
  /// |---|---|---|
  /// | its outage | 503 | holds, tries again, uses up no attempt |
  /// | no JSON object | 400 | dead letter at once |
  /// | an order without items (every 40th) | 422 | dead letter at once |
  /// | every 20th order, the first time | 500 | tries again |
  /// | every 100th order | 500 always | dead letter when its attempts are used up |
  /// | any other | 201 | |
  func reply(to order: OrderFields?, attempt: Int, isDown: Bool) -> LocalAPI.Reply {
    guard self == .erp else { return LocalAPI.Reply(status: 201, body: #"{"ok":true}"#) }
    if isDown { return LocalAPI.Reply(status: 503, body: #"{"error":"down for maintenance"}"#) }
    guard let order else {
      return LocalAPI.Reply(status: 400, body: #"{"error":"not a JSON object"}"#, delay: .milliseconds(5))
    }
    let id = order.id ?? 0
    let delay = Nanoseconds.milliseconds(15 + Int64(id.magnitude % 31))
    if order.items == 0 {
      return LocalAPI.Reply(status: 422, body: #"{"error":"an order without items"}"#, delay: delay)
    }
    if id % 100 == 50 { return LocalAPI.Reply(status: 500, body: #"{"error":"division by zero"}"#, delay: delay) }
    if id % 20 == 3, attempt == 1 {
      return LocalAPI.Reply(status: 500, body: #"{"error":"deadlock, try again"}"#, delay: delay)
    }
    return LocalAPI.Reply(status: 201, body: #"{"ok":true}"#, delay: delay)
  }
}

/// What one API saw, by its own account.
struct APIBook {
  private struct Pending {
    var requests = 0
    var attempts = 0
  }

  private(set) var requests = 0
  private(set) var accepted = 0
  /// Requests for what was asked before and not accepted then.
  private(set) var retries = 0
  /// Answers 503.
  private(set) var outages = 0
  private(set) var acceptedBodies: [BodyKey: Int] = [:]
  /// Orders of a customer whose first acceptance came after that of a later one.
  private(set) var outOfOrder = 0
  var isDown = false

  private var pending: [BodyKey: Pending] = [:]
  private var newest: [String: Int] = [:]

  mutating func answer(_ body: [UInt8], rules: DemoRules, customers: Int) -> LocalAPI.Reply {
    let key = BodyKey(body)
    let order = OrderFields(body)
    var known = pending[key] ?? Pending()
    requests += 1
    if known.requests > 0 { retries += 1 }
    known.requests += 1
    if !isDown { known.attempts += 1 }
    let reply = rules.reply(to: order, attempt: known.attempts, isDown: isDown)
    pending[key] = reply.status < 500 ? nil : known
    if reply.status == 503 { outages += 1 }
    if reply.status < 300 { accept(key, order, body, customers) }
    return reply
  }

  private mutating func accept(_ key: BodyKey, _ order: OrderFields?, _ body: [UInt8], _ customers: Int) {
    accepted += 1
    acceptedBodies[key, default: 0] += 1
    guard acceptedBodies[key] == 1, let id = order?.id, id > 0, let customer = order?.customer,
      body.elementsEqual(DemoOrder(id: id, customers: customers).json.utf8)
    else { return }
    if let last = newest[customer], last > id { outOfOrder += 1 }
    newest[customer] = max(id, newest[customer] ?? id)
  }
}

/// One of the two APIs: a real server that keeps a book.
final class DemoAPI: Sendable {
  private final class Desk: Sendable {
    let book = Mutex(APIBook())
  }

  let rules: DemoRules
  private let desk = Desk()
  private let server: LocalAPI

  init(_ rules: DemoRules, customers: Int, feed: DemoFeed) throws(LocalAPI.Unavailable) {
    self.rules = rules
    let desk = desk
    server = try LocalAPI { request in
      guard request.method == "POST", request.path == "/orders" else {
        return LocalAPI.Reply(status: 404, body: #"{"error":"POST /orders"}"#)
      }
      let reply = desk.book.withLock { $0.answer(request.body, rules: rules, customers: customers) }
      if reply.status == 500 {
        feed.add("\(rules.name) answers 500 to \(OneLine.of(request.body, max: 60))")
      }
      return reply
    }
  }

  var url: String { "http://127.0.0.1:\(server.port)/orders" }
  var book: APIBook { desk.book.withLock { $0 } }

  func setDown(_ isDown: Bool) { desk.book.withLock { $0.isDown = isDown } }

  func close() { server.close() }
}

/// The last things that happened, each with its time since the start.
final class DemoFeed: Sendable {
  private static let linesMax = 24
  private let start = ContinuousClock.now
  private let lines = Mutex<[String]>([])

  var elapsed: Duration { ContinuousClock.now - start }

  func add(_ text: String) {
    let tenths = Int(elapsed.inSeconds * 10)
    lines.withLock { lines in
      if lines.count == Self.linesMax { lines.removeFirst() }
      lines.append("\(tenths / 10).\(tenths % 10) s  \(text)")
    }
  }

  /// Oldest first.
  func last(_ count: Int) -> [String] { lines.withLock { Array($0.suffix(count)) } }
}
