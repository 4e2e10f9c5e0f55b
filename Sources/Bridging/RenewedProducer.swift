import FanOut
import Kafka
import Reactor
import Synchronization

/// A producer that is replaced when it has failed for good: what it had not acknowledged by then is reported as failed.
///
/// `close` must be called.
final class RenewedProducer: Sendable {
  private struct State {
    var producer: KafkaProducer?
    var isClosed = false
    /// Ends of producers that were replaced.
    var replacing: OSThread?
  }

  private let configuration: ProducerConfiguration
  private let sink: DeliverySink
  private let notice: @Sendable (ConsumerNotice) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - sink: called on the producer's thread; it is number 0.
  ///   - notice: what the producer says, save its end and what is mended by replacing it.
  init(
    _ configuration: ProducerConfiguration, sink: @escaping DeliverySink,
    notice: @escaping @Sendable (ConsumerNotice) -> Void
  ) throws(KafkaError) {
    self.configuration = configuration
    self.sink = sink
    self.notice = notice
    let producer = try makeProducer()
    state.withLock { $0.producer = producer }
  }

  /// Nil while it is replaced, and once closed.
  var current: KafkaProducer? { state.withLock { $0.producer } }

  private func makeProducer() throws(KafkaError) -> KafkaProducer {
    let made = try KafkaProducer(configuration) { [weak self] notice in self?.heard(notice) }
    _ = made.addSink(sink)
    return made
  }

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
