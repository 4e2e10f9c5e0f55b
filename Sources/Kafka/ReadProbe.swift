private import CRdKafka
package import FanOut

extension KafkaAdmin {
  /// Proves that a topic can be read, without joining the group: reads from the end of its first partition until the
  /// broker says that it is the end. A record that comes meanwhile is proof too; it is let go, and nothing is committed.
  package static func proveReadable(
    topic: String, group: String, brokers: [String], properties: [KafkaProperty], timeout: Nanoseconds
  ) throws(KafkaError) {
    let deadline = monotonicNow() + timeout
    var settings = ProbeClient.settings(brokers: brokers, properties: properties)
    settings.fix("group.id", group)
    settings.fix("enable.auto.commit", "false")
    settings.fix("enable.partition.eof", "true")
    let probe = try ProbeClient(settings, .consumer)
    try probe.readFromTheEnd(of: topic)
    var last: KafkaError?
    while case let left = deadline - monotonicNow(), left > .zero {
      guard let message = unsafe rd_kafka_consumer_poll(probe.pointer, left.milliseconds) else { continue }
      defer { unsafe rd_kafka_message_destroy(message) }
      let code = unsafe message.pointee.err
      switch code {
      case RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__PARTITION_EOF: return
      case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        throw unsafe KafkaError(code: code.rawValue, at: topic, cause: text(rd_kafka_message_errstr(message)))
      // Others are tried again by the library itself.
      default: last = unsafe KafkaError(code: code.rawValue, at: topic, cause: text(rd_kafka_message_errstr(message)))
      }
    }
    throw last ?? probe.unreachable(RD_KAFKA_RESP_ERR__TIMED_OUT.rawValue)
  }
}

extension ProbeClient {
  fileprivate func readFromTheEnd(of topic: String) throws(KafkaError) {
    guard let list = unsafe rd_kafka_topic_partition_list_new(1) else { throw .outOfMemory }
    defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
    let first = unsafe rd_kafka_topic_partition_list_add(list, topic, 0)
    unsafe first?.pointee.offset = Int64(RD_KAFKA_OFFSET_END)
    let code = unsafe rd_kafka_assign(pointer, list)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code: code.rawValue, at: topic) }
  }
}
