import FanOut
import Kafka
import Synchronization
import Telemetry

/// Puts dead letters on their topic and says which the broker has. Shared by the lanes: letters are rare.
final class DeadLetterWriter: Sendable {
  typealias Sink = @Sendable ([(id: DeliveryID, error: KafkaError?)]) -> Void

  private struct Pending: Sendable {
    let lane: Int
    let id: DeliveryID
  }
  private struct State: Sendable {
    var next: UInt64 = 1
    var pending: [UInt64: Pending] = [:]
    var sinks: [Sink] = []
  }
  private let state = Mutex(State())
  private let topic: String
  private let producer = Mutex<KafkaProducer?>(nil)

  init(topic: String) { self.topic = topic }

  func open(
    _ configuration: ProducerConfiguration, sinks: [Sink], notice: @escaping @Sendable (ConsumerNotice) -> Void
  ) throws(KafkaError) {
    state.withLock { $0.sinks = sinks }
    let made = try KafkaProducer(configuration, notice: notice)
    _ = made.addSink { [self] reports in acknowledged(reports) }
    producer.withLock { $0 = made }
  }

  func write(_ id: DeliveryID, lane: Int, record: Record, headers: [OutgoingHeader]) -> KafkaError? {
    let token = state.withLock { state in
      let token = state.next
      state.next += 1
      state.pending[token] = Pending(lane: lane, id: id)
      return token
    }
    let error = producer.withLock { $0 }?.send(topic: topic, copyOf: record, adding: headers, sink: 0, token: token)
    if error != nil { state.withLock { $0.pending[token] = nil } }
    return error
  }

  private func acknowledged(_ reports: [DeliveryReport]) {
    var byLane: [Int: [(id: DeliveryID, error: KafkaError?)]] = [:]
    let sinks = state.withLock { state in
      for report in reports {
        guard let pending = state.pending.removeValue(forKey: report.token) else { continue }
        byLane[pending.lane, default: []].append((pending.id, report.error))
      }
      return state.sinks
    }
    for (lane, letters) in byLane { sinks[lane](letters) }
  }

  func close(timeout: Nanoseconds) { producer.withLock { $0 }?.close(timeout: timeout) }

  /// The contract's "Dead letter headers".
  static func headers(
    of record: Record, from partition: TopicPartition, destination: String, letter: DeadLetter, now: Instant,
    wallMilliseconds: Int64, response: Bool
  ) -> [OutgoingHeader] {
    func time(_ instant: Instant) -> String {
      Timestamp.text(milliseconds: wallMilliseconds - (now - instant).count / 1_000_000)
    }
    let prefix = "topictee.dlq."
    var headers = [
      OutgoingHeader(prefix + "id", "\(partition.topic)-\(partition.partition)-\(record.offset)-\(destination)"),
      OutgoingHeader(prefix + "topic", partition.topic),
      OutgoingHeader(prefix + "partition", "\(partition.partition)"),
      OutgoingHeader(prefix + "offset", "\(record.offset)"),
      OutgoingHeader(prefix + "timestamp", "\(record.timestampMilliseconds)"),
      OutgoingHeader(prefix + "destination", destination),
      OutgoingHeader(prefix + "reason", letter.reason.rawValue),
      OutgoingHeader(prefix + "error", letter.failure.message),
      OutgoingHeader(prefix + "attempts", "\(letter.attempts)"),
      OutgoingHeader(prefix + "first_attempt_at", time(letter.firstAttemptAt)),
      OutgoingHeader(prefix + "failed_at", time(letter.failedAt)),
      OutgoingHeader(prefix + "redrives", "0"),
    ]
    if letter.failure.status > 0 { headers.append(OutgoingHeader(prefix + "status", "\(letter.failure.status)")) }
    if response { headers.append(OutgoingHeader(name: prefix + "response", value: letter.failure.response)) }
    return headers
  }
}

extension OutgoingHeader {
  fileprivate init(_ name: String, _ value: String) { self.init(name: name, value: Array(value.utf8)) }
}
