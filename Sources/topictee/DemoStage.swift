import Bridging
import FanOut
import Kafka
import Settings
import Synchronization
import Telemetry

/// Where the main thread and the demo's own meet.
final class DemoControl: Sendable {
  let wake: WakePipe
  let exitCode = Mailbox<Int32>()
  private let stopped = Atomic(false)

  init?() {
    guard let wake = WakePipe() else { return nil }
    self.wake = wake
  }

  var isStopped: Bool { stopped.load(ordering: .acquiring) }

  func stop() {
    stopped.store(true, ordering: .releasing)
    wake.signal()
  }
}

/// Everything the demo runs: the embedded Kafka, the two APIs, the bridge between them, publisher and watch.
struct DemoStage {
  static let source = "orders"
  static let dead = "orders.dead"
  static let partitions = 4
  /// Milliseconds. The embedded Kafka answers a fetch only when its time is over, however much has come.
  static let fetchWait = 100

  let cluster: EmbeddedCluster
  let apis: [DemoAPI]
  let service: BridgeService
  let watch: DemoWatch
  let publisher: DemoPublisher
  let endings = Mailbox<BridgeService.Ending>()
  /// Lines of the bridge's log that are errors.
  let errors: DemoFeed
  let broker: String

  /// `announce` is called with the addresses, before the bridge begins.
  init(
    _ options: DemoOptions, feed: DemoFeed, wake: WakePipe, announce: (_ broker: String, [DemoAPI]) -> Void
  ) throws {
    let errors = DemoFeed()
    let cluster = try EmbeddedCluster()
    let broker = cluster.bootstrap
    try cluster.createTopic(Self.source, partitions: Self.partitions)
    try cluster.createTopic(Self.dead, partitions: 1)
    let apis = try [DemoRules.crm, .erp].map { try DemoAPI($0, customers: options.customers, feed: feed) }
    announce(broker, apis)
    let logger = Logger(level: .warn) { level, message, fields in
      let line = Self.text(message, fields)
      feed.add(line)
      if level == .error { errors.add(line) }
    }
    let endings = endings
    let settings = try Self.settings(broker: broker, apis)
    let groundwork = try BridgeService.prepare(settings, logger: logger)
    service = try BridgeService(settings, groundwork, logger: logger) { ending in
      endings.put(ending)
      wake.signal()
    }
    watch = try DemoWatch(
      broker: broker, source: Self.source, dead: Self.dead, customers: options.customers, feed: feed)
    publisher = try DemoPublisher(broker: broker, topic: Self.source, options: options)
    (self.cluster, self.apis, self.broker, self.errors) = (cluster, apis, broker, errors)
  }

  /// What a user would write, through the same loader.
  static func config(broker: String, _ apis: [(name: String, url: String)]) -> String {
    var text = """
      kafka:
        brokers: ["\(broker)"]
        group: demo
        properties: { fetch.wait.max.ms: \(fetchWait) }
      topic: \(source)
      drain: 10s
      defaults:
        timeout: 10s
        retry: { attempts: 4, backoff: 100ms..1s }
        breaker: { for: 1s }
      dead_letters:
        topic: \(dead)
      destinations:

      """
    for api in apis { text += "  \(api.name):\n    url: \(api.url)\n" }
    return text
  }

  private static func settings(broker: String, _ apis: [DemoAPI]) throws -> BridgeSettings {
    let text = config(broker: broker, apis.map { ($0.rules.name, $0.url) })
    switch SettingsLoader.load(text: Array(text.utf8), file: "the demo's config", environment: [:]) {
    case .valid(let settings, _): return settings
    case .invalid(let diagnostics):
      throw DemoProblem(text: DiagnosticRenderer(isColoured: false).render(diagnostics))
    }
  }

  private static func text(_ message: String, _ fields: LogFields) -> String {
    var place = fields.destination ?? ""
    if let topic = fields.topic, let partition = fields.partition, let offset = fields.offset {
      place += " \(topic)[\(partition)]@\(offset)"
    }
    var line = place.isEmpty ? message : "\(place): \(message)"
    if let attempt = fields.attempt { line += ", attempts: \(attempt)" }
    if let error = fields.error { line += ": \(error)" }
    return line
  }

  /// After the bridge has ended.
  func close() {
    publisher.close()
    watch.close()
    for api in apis { api.close() }
    cluster.close()
  }
}

struct DemoProblem: Error, CustomStringConvertible {
  let text: String
  var description: String { text }
}
