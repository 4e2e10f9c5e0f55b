import FanOut
import Foundation
import Kafka
import Synchronization

/// Collects what a callback says and lets a test wait for it.
final class Inbox<Item: Sendable>: Sendable {
  private let items = Mutex<[Item]>([])
  private let changed = NSCondition()

  var all: [Item] { items.withLock { $0 } }

  func add(_ item: Item) {
    changed.lock()
    items.withLock { $0.append(item) }
    changed.broadcast()
    changed.unlock()
  }

  /// False when the time is over first.
  func wait(seconds: Double = 20, until isDone: ([Item]) -> Bool) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    changed.lock()
    defer { changed.unlock() }
    while !isDone(all) {
      guard changed.wait(until: deadline) else { return isDone(all) }
    }
    return true
  }
}

/// A consumer with one lane and what it said.
struct Member {
  let events = Inbox<ConsumerEvent>()
  let notices = Inbox<ConsumerNotice>()
  let consumer: KafkaConsumer

  init(
    _ cluster: EmbeddedCluster, group: String = "g", topic: String = "t", startAt: StartAt = .earliest,
    releaseTimeout: Nanoseconds = .seconds(5), properties: [KafkaProperty] = []
  ) throws {
    let (events, notices) = (events, notices)
    let configuration = ConsumerConfiguration(
      brokers: [cluster.bootstrap], group: group, topics: [topic], startAt: startAt,
      properties: [KafkaProperty(name: "session.timeout.ms", value: "6000")] + properties,
      releaseTimeout: releaseTimeout)
    consumer = try KafkaConsumer(
      configuration, lanes: [{ for event in $0 { events.add(event) } }], notice: { notices.add($0) })
    consumer.start()
  }

  var records: [Record] {
    events.all.flatMap { event -> [Record] in if case .records(let list) = event { list } else { [] } }
  }
  var assigned: [Assignment] { events.all.compactMap { if case .assigned(let one) = $0 { one } else { nil } } }
  var revoked: [AssignmentID] { events.all.compactMap { if case .revoked(let id) = $0 { id } else { nil } } }
  var lost: [AssignmentID] { events.all.compactMap { if case .lost(let id) = $0 { id } else { nil } } }
  var commits: [CommitResult] {
    events.all.compactMap { if case .committed(_, _, let result) = $0 { result } else { nil } }
  }
  var closed: Bool? {
    notices.all.compactMap { if case .closed(let clean) = $0 { clean } else { nil } }.first
  }

  /// Waits for a condition on this member.
  func wait(seconds: Double = 20, until isDone: (Member) -> Bool) -> Bool {
    events.wait(seconds: seconds) { _ in isDone(self) }
  }

  func grantMuch() { consumer.grant(lane: 0, records: 100_000, bytes: 1 << 30) }

  /// Closes and waits; true when it left the group in time.
  @discardableResult
  func close(seconds: Int64 = 10) -> Bool? {
    consumer.close(timeout: .seconds(seconds))
    consumer.join()
    return closed
  }
}

/// A producer and its reports.
struct Sender {
  let reports = Inbox<DeliveryReport>()
  let producer: KafkaProducer
  let sink: Int

  init(_ cluster: EmbeddedCluster, properties: [KafkaProperty] = []) throws {
    let reports = reports
    producer = try KafkaProducer(
      ProducerConfiguration(brokers: [cluster.bootstrap], properties: properties), notice: { _ in })
    sink = producer.addSink { for report in $0 { reports.add(report) } }
  }

  func send(_ topic: String = "t", values: Range<Int>) {
    for value in values {
      let refused = producer.send(
        topic: topic, key: nil, value: Array("\(value)".utf8), headers: [], sink: sink, token: UInt64(value))
      precondition(refused == nil, "\(String(describing: refused))")
    }
  }
}
