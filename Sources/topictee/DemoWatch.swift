import FanOut
import Kafka
import Synchronization

/// What stands in the demo's topics, read by a consumer of its own: the other side of the account.
struct TopicBook {
  struct Entry: Equatable {
    let offset: Int64
    let body: BodyKey
  }

  /// The records of each partition of the source topic, in order.
  private(set) var records: [Int32: [Entry]] = [:]
  /// Records that the demo published, and those that others did.
  private(set) var own = 0
  private(set) var outside = 0
  /// Dead letters by destination and body, and by destination and reason.
  private(set) var letters: [String: [BodyKey: Int]] = [:]
  private(set) var reasons: [String: [String: Int]] = [:]

  /// The offset behind each partition's last record.
  var ends: [Int32: Int64] { records.compactMapValues { $0.last.map { $0.offset + 1 } } }
  var letterCount: Int { reasons.values.reduce(0) { $0 + $1.values.reduce(0, +) } }

  mutating func add(_ body: [UInt8], partition: Int32, offset: Int64, isOwn: Bool) {
    records[partition, default: []].append(Entry(offset: offset, body: BodyKey(body)))
    if isOwn { own += 1 } else { outside += 1 }
  }

  mutating func addLetter(_ body: [UInt8], destination: String, reason: String) {
    letters[destination, default: [:]][BodyKey(body), default: 0] += 1
    reasons[destination, default: [:]][reason, default: 0] += 1
  }
}

/// Reads both topics from their beginning, as a group of its own.
final class DemoWatch: Sendable {
  private struct State {
    var book = TopicBook()
    var partitions: [AssignmentID: TopicPartition] = [:]
  }

  private let source: String
  private let customers: Int
  private let feed: DemoFeed
  private let state = Mutex(State())
  private let consumer = Mutex<KafkaConsumer?>(nil)

  init(broker: String, source: String, dead: String, customers: Int, feed: DemoFeed) throws(KafkaError) {
    self.source = source
    self.customers = customers
    self.feed = feed
    let made = try KafkaConsumer(
      ConsumerConfiguration(
        brokers: [broker], group: "demo-watch", topics: [source, dead],
        properties: [KafkaProperty(name: "fetch.wait.max.ms", value: "\(DemoStage.fetchWait)")]),
      lanes: [{ [self] events in for event in events { take(event) } }],
      notice: { notice in if case .fatal(let error) = notice { feed.add("reading back: \(error)") } })
    consumer.withLock { $0 = made }
    made.grant(lane: 0, records: 100_000, bytes: 64 << 20)
    made.start()
  }

  /// Counts, for the picture.
  struct Counts {
    let ends: [Int32: Int64]
    let own: Int
    let outside: Int
    let partitions: Int
  }
  var counts: Counts {
    state.withLock { state in
      Counts(
        ends: state.book.ends, own: state.book.own, outside: state.book.outside, partitions: state.partitions.count)
    }
  }

  var book: TopicBook { state.withLock { $0.book } }

  /// Leaves the group; waits for it.
  func close() {
    let ended = consumer.withLock { $0 }
    ended?.close(timeout: .seconds(3))
    // Until then the group may still ask for partitions back.
    ended?.join()
    consumer.withLock { $0 = nil }
  }

  private func take(_ event: ConsumerEvent) {
    switch event {
    case .assigned(let assignment): state.withLock { $0.partitions[assignment.id] = assignment.partition }
    case .records(let records):
      for record in records { take(record) }
      let bytes = records.reduce(0) { $0 + $1.footprint }
      consumer.withLock { $0 }?.grant(lane: 0, records: records.count, bytes: bytes)
    case .revoked(let id): consumer.withLock { $0 }?.release(id)
    case .lost, .committed: break
    }
  }

  private func take(_ record: Record) {
    let body = unsafe record.withValue { unsafe Array($0) }
    guard let place = state.withLock({ $0.partitions[record.assignment] }) else { return }
    guard place.topic == source else { return takeLetter(record, body) }
    let id = OrderFields(body)?.id ?? 0
    let isOwn = id > 0 && body.elementsEqual(DemoOrder(id: id, customers: customers).json.utf8)
    state.withLock { $0.book.add(body, partition: place.partition, offset: record.offset, isOwn: isOwn) }
    if !isOwn { feed.add("from outside: \(place)@\(record.offset) \(OneLine.of(body, max: 50))") }
  }

  private func takeLetter(_ record: Record, _ body: [UInt8]) {
    var destination = ""
    var reason = ""
    unsafe record.withHeaders { headers in
      unsafe headers.forEach { field in
        guard let value = unsafe field.value.map({ unsafe String(decoding: $0, as: UTF8.self) }) else { return }
        switch unsafe String(decoding: field.name, as: UTF8.self) {
        case "topictee.dlq.destination": destination = value
        case "topictee.dlq.reason": reason = value
        default: break
        }
      }
    }
    state.withLock { $0.book.addLetter(body, destination: destination, reason: reason) }
  }
}
