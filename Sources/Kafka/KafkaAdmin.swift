private import CRdKafka
package import FanOut

/// Questions to the brokers before the work begins. Each makes a client of its own, blocks at most about `timeout`,
/// and destroys it.
///
/// Errors tell apart: `UNKNOWN_TOPIC_OR_PART`, `TOPIC_AUTHORIZATION_FAILED`, `_AUTHENTICATION`, and for brokers that
/// cannot be reached `_TRANSPORT` or the like with the library's last word ("Connection refused") as the cause.
package struct KafkaAdmin {
  /// The cluster's own id; it is part of every record's idempotency key.
  package static func clusterID(
    brokers: [String], properties: [KafkaProperty], timeout: Nanoseconds
  ) throws(KafkaError) -> String {
    let probe = try ProbeClient(brokers: brokers, properties: properties)
    guard let id = unsafe rd_kafka_clusterid(probe.pointer, timeout.milliseconds) else {
      throw probe.unreachable(RD_KAFKA_RESP_ERR__TIMED_OUT.rawValue)
    }
    defer { unsafe rd_kafka_mem_free(probe.pointer, id) }
    return unsafe text(id)
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
