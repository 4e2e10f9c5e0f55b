private import CRdKafka
package import FanOut

/// Questions to the brokers before the work begins. Each makes a client of its own, blocks at most about `timeout`,
/// and destroys it.
///
/// Errors tell apart: `UNKNOWN_TOPIC_OR_PART`, `TOPIC_AUTHORIZATION_FAILED`, `_AUTHENTICATION`, and for brokers that
/// cannot be reached `_TRANSPORT` or the like with the library's last word ("Connection refused") as the cause.
package struct KafkaAdmin {
  /// The cluster's own id; it is part of every record's idempotency key.
  /// - Parameter patience: how long brokers that all refuse connections are tried again; one that takes a connection
  ///   and is slow has all of `timeout`.
  package static func clusterID(
    brokers: [String], properties: [KafkaProperty], timeout: Nanoseconds, patience: Nanoseconds
  ) throws(KafkaError) -> String {
    let probe = try ProbeClient(brokers: brokers, properties: properties)
    let deadline = monotonicNow() + timeout
    // Two things to wait for, and the library waits for one: for the answer, in turns of a tenth of a second.
    while case let now = monotonicNow(), now < deadline, probe.downSince.map({ now < $0 + patience }) ?? true {
      let turn = min(deadline, now + .milliseconds(100))
      if let id = unsafe rd_kafka_clusterid(probe.pointer, (turn - now).milliseconds) {
        defer { unsafe rd_kafka_mem_free(probe.pointer, id) }
        return unsafe text(id)
      }
      // Before its time is over it gives up only on a cluster that answers and tells no id.
      if monotonicNow() < turn { break }
      probe.listen()
    }
    throw probe.unreachable(RD_KAFKA_RESP_ERR__TIMED_OUT.rawValue)
  }

  /// Partitions of each topic; the first topic that is missing or not ours to see is the error.
  package static func partitionCounts(
    of topics: [String], brokers: [String], properties: [KafkaProperty], timeout: Nanoseconds
  ) throws(KafkaError) -> [String: Int] {
    let probe = try ProbeClient(brokers: brokers, properties: properties)
    let deadline = monotonicNow() + timeout
    var counts: [String: Int] = [:]
    for topic in topics { counts[topic] = try probe.partitionCount(of: topic, until: deadline) }
    return counts
  }

  /// A cluster's id and the partitions of each topic, by one client. No id is an error: what derives from it must be the
  /// same at every start.
  package static func clusterFacts(
    of topics: [String], brokers: [String], properties: [KafkaProperty], timeout: Nanoseconds
  ) throws(KafkaError) -> (id: String, partitions: [String: Int]) {
    let probe = try ProbeClient(brokers: brokers, properties: properties)
    let deadline = monotonicNow() + timeout
    var counts: [String: Int] = [:]
    for topic in topics { counts[topic] = try probe.partitionCount(of: topic, until: deadline) }
    // It came with the answers about the topics.
    let left = max(1, (deadline - monotonicNow()).milliseconds)
    guard let id = unsafe rd_kafka_clusterid(probe.pointer, left) else {
      throw KafkaError(
        code: RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE.rawValue, at: brokers.joined(separator: ", "),
        cause:
          "the brokers tell no cluster id, of which the records' idempotency keys are made; Kafka does since 0.10.1")
    }
    defer { unsafe rd_kafka_mem_free(probe.pointer, id) }
    return (unsafe text(id), counts)
  }

  /// What a group has committed; partitions without an offset are left out.
  package static func committedPositions(
    group: String, partitions: [TopicPartition], brokers: [String], properties: [KafkaProperty], timeout: Nanoseconds
  ) throws(KafkaError) -> [TopicPartition: CommittedPosition] {
    var settings = ProbeClient.settings(brokers: brokers, properties: properties)
    settings.fix("group.id", group)
    let probe = try ProbeClient(settings, .consumer)
    guard let list = unsafe rd_kafka_topic_partition_list_new(Int32(clamping: partitions.count)) else {
      throw .outOfMemory
    }
    defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
    for place in partitions { unsafe rd_kafka_topic_partition_list_add(list, place.topic, place.partition) }
    let error = unsafe rd_kafka_committed(probe.pointer, list, timeout.milliseconds)
    guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw probe.unreachable(error.rawValue) }
    return unsafe positions(in: list)
  }
}
