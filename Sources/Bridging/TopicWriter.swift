import FanOut
import Kafka
import Settings
import Synchronization

/// Puts dead letters and results rows on their topics and says which the broker has. Shared by the lanes.
///
/// What is too large is written again in a smaller form; what fits in none is reported as failed, and its partition goes
/// no further. When a producer has failed for good, what it had not acknowledged is reported as failed, and the lanes
/// write it again.
final class TopicWriter: Sendable {
  /// By the id that it was given with.
  typealias Result = (id: DeliveryID, error: KafkaError?)
  typealias Sink = @Sendable ([Result]) -> Void

  private struct Pending: Sendable {
    let lane: Int
    let id: DeliveryID
    var parcel: Parcel
  }
  private struct State: Sendable {
    var next: UInt64 = 1
    var pending: [UInt64: Pending] = [:]
    var alone: RenewedProducer?
    /// Only where there are rows.
    var together: RenewedProducer?
  }

  private let sinks: [Sink]
  private let notice: @Sendable (ConsumerNotice) -> Void
  private let state = Mutex(State())

  /// The user's properties, but for what decides about requests. One letter a request: a broker refuses all of a batch
  /// for the one in it that is too large. And it is the topic that says what is too large.
  static func configuration(_ kafka: KafkaSettings) -> ProducerConfiguration {
    let own = [("batch.num.messages", "1"), ("linger.ms", "0"), ("message.max.bytes", "1000000000")]
    return ProducerConfiguration(
      brokers: kafka.brokers,
      properties: kafka.producerProperties + own.map { KafkaProperty(name: $0.0, value: $0.1) }, lingerMilliseconds: 0)
  }

  /// Of what comes once for each record, and is small: many a request, as the user's properties have it.
  static func configurationOfMany(_ kafka: KafkaSettings) -> ProducerConfiguration {
    ProducerConfiguration(brokers: kafka.brokers, properties: kafka.producerProperties)
  }

  /// - Parameters:
  ///   - sinks: by lane; called on a producer's thread.
  ///   - notice: what the producers say, save their ends and what is mended by replacing them.
  init(
    _ kafka: KafkaSettings, writesRows: Bool, sinks: [Sink], notice: @escaping @Sendable (ConsumerNotice) -> Void
  ) throws(KafkaError) {
    self.sinks = sinks
    self.notice = notice
    let alone = try makeProducer(Self.configuration(kafka))
    state.withLock { $0.alone = alone }
    guard writesRows else { return }
    do throws(KafkaError) {
      let together = try makeProducer(Self.configurationOfMany(kafka))
      state.withLock { $0.together = together }
    } catch {
      alone.close(timeout: .zero)
      throw error
    }
  }

  private func makeProducer(_ configuration: ProducerConfiguration) throws(KafkaError) -> RenewedProducer {
    try RenewedProducer(configuration, sink: { [weak self] in self?.acknowledged($0) }, notice: notice)
  }

  /// `nil`: the lane's sink will hear. An error: not taken, the sink hears nothing.
  func write(_ id: DeliveryID, lane: Int, _ parcel: Parcel) -> KafkaError? {
    send(Pending(lane: lane, id: id, parcel: parcel))
  }

  private func send(_ first: Pending) -> KafkaError? {
    var pending = first
    while true {
      let (token, producer) = state.withLock { state in
        let token = state.next
        state.next += 1
        state.pending[token] = pending
        return (token, pending.parcel.goesAlone ? state.alone : state.together)
      }
      let sent = producer?.current.map { pending.parcel.send(by: $0, token: token) } ?? KafkaError.closed
      guard let error = sent else { return nil }
      state.withLock { $0.pending[token] = nil }
      guard error.isTooLarge, shrink(&pending) else { return error }
    }
  }

  /// False for what is in its smallest form.
  private func shrink(_ pending: inout Pending) -> Bool {
    guard let smaller = pending.parcel.smaller else { return false }
    pending.parcel = smaller
    if let loss = smaller.loss { notice(.log(level: 3, facility: "letters", text: loss)) }
    return true
  }

  private func acknowledged(_ reports: [DeliveryReport]) {
    let known = state.withLock { state in
      reports.compactMap { report in
        state.pending.removeValue(forKey: report.token).map { (pending: $0, error: report.error) }
      }
    }
    var byLane: [Int: [Result]] = [:]
    for (first, report) in known {
      var pending = first
      var error = report
      if error?.isTooLarge == true, shrink(&pending) {
        error = send(pending)
        if error == nil { continue }
      }
      byLane[pending.lane, default: []].append((pending.id, error))
    }
    for (lane, results) in byLane { sinks[lane](results) }
  }

  /// What the broker has not acknowledged by then is reported as failed.
  func close(timeout: Nanoseconds) {
    let (alone, together) = state.withLock { ($0.alone, $0.together) }
    // First: what is too large for it goes on to the other.
    together?.close(timeout: timeout)
    alone?.close(timeout: timeout)
  }
}

/// What is written, in the form that it has now.
enum Parcel: Sendable {
  case letter(OutgoingLetter, topic: String, DeadLetterForm)
  case row(OutgoingRow, RowForm)

  /// In a request of its own.
  var goesAlone: Bool {
    if case .row(_, .whole) = self { false } else { true }
  }

  func send(by producer: KafkaProducer, token: UInt64) -> KafkaError? {
    switch self {
    case .letter(let letter, let topic, let form): form.send(letter, to: topic, by: producer, token: token)
    case .row(let row, let form): form.send(row, by: producer, token: token)
    }
  }

  var smaller: Parcel? {
    switch self {
    case .letter(let letter, let topic, let form):
      form.next(of: letter.record).map { .letter(letter, topic: topic, $0) }
    case .row(let row, let form): form.next.map { .row(row, $0) }
    }
  }

  /// What is said of a form in which something is missed.
  var loss: String? {
    switch self {
    case .letter(let letter, _, let form):
      form.missed.map {
        "a dead letter is too large for its topic: offset \(letter.record.offset) is written without its \($0)"
      }
    case .row(let row, .lean):
      "a results row is too large for its topic: offset \(row.record.offset) is written without the responses' bodies"
    default: nil
    }
  }
}
