package import FanOut
import HTTPWire
import Destinations
package import Kafka
import Reactor
package import Settings
import Synchronization
package import Telemetry

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// The running bridge: lanes, consumer and dead-letter producer, started in order and stopped in reverse.
package final class BridgeService: Sendable {
  /// The contract's exit codes.
  package enum Ending: Sendable, Equatable {
    case done
    /// The drain deadline passed, or the group could not be left in time.
    case interrupted
    case fatal(KafkaError)

    package var exitCode: Int32 {
      switch self {
      case .done: 0
      case .interrupted: 75
      case .fatal: 70
      }
    }
  }

  private struct State {
    var drainsLeft = 0
    var isComplete = true
    var isStopping = false
    var ending: Ending?
  }

  private let settings: BridgeSettings
  private let logger: Logger
  private let consumer: KafkaConsumer
  private let writer: DeadLetterWriter
  private let mailboxes: [LaneMailbox]
  private let bridges: [Bridge]
  private let threads: [OSThread]
  private let state: Mutex<State>
  private let finished: @Sendable (Ending) -> Void
  private let board: SnapshotBoard
  package var snapshot: FanOutSnapshot { board.snapshot }

  /// Checks the topics, then starts everything.
  /// - Parameter finished: called once, on any thread, when nothing runs any more but the lanes.
  package init(
    _ settings: BridgeSettings, logger: Logger, finished: @escaping @Sendable (Ending) -> Void
  ) throws(KafkaError) {
    self.settings = settings
    self.logger = logger
    self.finished = finished
    let properties = settings.kafka.clientProperties
    let partitions = try Self.checkTopics(settings, properties, logger)
    let laneCount = max(1, min(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), partitions, 64))
    let loops = (0..<laneCount).map { _ in EventLoop() }
    let mailboxes = loops.map { LaneMailbox(loop: $0) }
    let state = Mutex(State(drainsLeft: laneCount))
    self.state = state
    let relay = NoticeRelay()
    let consumer = try KafkaConsumer(
      ConsumerConfiguration(
        brokers: settings.kafka.brokers, group: settings.kafka.group, instanceID: settings.kafka.instanceID,
        topics: settings.topics,
        startAt: settings.kafka.startAt.forConsumer, properties: properties, laneCount: laneCount),
      lanes: mailboxes.map { mailbox in { events in mailbox.post(.consumer(events)) } },
      notice: { relay.pass($0) })
    let writer = DeadLetterWriter(topic: settings.deadLetters.topic)
    let contexts = try Self.tlsContexts(settings)
    let board = SnapshotBoard(lanes: laneCount)
    let relayDrained = relay
    let parts = (0..<laneCount).map { Self.parts($0, of: laneCount, settings, writer, logger, tls: contexts) }
    let bridges = (0..<laneCount).map { i in
      Bridge(
        loop: loops[i], mailbox: mailboxes[i], parts: parts[i], consumer: consumer, snapshots: board,
        seed: UInt64.random(in: 0...UInt64.max), drained: { relayDrained.drained(complete: $0) })
    }
    for i in loops.indices { loops[i].attach(bridges[i]) }
    try writer.open(
      ProducerConfiguration(brokers: settings.kafka.brokers, properties: settings.kafka.connectionProperties),
      sinks: mailboxes.map { mailbox in { letters in mailbox.post(.letters(letters)) } },
      notice: { relay.pass($0, isProducer: true) })
    self.consumer = consumer
    self.writer = writer
    self.mailboxes = mailboxes
    self.board = board
    self.bridges = bridges
    threads = loops.indices.map { i in
      let loop = loops[i]
      return OSThread(name: "topictee-lane\(i)") { loop.run() }
    }
    for i in parts.indices {
      consumer.grant(lane: i, records: parts[i].policy.recordsMax, bytes: parts[i].policy.bytesMax)
    }
    relay.connect(self)
    consumer.start()
  }

  // MARK: - Starting

  /// Total partitions of the source topics. The dead-letter topic must exist and take records before any is read.
  private static func checkTopics(
    _ settings: BridgeSettings, _ properties: [KafkaProperty], _ logger: Logger
  ) throws(KafkaError) -> Int {
    let dead = settings.deadLetters.topic
    let counts = try KafkaAdmin.partitionCounts(
      of: settings.topics + [dead], brokers: settings.kafka.brokers, properties: properties, timeout: .seconds(10))
    switch try KafkaAdmin.proveWritable(
      topic: dead, brokers: settings.kafka.brokers, properties: properties, timeout: .seconds(10))
    {
    case .writable: break
    case .unproven(let why): logger.log(.debug, "not proven that '\(dead)' is writable: \(why)")
    }
    return settings.topics.reduce(0) { $0 + (counts[$1] ?? 0) }
  }

  private static func parts(
    _ lane: Int, of lanes: Int, _ settings: BridgeSettings, _ writer: DeadLetterWriter, _ logger: Logger,
    tls: [TLSContext?]
  ) -> LaneParts {
    let excerpt = settings.deadLetters.responseExcerptBytes
    let destinations = settings.destinations.enumerated().map { i, destination in
      var client = HTTPClientSettings()
      client.requestTimeout = Nanoseconds(destination.timeout).count
      client.connectTimeout = min(client.connectTimeout, client.requestTimeout)
      client.maxConnections = destination.concurrency(of: lanes).upperBound + 1
      client.keepBody = min(65_536, max(0, excerpt))
      return LaneDestination(
        name: destination.name, renderer: RequestRenderer(destination),
        rules: ResponseRules(destination, excerptBytes: excerpt),
        origin: Origin(host: destination.url.host, port: destination.url.port, unixPath: destination.url.unixPath),
        client: client, tls: tls[i])
    }
    return LaneParts(
      index: lane, policy: EnginePolicy(settings, lanes: lanes), destinations: destinations, writer: writer,
      logger: logger, notices: NoticeLog(destinations: settings.destinations.map(\.name), logger: logger),
      excerptBytes: excerpt)
  }

  /// One for each destination that speaks TLS, shared by the lanes; a file that cannot be read is heard of here.
  private static func tlsContexts(_ settings: BridgeSettings) throws(KafkaError) -> [TLSContext?] {
    var contexts: [TLSContext?] = []
    for destination in settings.destinations {
      guard destination.url.isTLS else {
        contexts.append(nil)
        continue
      }
      var wanted = TLSClientSettings()
      wanted.authorities = destination.tls.ca.map { .file($0) }
      wanted.certificate = destination.tls.cert.map { .file($0) }
      wanted.key = destination.tls.key.map { .file($0) }
      wanted.isVerifying = destination.tls.verify
      do throws(StreamError) {
        contexts.append(try TLSContext.make(wanted))
      } catch {
        throw KafkaError(code: -1, at: "destination \(destination.name)", cause: error.message)
      }
    }
    return contexts
  }

  // MARK: - Stopping

  /// Stops fetching, drains, commits, leaves the group; `finished` follows. Once.
  package func stop() {
    let isFirst = state.withLock { state in
      defer { state.isStopping = true }
      return !state.isStopping
    }
    guard isFirst else { return }
    logger.log(.info, "draining: no more records are read")
    consumer.stopFetching()
    for mailbox in mailboxes { mailbox.post(.drain) }
  }

  fileprivate func drained(complete: Bool) {
    let isLast = state.withLock { state in
      state.drainsLeft -= 1
      state.isComplete = state.isComplete && complete
      return state.drainsLeft == 0
    }
    if isLast { consumer.close(timeout: .seconds(8)) }
  }

  fileprivate func take(_ notice: ConsumerNotice) {
    switch notice {
    case .warning(let error): logger.log(.warn, "\(error)")
    case .log(let level, _, let text): logger.log(level <= 3 ? .warn : .debug, text)
    case .assignment(let count, let kind): logger.log(.info, "partitions \(kind): \(count)")
    case .fatal(let error):
      logger.log(.error, "fatal: \(error)")
      end(.fatal(error))
    case .closed(let isClean):
      let isComplete = state.withLock { $0.isComplete }
      end(isClean && isComplete ? .done : .interrupted)
    }
  }

  private func end(_ ending: Ending) {
    let isFirst = state.withLock { state in
      guard state.ending == nil else { return false }
      state.ending = ending
      return true
    }
    if isFirst { finished(ending) }
  }

  /// After `finished`, on a thread of the caller's.
  package func tearDown() {
    writer.close(timeout: .seconds(5))
    for mailbox in mailboxes { mailbox.post(.stop) }
    for thread in threads { thread.join() }
  }
}

/// The consumer and the lanes begin before the service is whole; what they say until then waits here.
private final class NoticeRelay: Sendable {
  private struct State {
    weak var service: BridgeService?
    var waiting: [ConsumerNotice] = []
  }
  private let state = Mutex(State())

  func connect(_ service: BridgeService) {
    let waiting = state.withLock { state in
      state.service = service
      defer { state.waiting = [] }
      return state.waiting
    }
    for notice in waiting { service.take(notice) }
  }

  func pass(_ notice: ConsumerNotice, isProducer: Bool = false) {
    if isProducer, case .closed = notice { return }
    let service = state.withLock { state in
      if state.service == nil { state.waiting.append(notice) }
      return state.service
    }
    service?.take(notice)
  }

  func drained(complete: Bool) { state.withLock { $0.service }?.drained(complete: complete) }
}

extension Settings.StartAt {
  var forConsumer: Kafka.StartAt {
    switch self {
    case .earliest: .earliest
    case .latest: .latest
    case .fail: .fail
    }
  }
}
