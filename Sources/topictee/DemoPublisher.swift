import FanOut
import Kafka
import Synchronization

/// Publishes the demo's orders at their pace.
final class DemoPublisher {
  /// Orders that may wait for the slower API: beyond that the embedded Kafka, which keeps 5 MiB a partition, would drop
  /// what nobody has read.
  static let unsettledMax = 10_000

  private let producer: KafkaProducer
  private let sink: Int
  private let topic: String
  private let customers: Int
  private let pace: DemoPace
  private let reports: Reports
  private(set) var sent = 0

  private final class Reports: Sendable {
    let state = Mutex((acknowledged: 0, failed: 0, error: KafkaError?.none))
  }

  init(broker: String, topic: String, options: DemoOptions) throws(KafkaError) {
    producer = try KafkaProducer(ProducerConfiguration(brokers: [broker]), notice: { _ in })
    let reports = Reports()
    sink = producer.addSink { results in
      reports.state.withLock { state in
        for result in results {
          if let error = result.error {
            state.failed += 1
            state.error = error
          } else {
            state.acknowledged += 1
          }
        }
      }
    }
    self.reports = reports
    self.topic = topic
    customers = options.customers
    pace = DemoPace(events: options.events, rate: options.rate)
  }

  var acknowledged: Int { reports.state.withLock { $0.acknowledged } }
  /// Orders that are not in Kafka, and why.
  var failure: (count: Int, error: KafkaError?) { reports.state.withLock { ($0.failed, $0.error) } }
  var isDone: Bool { sent == pace.events }
  /// All that was sent is in Kafka, or known not to be.
  var isReported: Bool { reports.state.withLock { $0.acknowledged + $0.failed } == sent }

  /// Sends what is due; when the next one is.
  func publish(after elapsed: Duration, settled: Int) -> Duration {
    let due = min(pace.due(after: elapsed), settled + Self.unsettledMax)
    while sent < due {
      let order = DemoOrder(id: sent + 1, customers: customers)
      let refused = producer.send(
        topic: topic, key: Array(order.key.utf8), value: Array(order.json.utf8), headers: [], sink: sink,
        token: UInt64(order.id))
      // Full or closing: the next turn tries the same order again.
      guard refused == nil else { break }
      sent += 1
    }
    return max(pace.next(after: sent), elapsed + .milliseconds(5))
  }

  func close() { producer.close(timeout: .seconds(5)) }
}
