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

  /// Why it cannot start.
  package enum StartError: Error, Sendable, CustomStringConvertible {
    /// The file asks for what cannot be had: a property that librdkafka refuses, certificates that cannot be read.
    case settings(String)
    /// The broker is not reachable, or a topic is missing or not ours to use.
    case kafka(KafkaError)

    init(_ error: KafkaError) {
      self = error.isRefusedProperty ? .settings("kafka: \(error)") : .kafka(error)
    }

    package var exitCode: Int32 {
      switch self {
      case .settings: 78
      case .kafka: 69
      }
    }

    package var description: String {
      switch self {
      case .settings(let text): text
      case .kafka(let error): "\(error)"
      }
    }
  }

  private struct State {
    var drainsLeft = 0
    var isComplete = true
    var isStopping = false
    var fatal: KafkaError?
    var ending: Ending?
  }

  private let settings: BridgeSettings
  private let logger: Logger
  private let consumer: KafkaConsumer
  private let writer: TopicWriter
  private let mailboxes: [LaneMailbox]
  private let bridges: [Bridge]
  private let threads: [OSThread]
  private let state: Mutex<State>
  private let finished: @Sendable (Ending) -> Void
  private let board: SnapshotBoard
  private let store: CredentialStore?
  private let storeThread: OSThread?
  package var snapshot: FanOutSnapshot { board.snapshot }

  /// What the work is begun with: known from the brokers and from files.
  package struct Groundwork: Sendable {
    fileprivate let source: Source
    fileprivate let access: DestinationAccess
  }

  /// Checks the topics and reads what the ways to the destinations need. Blocks for up to about 20 s.
  /// - Parameter environment: of the process, for what it says of proxies.
  package static func prepare(
    _ settings: BridgeSettings, environment: [String: String] = [:], logger: Logger
  ) throws(StartError) -> Groundwork {
    // Authorities are read while the broker answers; what is wrong with the file is said first all the same.
    let loading = AccessLoading(settings, environment: environment)
    let topics = Result { () throws(KafkaError) in
      try checkTopics(settings, settings.kafka.producerProperties, logger)
    }
    let access = try loading.wait()
    if settings.kafka.tls?.verify == false {
      logger.log(.warn, "kafka.tls.verify is false: whoever answers is taken for a broker", LogFields())
    }
    if let admin = settings.admin { logger.log(.warn, "admin: this version does not listen at \(admin.listen)") }
    for (destination, route) in zip(settings.destinations, access.routes) {
      for remark in route.remarks(destination) {
        logger.log(remark.isWarning ? .warn : .info, remark.text, LogFields(destination: destination.name))
      }
    }
    do throws(KafkaError) {
      return Groundwork(source: try topics.get(), access: access)
    } catch {
      throw StartError(error)
    }
  }

  /// The same on a thread of its own, which a process that ends meanwhile need not wait for.
  package static func prepare(
    _ settings: BridgeSettings, environment: [String: String] = [:], logger: Logger,
    then: @escaping @Sendable (Result<Groundwork, StartError>) -> Void
  ) {
    _ = OSThread(name: "topictee-start") {
      then(Result { () throws(StartError) in try prepare(settings, environment: environment, logger: logger) })
    }
  }

  /// Starts everything.
  /// - Parameter finished: called once, on any thread, when nothing runs any more but the lanes.
  package convenience init(
    _ settings: BridgeSettings, _ groundwork: Groundwork, logger: Logger,
    finished: @escaping @Sendable (Ending) -> Void
  ) throws(StartError) {
    do throws(KafkaError) {
      try self.init(settings, groundwork.source, groundwork.access, logger, finished)
    } catch {
      throw StartError(error)
    }
  }

  private init(
    _ settings: BridgeSettings, _ source: Source, _ access: DestinationAccess, _ logger: Logger,
    _ finished: @escaping @Sendable (Ending) -> Void
  ) throws(KafkaError) {
    self.settings = settings
    self.logger = logger
    self.finished = finished
    let properties = settings.kafka.consumerProperties
    let laneCount = max(1, min(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), source.partitions, 64))
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
    let writer = try TopicWriter(
      settings.kafka, writesRows: settings.results != nil,
      sinks: mailboxes.map { mailbox in { results in mailbox.post(.written(results)) } }, notice: { relay.pass($0) })
    let board = SnapshotBoard(lanes: laneCount)
    let notices = NoticeLog(destinations: settings.destinations.map(\.name), logger: logger)
    let credentials = CredentialBoard(access.entries)
    credentials.connect(lanes: loops)
    let parts = (0..<laneCount).map {
      LaneParts($0, of: laneCount, settings, writer, logger, notices, credentials, cluster: source.cluster)
    }
    let bridges = (0..<laneCount).map { i in
      Bridge(
        loop: loops[i], mailbox: mailboxes[i], parts: parts[i], consumer: consumer, snapshots: board,
        seed: UInt64.random(in: 0...UInt64.max), drained: { relay.drained(complete: $0) })
    }
    for i in loops.indices { loops[i].attach(bridges[i]) }
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
    store = access.isRenewed ? CredentialStore(settings.destinations, credentials, access, logger: logger) : nil
    storeThread = store?.start()
    relay.connect(self)
    consumer.start()
  }

  // MARK: - Starting

  /// What is known of the source topics before any record is read.
  fileprivate struct Source {
    /// As the brokers name their cluster.
    var cluster: String
    /// Of all topics together.
    var partitions: Int
  }

  /// The topics that are written to must exist and take records before any is read.
  private static func checkTopics(
    _ settings: BridgeSettings, _ properties: [KafkaProperty], _ logger: Logger
  ) throws(KafkaError) -> Source {
    do throws(KafkaError) {
      return try askBrokers(settings, properties, logger)
    } catch {
      guard error.isMissingTopic else { throw error }
      let key =
        error.at == settings.deadLetters.topic
        ? "dead_letters.topic" : error.at == settings.results?.topic ? "results.topic" : "topic"
      throw KafkaError(code: error.code, at: "\(key): \(error.at)", cause: "create it first; topictee makes no topics")
    }
  }

  private static func askBrokers(
    _ settings: BridgeSettings, _ properties: [KafkaProperty], _ logger: Logger
  ) throws(KafkaError) -> Source {
    let targets = settings.writtenTopics
    let facts = try KafkaAdmin.clusterFacts(
      of: settings.topics + targets, brokers: settings.kafka.brokers, properties: properties, timeout: .seconds(10))
    for topic in targets {
      switch try KafkaAdmin.proveWritable(
        topic: topic, brokers: settings.kafka.brokers, properties: properties, timeout: .seconds(10))
      {
      case .writable: break
      case .unproven(let why): logger.log(.debug, "not proven that '\(topic)' is writable: \(why)")
      }
    }
    return Source(cluster: facts.id, partitions: settings.topics.reduce(0) { $0 + (facts.partitions[$1] ?? 0) })
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

  /// With the drain's 25 s it is less than the 30 s after which Kubernetes kills.
  private static let leaveTimeout = Nanoseconds.seconds(4)

  fileprivate func drained(complete: Bool) {
    let isLast = state.withLock { state in
      state.drainsLeft -= 1
      state.isComplete = state.isComplete && complete
      return state.drainsLeft == 0
    }
    if isLast { consumer.close(timeout: Self.leaveTimeout) }
  }

  fileprivate func take(_ notice: ConsumerNotice) {
    switch notice {
    case .warning(let error): logger.log(.warn, "\(error)")
    case .log(let level, _, let text): logger.log(level <= 4 ? .warn : .debug, text)
    case .assignment(let count, let kind): logger.log(.info, "partitions \(kind): \(count)")
    case .fatal(let error):
      logger.log(.error, "fatal: \(error)")
      state.withLock { $0.fatal = $0.fatal ?? error }
      // Nothing can be committed any more: the group is left, or the process is about to be out of it anyway.
      consumer.close(timeout: Self.leaveTimeout)
    case .closed(let isClean):
      let (isComplete, fatal) = state.withLock { ($0.isComplete, $0.fatal) }
      if !isClean {
        logger.log(.warn, "the group could not be left in time; it will miss this member after the session timeout")
      }
      end(fatal.map { .fatal($0) } ?? (isComplete ? .done : .interrupted))
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
    writer.close(timeout: .seconds(1))
    for mailbox in mailboxes { mailbox.post(.stop) }
    for thread in threads { thread.join() }
    store?.stop()
    storeThread?.join()
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

  func pass(_ notice: ConsumerNotice) {
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
