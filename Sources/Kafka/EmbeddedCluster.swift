private import CRdKafka
import Synchronization

/// A Kafka inside this process, on loopback: librdkafka's mock cluster. Any client can attach. It keeps 5 MiB or
/// 100,000 batches per partition in memory, then drops the oldest.
package final class EmbeddedCluster: Sendable {
  /// `host:port,…` for a client's `brokers`.
  package let bootstrap: String
  private let handles: Mutex<Handles?>

  // Why unchecked: the library locks the cluster, and the mutex keeps calls away from one that is destroyed.
  @safe private struct Handles: @unchecked Sendable {
    let client: OpaquePointer
    let cluster: OpaquePointer
  }

  /// Brokers are numbered from 1. Topics that a producer asks for are made with 4 partitions.
  package init(brokers: Int = 1) throws(KafkaError) {
    var settings = ClientSettings(brokers: [], properties: [], events: 0)
    settings.fix("log_level", "0")
    let client = try unsafe settings.makeClient(.producer)
    guard let cluster = unsafe rd_kafka_mock_cluster_new(client, Int32(clamping: brokers)) else {
      unsafe rd_kafka_destroy(client)
      throw KafkaError(code: RD_KAFKA_RESP_ERR__FAIL.rawValue, at: "embedded cluster")
    }
    bootstrap = unsafe text(rd_kafka_mock_cluster_bootstraps(cluster))
    handles = unsafe Mutex(Handles(client: client, cluster: cluster))
  }

  /// Replicated on one broker.
  package func createTopic(_ name: String, partitions: Int) throws(KafkaError) {
    let code = unsafe with { unsafe rd_kafka_mock_topic_create($0, name, Int32(clamping: partitions), 1).rawValue }
    if let code, code != 0 { throw KafkaError(code: code, at: name) }
  }

  /// The next requests of this kind are answered with these errors, one each (Produce 0, Fetch 1, OffsetCommit 8).
  package func pushErrors(apiKey: Int16, codes: [Int32]) {
    let errors = codes.map { rd_kafka_resp_err_t(rawValue: $0) }
    unsafe with { unsafe rd_kafka_mock_push_request_errors_array($0, apiKey, errors.count, errors) }
  }

  /// A broker that is down closes its connections and takes none.
  package func setBroker(_ id: Int32, up: Bool) {
    unsafe with { _ = unsafe up ? rd_kafka_mock_broker_set_up($0, id) : rd_kafka_mock_broker_set_down($0, id) }
  }

  /// Answers of this broker take this much longer.
  package func setRoundTrip(_ id: Int32, milliseconds: Int) {
    unsafe with { _ = unsafe rd_kafka_mock_broker_set_rtt($0, id, Int32(clamping: milliseconds)) }
  }

  /// Ends it; later calls do nothing.
  package func close() {
    let ended = handles.withLock { handles in
      defer { handles = nil }
      return handles
    }
    guard let ended else { return }
    unsafe rd_kafka_mock_cluster_destroy(ended.cluster)
    unsafe rd_kafka_destroy(ended.client)
  }

  @discardableResult
  private func with<R: Sendable>(_ body: (OpaquePointer) -> R) -> R? {
    handles.withLock { handles in
      guard let handles else { return nil }
      return unsafe body(handles.cluster)
    }
  }
}
