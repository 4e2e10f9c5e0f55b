import CRdKafka
import FanOut
import Foundation
import Kafka
import Testing

/// All end-to-end tests, one after the other: they share a broker and two cores.
@Suite(.serialized, .timeLimit(.minutes(30))) struct EndToEndTests {}

/// One test's own topics, group, folder and two APIs, `crm` and `erp`. Everything ends with `end()`.
final class Scene {
  let broker: TestBroker
  let topic: String
  let partitions: Int
  var dead: String { topic + ".dead" }
  var results: String { topic + ".results" }
  var group: String { topic + "-bridge" }
  let crm: APIServer
  let erp: APIServer
  let payload: Payload
  private let folder: URL
  private var programs: [Program] = []

  /// What a test wants to see in the config beside what every config has.
  struct Wishes {
    /// Lines below `kafka:`, such as `instance_id: a`.
    var kafka: [String] = []
    var sessionMilliseconds = TestBroker.isReal ? 45_000 : 6_000
    /// Whole top-level lines, such as `order: none`.
    var top: [String] = []
    /// Flow maps: `{ timeout: 1s }`.
    var defaults = "{ retry: { attempts: 10, backoff: 20ms..500ms }, breaker: { for: 200ms } }"
    var crm: [String] = []
  }

  /// - Parameter isLong: the journals keep no bytes.
  init(
    _ broker: TestBroker? = nil, partitions: Int = 4, keys: Int = 100, deadPartitions: Int? = 1, isLong: Bool = false
  ) throws {
    self.broker = try broker ?? TestBroker.shared
    self.partitions = partitions
    payload = Payload(keyCount: keys)
    topic = "e2e-" + UUID().uuidString.lowercased().prefix(13)
    folder = FileManager.default.temporaryDirectory.appending(path: topic)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    crm = try APIServer(checks: isLong ? payload : nil)
    erp = try APIServer(checks: isLong ? payload : nil)
    try self.broker.createTopic(topic, partitions: partitions)
    if let deadPartitions { try self.broker.createTopic(dead, partitions: deadPartitions) }
  }

  /// Runs `body` with a scene of its own.
  static func play(
    _ broker: TestBroker? = nil, partitions: Int = 4, keys: Int = 100, deadPartitions: Int? = 1, isLong: Bool = false,
    _ body: (Scene) throws -> Void
  ) throws {
    let scene = try Scene(
      broker, partitions: partitions, keys: keys, deadPartitions: deadPartitions, isLong: isLong)
    defer { scene.end() }
    try body(scene)
  }

  private func end() {
    for program in programs { program.end() }
    crm.end()
    erp.end()
    try? FileManager.default.removeItem(at: folder)
  }

  // MARK: The program

  func config(_ wishes: Wishes = Wishes()) -> String {
    let kafka = wishes.kafka.map { "\n  \($0)" }.joined()
    let top = wishes.top.map { "\n\($0)" }.joined()
    let own = [("crm", crm, wishes.crm), ("erp", erp, [])].map { name, server, lines in
      "  \(name):\n    url: \(server.url("/\(name)"))\n" + lines.map { "    \($0)\n" }.joined()
    }
    return """
      kafka:
        brokers: ["\(broker.address)"]
        group: \(group)
        properties: { session.timeout.ms: \(wishes.sessionMilliseconds) }\(kafka)
      topic: \(topic)\(top)
      defaults: \(wishes.defaults)
      destinations:
      \(own.joined())dead_letters:
        topic: \(dead)

      """
  }

  func file(_ name: String, _ text: String) throws -> String {
    let url = folder.appending(path: name)
    try Data(text.utf8).write(to: url)
    return url.path(percentEncoded: false)
  }

  /// `topictee run` with this config; ended with the scene at the latest.
  func start(_ wishes: Wishes = Wishes()) throws -> Program { try run(config(wishes)) }

  func run(_ config: String) throws -> Program {
    let program = try Program(["run", try file("bridge-\(programs.count).yaml", config)])
    programs.append(program)
    return program
  }

  /// SIGTERM, and the exit code 0.
  func stop(_ program: Program, seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation) {
    program.terminate()
    let ending = program.waitForEnd(seconds: seconds)
    #expect(ending == .exit(0), "\(program.lastWords)", sourceLocation: sourceLocation)
  }

  // MARK: Records

  /// Publishes `payload`'s records, and returns when the broker has them.
  func publish(_ numbers: Range<Int>, headers: (Int) -> [OutgoingHeader] = { _ in [] }) throws {
    let writer = try TopicWriter(broker.address, topic)
    for number in numbers {
      try writer.send(key: payload.key(number), value: payload.value(number), headers: headers(number))
    }
    try writer.finish()
  }

  // MARK: Expectations

  /// Waits until both APIs have accepted `count` different records.
  func expectDelivery(
    of count: Int, to servers: [APIServer]? = nil, by program: Program? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for server in servers ?? [crm, erp] {
      let isThere = server.wait(seconds: Scale.patience(count)) { $0.distinct >= count }
      try #require(
        isThere, "\(server.journal.read { $0.distinct }) of \(count); \(program?.lastWords ?? "")",
        sourceLocation: sourceLocation)
    }
  }

  /// The group's offsets stand behind the last record of every partition.
  func expectCommittedToTheEnd(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let ends = try broker.ends(of: topic, partitions: partitions)
    let committed = try broker.committed(group, topic, partitions: partitions)
    // A partition in which nothing was ever settled has no offset.
    #expect(committed.map { $0 ?? 0 } == ends, sourceLocation: sourceLocation)
  }

  func deadLetters(partitions: Int = 1) throws -> [StoredRecord] { try broker.readAll(dead, partitions: partitions) }

  /// A stop need not wait for letters whose turn has not come: tests that count them wait first.
  func expectDeadLetters(_ count: Int, partitions: Int = 1) throws {
    _ = try broker.readAll(dead, partitions: partitions, atLeast: count)
  }
}

/// Puts records on a topic; every one of them is acknowledged in the end, or `finish` throws.
final class TopicWriter {
  private let topic: String
  private let producer: KafkaProducer
  private let failures: Watched<[KafkaError]>
  private let sink: Int

  init(_ brokers: String, _ topic: String) throws {
    self.topic = topic
    let failures = Watched<[KafkaError]>([])
    self.failures = failures
    producer = try KafkaProducer(
      ProducerConfiguration(brokers: brokers.split(separator: ",").map(String.init)), notice: { _ in })
    sink = producer.addSink { reports in
      let errors = reports.compactMap(\.error)
      if !errors.isEmpty { failures.change { $0 += errors } }
    }
  }

  func send(key: [UInt8]?, value: [UInt8]?, headers: [OutgoingHeader] = []) throws {
    while let error = producer.send(topic: topic, key: key, value: value, headers: headers, sink: sink, token: 0) {
      guard error.isQueueFull else { throw error }
      _ = producer.flush(timeout: .milliseconds(100))
    }
  }

  func finish() throws {
    producer.close(timeout: .seconds(60))
    if let first = failures.read({ $0.first }) { throw first }
  }
}
