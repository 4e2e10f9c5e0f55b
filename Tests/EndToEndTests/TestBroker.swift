import CRdKafka
import FanOut
import Foundation
import Kafka
import Testing

/// The broker that tests share: `TOPICTEE_TEST_KAFKA`, or else the embedded cluster in this process.
struct TestBroker: Sendable {
  let address: String
  private let embedded: EmbeddedCluster?

  static let isReal = environment("TOPICTEE_TEST_KAFKA") != nil
  /// Why a test is left out without one.
  static let makesTopics: Comment =
    "needs TOPICTEE_TEST_KAFKA: the embedded cluster makes every topic that is asked for"
  static let takesAnySize: Comment = "needs TOPICTEE_TEST_KAFKA: the embedded cluster takes records of any size"
  private static let made = Result { try TestBroker() }
  static var shared: TestBroker { get throws { try made.get() } }

  private init(_ address: String, _ embedded: EmbeddedCluster?) {
    self.address = address
    self.embedded = embedded
  }

  init(real address: String) { self.init(address, nil) }

  private init() throws {
    if let address = environment("TOPICTEE_TEST_KAFKA") {
      self.init(real: address)
    } else {
      let cluster = try EmbeddedCluster()
      self.init(cluster.bootstrap, cluster)
    }
  }

  var isReal: Bool { embedded == nil }

  /// Returns when a client can see it.
  func createTopic(_ name: String, partitions: Int) throws {
    if let embedded { return try embedded.createTopic(name, partitions: partitions) }
    try TestClient(RD_KAFKA_PRODUCER, brokers: address).createTopic(name, partitions: partitions)
    let deadline = monotonicNanoseconds() + 20_000_000_000
    while true {
      // The answer comes when the controller has it; the broker itself may follow a moment later.
      if (try? partitionCount(of: name)) == partitions { return }
      guard monotonicNanoseconds() < deadline else { throw TestClient.Failure(description: "\(name) does not appear") }
    }
  }

  private func partitionCount(of topic: String) throws -> Int? {
    try KafkaAdmin.partitionCounts(of: [topic], brokers: [address], properties: [], timeout: .seconds(5))[topic]
  }

  /// The group's committed offset of each partition, in order; `nil` for none.
  func committed(_ group: String, _ topic: String, partitions: Int) throws -> [Int64?] {
    let places = (0..<partitions).map { TopicPartition(topic: topic, partition: Int32($0)) }
    let positions = try KafkaAdmin.committedPositions(
      group: group, partitions: places, brokers: [address], properties: [], timeout: .seconds(20))
    return places.map { positions[$0]?.offset }
  }

  func ends(of topic: String, partitions: Int) throws -> [Int64] {
    let client = try TestClient(RD_KAFKA_PRODUCER, brokers: address)
    return try (0..<partitions).map { try client.end(of: topic, $0) }
  }

  func readAll(_ topic: String, partitions: Int, atLeast count: Int = 0) throws -> [StoredRecord] {
    try TestClient.readAll(
      topic, partitions: partitions, brokers: address, atLeast: count, seconds: Scale.patience(count))
  }
}

/// A variable of the environment; an empty one counts as none.
func environment(_ name: String) -> String? {
  ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
}

/// How much the tests do.
enum Scale {
  static let records = environment("TOPICTEE_TEST_RECORDS").flatMap(Int.init) ?? 4_000
  static let kills = environment("TOPICTEE_TEST_KILLS").flatMap(Int.init) ?? 3
  /// The issue's own figures: minutes for each test.
  static let isFull = environment("TOPICTEE_TEST_FULL") != nil
  /// The embedded cluster keeps 5 MiB per partition.
  static var bounded: Int { TestBroker.isReal ? records : min(records, 20_000) }
  /// Where more would only take longer.
  static var small: Int { min(bounded, 4_000) }
  /// How long something that must happen may take before the test gives up.
  static func patience(_ records: Int) -> Double { 60 + Double(records) / 200 }
}
