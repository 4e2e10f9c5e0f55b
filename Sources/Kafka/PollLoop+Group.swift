internal import CRdKafka
import FanOut

/// Assignments, revocations and commits, on the poll thread.
extension PollLoop {
  // MARK: - Rebalances: every event is answered, whatever it says

  func rebalance(_ event: OpaquePointer) {
    let list = unsafe rd_kafka_event_topic_partition_list(event)
    switch unsafe rd_kafka_event_error(event) {
    case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
      unsafe assign(list)
      unsafe rd_kafka_event_destroy(event)
    case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
      let ids = unsafe idsOf(list)
      if unsafe rd_kafka_assignment_lost(client) != 0 || ids.isEmpty {
        for id in ids { tell(id, .lost(id)) }
        unsafe unassign(event)
      } else {
        for id in ids { tell(id, .revoked(id)) }
        let deadline = Clock.now + UInt64(consumer.configuration.releaseTimeout.count)
        unsafe held = HeldRevocation(event: event, waitingFor: Set(ids), deadline: deadline)
      }
    default:
      for entry in assigned { tell(entry.id, .lost(entry.id)) }
      assigned = []
      unsafe rd_kafka_assign(client, nil)
      unsafe rd_kafka_event_destroy(event)
    }
    consumer.notice(.assignment(partitions: assigned.count))
  }

  private func assign(_ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) {
    unsafe forEach(list) { topic, partition in
      let counts = consumer.lanes.indices.map { lane in assigned.count { $0.lane == lane } }
      let lane = counts.indices.min { counts[$0] < counts[$1] } ?? 0
      let id = AssignmentID(epoch: nextEpoch)
      nextEpoch &+= 1
      let entry = Assigned(id: id, partition: TopicPartition(topic: topic, partition: partition), lane: lane)
      assigned.append(entry)
      // Before the assignment takes effect, so that no record goes by another way.
      if let queue = unsafe rd_kafka_queue_get_partition(client, topic, partition) {
        unsafe rd_kafka_queue_forward(queue, laneQueues[lane])
        unsafe rd_kafka_queue_destroy(queue)
      }
      outbox[lane].append(.assigned(Assignment(id: id, partition: entry.partition)))
    }
    forgetLastFound()
    if consumer.configuration.isCooperative {
      if let error = unsafe rd_kafka_incremental_assign(client, list) { unsafe rd_kafka_error_destroy(error) }
    } else {
      unsafe rd_kafka_assign(client, list)
    }
  }

  private func unassign(_ event: OpaquePointer) {
    let list = unsafe rd_kafka_event_topic_partition_list(event)
    let ids = unsafe Set(idsOf(list))
    assigned.removeAll { ids.contains($0.id) }
    forgetLastFound()
    if consumer.configuration.isCooperative {
      if let error = unsafe rd_kafka_incremental_unassign(client, list) { unsafe rd_kafka_error_destroy(error) }
    } else {
      unsafe rd_kafka_assign(client, nil)
    }
    unsafe rd_kafka_event_destroy(event)
  }

  /// Answers the held revocation when all lanes have let go, or when its time is over.
  func endHeldRevocation() {
    guard let held, let event = unsafe held.event, held.waitingFor.isEmpty || Clock.now >= held.deadline else { return }
    for id in held.waitingFor { tell(id, .lost(id)) }
    self.held = nil
    unsafe unassign(event)
    consumer.notice(.assignment(partitions: assigned.count))
  }

  private func tell(_ id: AssignmentID, _ event: ConsumerEvent) {
    guard let entry = assigned.first(where: { $0.id == id }) else { return }
    outbox[entry.lane].append(event)
  }

  private func idsOf(_ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> [AssignmentID] {
    var ids: [AssignmentID] = []
    unsafe forEach(list) { topic, partition in
      let wanted = TopicPartition(topic: topic, partition: partition)
      if let entry = assigned.last(where: { $0.partition == wanted }) { ids.append(entry.id) }
    }
    return ids
  }

  private func forEach(
    _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?, _ body: (String, Int32) -> Void
  ) {
    guard let list = unsafe list else { return }
    for i in 0..<Int(unsafe list.pointee.cnt) {
      let element = unsafe list.pointee.elems[i]
      body(unsafe String(cString: element.topic), unsafe element.partition)
    }
  }

  // MARK: - Commits

  /// All that stands in the list goes in one request.
  func commit(_ commands: [KafkaConsumer.Command]) {
    let list = unsafe rd_kafka_topic_partition_list_new(8)
    for case .commit(let id, let offset, let metadata) in commands {
      guard let i = assigned.firstIndex(where: { $0.id == id }) else { continue }
      assigned[i].commitOffset = offset
      let partition = assigned[i].partition
      let element = unsafe rd_kafka_topic_partition_list_add(list, partition.topic, partition.partition)
      unsafe element?.pointee.offset = offset
      guard !metadata.isEmpty, let copy = unsafe rd_kafka_mem_malloc(nil, metadata.utf8.count) else { continue }
      unsafe copy.copyMemory(from: Array(metadata.utf8), byteCount: metadata.utf8.count)
      unsafe element?.pointee.metadata = copy
      unsafe element?.pointee.metadata_size = metadata.utf8.count
    }
    if let count = unsafe list?.pointee.cnt, count > 0 {
      let error = unsafe rd_kafka_commit_queue(client, list, control, nil, nil)
      if error != RD_KAFKA_RESP_ERR_NO_ERROR {
        unsafe forEach(list) { topic, partition in ended(topic, partition, error) }
      }
    }
    unsafe rd_kafka_topic_partition_list_destroy(list)
  }

  func commitEnded(_ event: OpaquePointer) {
    guard let list = unsafe rd_kafka_event_topic_partition_list(event) else { return }
    let whole = unsafe rd_kafka_event_error(event)
    for i in 0..<Int(unsafe list.pointee.cnt) {
      let element = unsafe list.pointee.elems[i]
      let own = unsafe element.err
      ended(
        unsafe String(cString: element.topic), unsafe element.partition,
        own == RD_KAFKA_RESP_ERR_NO_ERROR ? whole : own)
    }
  }

  private func ended(_ topic: String, _ partition: Int32, _ error: rd_kafka_resp_err_t) {
    let wanted = TopicPartition(topic: topic, partition: partition)
    guard let i = assigned.lastIndex(where: { $0.partition == wanted }), let offset = assigned[i].commitOffset else {
      return
    }
    assigned[i].commitOffset = nil
    outbox[assigned[i].lane].append(.committed(assigned[i].id, offset: offset, Self.result(error)))
  }

  /// The table of commit errors. A partial failure marks every partition: an error means unknown.
  static func result(_ error: rd_kafka_resp_err_t) -> CommitResult {
    let text = unsafe rd_kafka_err2str(error).map { unsafe String(cString: $0) } ?? ""
    switch error {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return .committed
    case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE:
      return .metadataRefused
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID: return .assignmentGone
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return .forbidden(text)
    default: return .unknown(text)
    }
  }
}
