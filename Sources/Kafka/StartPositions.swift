import CRdKafka
import FanOut

/// Where a partition begins that the group has no offset for, under `start_at: latest`: at its present end, which is
/// committed at once. Otherwise what comes before the first commit would be passed over by the next start.
struct StartPosition {
  let partition: TopicPartition
  let offset: Int64
}

extension ConsumerLoop {
  /// Sets the end as the place to begin at in `partitions`, for those without a position. Waits for each partition's
  /// leader, 5 s at most.
  func beginAtEnd(
    _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>,
    _ positions: [TopicPartition: CommittedPosition]
  ) -> [StartPosition] {
    var found: [StartPosition] = []
    for index in 0..<Int(unsafe partitions.pointee.cnt) {
      let part = unsafe partitions.pointee.elems[index]
      let partition = unsafe TopicPartition(topic: text(part.topic), partition: part.partition)
      guard positions[partition] == nil else { continue }
      var low: Int64 = 0
      var high: Int64 = 0
      let error = unsafe rd_kafka_query_watermark_offsets(client, part.topic, part.partition, &low, &high, 5000)
      guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
        notice(.warning(KafkaError(code: error.rawValue, at: "the end of \(partition)")))
        unsafe partitions.pointee.elems[index].offset = Int64(RD_KAFKA_OFFSET_END)
        continue
      }
      unsafe partitions.pointee.elems[index].offset = high
      found.append(StartPosition(partition: partition, offset: high))
    }
    return found
  }

  func commitBeginnings(_ begins: [StartPosition]) {
    commit(
      begins.compactMap { begin in
        table.entry(of: begin.partition).map { CommitRequest(id: $0.id, offset: begin.offset, metadata: "") }
      })
  }
}
