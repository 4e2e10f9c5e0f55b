internal import CRdKafka
import Synchronization

/// librdkafka's mock cluster: a Kafka in this process, on loopback, that any client can reach. For the demo and for
/// tests where there is no real broker; nothing is kept on disk.
@safe package final class EmbeddedCluster: Sendable {
  @safe private struct Handles: @unchecked Sendable {
    // Why unchecked: librdkafka's mock functions are thread-safe, and the mutex ends their use before `close`.
    let client: OpaquePointer
    let cluster: OpaquePointer
  }
  private let handles: Mutex<Handles?>
  /// `127.0.0.1:port`.
  package let bootstrap: String

  package init(brokers: Int = 1) throws(KafkaError) {
    let client = unsafe try ClientConfiguration([]).makeClient(RD_KAFKA_PRODUCER)
    guard let cluster = unsafe rd_kafka_mock_cluster_new(client, Int32(brokers)) else {
      unsafe rd_kafka_destroy(client)
      throw KafkaError(RD_KAFKA_RESP_ERR__FAIL, "starting the embedded cluster")
    }
    bootstrap = unsafe rd_kafka_mock_cluster_bootstraps(cluster).map { unsafe String(cString: $0) } ?? ""
    unsafe handles = Mutex(Handles(client: client, cluster: cluster))
  }

  package func createTopic(_ name: String, partitions: Int) throws(KafkaError) {
    let error = handles.withLock { handles in
      guard let handles else { return RD_KAFKA_RESP_ERR__DESTROY }
      return unsafe rd_kafka_mock_topic_create(handles.cluster, name, Int32(partitions), 1)
    }
    if error != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(error, "creating topic \(name)") }
  }

  /// The next requests of that kind are answered with these errors (Kafka's numbers).
  package func pushErrors(apiKey: Int16, codes: [Int32]) {
    let errors = codes.map { rd_kafka_resp_err_t(rawValue: $0) }
    handles.withLock { handles in
      guard let handles else { return }
      unsafe rd_kafka_mock_push_request_errors_array(handles.cluster, apiKey, errors.count, errors)
    }
  }

  package func setBroker(_ id: Int32, isUp: Bool) {
    handles.withLock { handles in
      guard let handles else { return }
      if isUp {
        unsafe rd_kafka_mock_broker_set_up(handles.cluster, id)
      } else {
        unsafe rd_kafka_mock_broker_set_down(handles.cluster, id)
      }
    }
  }

  package func close() {
    let taken = handles.withLock { handles in
      defer { handles = nil }
      return handles
    }
    guard let taken else { return }
    unsafe rd_kafka_mock_cluster_destroy(taken.cluster)
    unsafe rd_kafka_destroy(taken.client)
  }
}
