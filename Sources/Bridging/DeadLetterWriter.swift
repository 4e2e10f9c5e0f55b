import FanOut
import Kafka
import Reactor
import Settings
import Synchronization

/// Puts dead letters on their topic and says which the broker has. Shared by the lanes: letters are rare.
///
/// A letter that is too large is written again in a smaller form; one that fits in none is reported as failed, and its
/// partition goes no further. A producer that has failed for good is replaced: what it had not acknowledged is reported
/// as failed, and the lanes write it again.
final class DeadLetterWriter: Sendable {
  typealias Result = (id: DeliveryID, error: KafkaError?)
  typealias Sink = @Sendable ([Result]) -> Void

  private struct Pending: Sendable {
    let lane: Int
    let id: DeliveryID
    let letter: OutgoingLetter
    var form = DeadLetterForm.whole

    mutating func shrink(to smaller: DeadLetterForm, _ notice: (ConsumerNotice) -> Void) {
      form = smaller
      guard form == .pointer else { return }
      let text = "a dead letter is too large for its topic: offset \(letter.record.offset) is written without its value"
      notice(.log(level: 3, facility: "letters", text: text))
    }
  }
  private struct State: Sendable {
    var next: UInt64 = 1
    var pending: [UInt64: Pending] = [:]
    var producer: KafkaProducer?
    var isClosed = false
    /// Ends of producers that were replaced.
    var replacing: OSThread?
  }

  private let topic: String
  private let configuration: ProducerConfiguration
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

  /// - Parameters:
  ///   - sinks: by lane; called on the producer's thread.
  ///   - notice: what the producer says, save its end and what is mended by replacing it.
  init(
    topic: String, _ configuration: ProducerConfiguration, sinks: [Sink],
    notice: @escaping @Sendable (ConsumerNotice) -> Void
  ) throws(KafkaError) {
    self.topic = topic
    self.configuration = configuration
    self.sinks = sinks
    self.notice = notice
    let producer = try makeProducer()
    state.withLock { $0.producer = producer }
  }

  private func makeProducer() throws(KafkaError) -> KafkaProducer {
    let made = try KafkaProducer(configuration) { [weak self] notice in self?.heard(notice) }
    _ = made.addSink { [weak self] reports in self?.acknowledged(reports) }
    return made
  }

  /// Sends a letter. `nil`: its sink will hear. An error: not taken, the sink hears nothing.
  func write(_ id: DeliveryID, lane: Int, _ letter: OutgoingLetter) -> KafkaError? {
    send(Pending(lane: lane, id: id, letter: letter))
  }

  private func send(_ first: Pending) -> KafkaError? {
    var pending = first
    while true {
      let (token, producer) = state.withLock { state in
        let token = state.next
        state.next += 1
        state.pending[token] = pending
        return (token, state.producer)
      }
      guard let producer else { return .closed }
      guard let error = pending.form.send(pending.letter, to: topic, by: producer, token: token) else { return nil }
      state.withLock { $0.pending[token] = nil }
      guard error.isTooLarge, let smaller = pending.form.next else { return error }
      pending.shrink(to: smaller, notice)
    }
  }

  private func acknowledged(_ reports: [DeliveryReport]) {
    var byLane: [Int: [Result]] = [:]
    for report in reports {
      guard var pending = state.withLock({ $0.pending.removeValue(forKey: report.token) }) else { continue }
      var error = report.error
      if error?.isTooLarge == true, let smaller = pending.form.next {
        pending.shrink(to: smaller, notice)
        error = send(pending)
        if error == nil { continue }
      }
      byLane[pending.lane, default: []].append((pending.id, error))
    }
    for (lane, letters) in byLane { sinks[lane](letters) }
  }

  // MARK: - Replacing

  private func heard(_ message: ConsumerNotice) {
    switch message {
    case .closed: break
    case .fatal(let error):
      notice(.warning(error))
      replace()
    default: notice(message)
    }
  }

  /// On a thread of its own: a producer cannot be closed on the one that it speaks on.
  private func replace() {
    state.withLock { state in
      guard !state.isClosed, state.replacing == nil else { return }
      state.replacing = OSThread(name: "topictee-letters") { [weak self] in self?.exchangeProducers() }
    }
  }

  private func exchangeProducers() {
    let old = state.withLock { state in
      defer { state.producer = nil }
      return state.producer
    }
    old?.close(timeout: .zero)
    do throws(KafkaError) {
      let new = try makeProducer()
      let isTooLate = state.withLock { state in
        if !state.isClosed { state.producer = new }
        state.replacing = nil
        return state.isClosed
      }
      if isTooLate { new.close(timeout: .zero) }
    } catch {
      state.withLock { $0.replacing = nil }
      notice(.fatal(error))
    }
  }

  /// What the broker has not acknowledged by then is reported as failed.
  func close(timeout: Nanoseconds) {
    let (producer, replacing) = state.withLock { state in
      defer { state.producer = nil }
      state.isClosed = true
      return (state.producer, state.replacing)
    }
    replacing?.join()
    producer?.close(timeout: timeout)
  }
}
