import CRdKafka
import FanOut

/// A revocation whose answer waits until the lanes have committed what was in flight.
@safe struct HeldRevocation {
  let partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
  let all: Set<AssignmentID>
  var waiting: Set<AssignmentID>
  let deadline: Instant
}

extension ConsumerLoop {
  /// Every event is answered, be it empty, an error or at shutdown: an unanswered one freezes the consumer.
  func rebalance(
    _ code: rd_kafka_resp_err_t, _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
  ) {
    answerHeldRevocation()
    guard let partitions = unsafe partitions else {
      unsafe rd_kafka_assign(client, nil)
      return
    }
    switch code {
    case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
      unsafe assign(partitions)
    case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
      unsafe revoke(partitions)
    default:
      notice(.warning(KafkaError(code: code.rawValue, at: "rebalance")))
      endAssignments(Set(table.all.map(\.id)), isLost: true)
      unsafe rd_kafka_assign(client, nil)
    }
  }

  private func assign(_ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
    // An eager assignment replaces all there was.
    if !isCooperative { endAssignments(Set(table.all.map(\.id)), isLost: true) }
    let known = unsafe committedPositions(partitions)
    let positions = known ?? [:]
    let begins = known == nil || configuration.startAt != .latest ? [] : unsafe beginAtEnd(partitions, positions)
    for index in 0..<Int(unsafe partitions.pointee.cnt) {
      let part = unsafe partitions.pointee.elems[index]
      let partition = unsafe TopicPartition(topic: text(part.topic), partition: part.partition)
      let entry = table.add(partition, lanes: unsafe recordQueues.count)
      if let queue = unsafe rd_kafka_queue_get_partition(client, part.topic, part.partition) {
        unsafe rd_kafka_queue_forward(queue, recordQueues[entry.lane])
        unsafe rd_kafka_queue_destroy(queue)
      }
      tell(
        lane: entry.lane, .assigned(Assignment(id: entry.id, partition: partition, committed: positions[partition])))
    }
    unsafe answer(assigning: partitions)
    notice(.assignment(partitions: Int(unsafe partitions.pointee.cnt), kind: .assigned))
    commitBeginnings(begins)
  }

  private func revoke(_ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
    let isLost = unsafe rd_kafka_assignment_lost(client) != 0
    var ids: Set<AssignmentID> = []
    for index in 0..<Int(unsafe partitions.pointee.cnt) {
      let part = unsafe partitions.pointee.elems[index]
      let partition = unsafe TopicPartition(topic: text(part.topic), partition: part.partition)
      if let entry = table.entry(of: partition) { ids.insert(entry.id) }
    }
    notice(.assignment(partitions: Int(unsafe partitions.pointee.cnt), kind: isLost ? .lost : .revoked))
    if isLost || closing != nil || ids.isEmpty {
      endAssignments(ids, isLost: isLost)
      unsafe answer(revoking: partitions)
      return
    }
    guard let copy = unsafe rd_kafka_topic_partition_list_copy(partitions) else { return }
    table.markRevoked(ids)
    tellEnd(of: ids, isLost: false)
    unsafe held = HeldRevocation(
      partitions: copy, all: ids, waiting: ids, deadline: monotonicNow() + configuration.releaseTimeout)
  }

  func release(_ id: AssignmentID) {
    held?.waiting.remove(id)
    checkHeldRevocation()
  }

  /// Answers when the lanes have, when they take too long, or when the group has gone on without us.
  func checkHeldRevocation() {
    guard let held else { return }
    let isDue = unsafe held.waiting.isEmpty || held.deadline <= monotonicNow() || rd_kafka_assignment_lost(client) != 0
    if isDue { answerHeldRevocation() }
  }

  func answerHeldRevocation() {
    guard let held else { return }
    self.held = nil
    table.remove(held.all)
    unsafe answer(revoking: held.partitions)
    unsafe rd_kafka_topic_partition_list_destroy(held.partitions)
  }

  private func endAssignments(_ ids: Set<AssignmentID>, isLost: Bool) {
    tellEnd(of: ids, isLost: isLost)
    table.remove(ids)
  }

  private func tellEnd(of ids: Set<AssignmentID>, isLost: Bool) {
    for entry in table.all where ids.contains(entry.id) {
      tell(lane: entry.lane, isLost ? .lost(entry.id) : .revoked(entry.id))
    }
  }

  private func answer(assigning partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
    let error =
      isCooperative
      ? unsafe KafkaError.take(rd_kafka_incremental_assign(client, partitions), at: "assignment")
      : unsafe Self.error(rd_kafka_assign(client, partitions))
    if let error { notice(error.isFatal ? .fatal(error) : .warning(error)) }
  }

  private func answer(revoking partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
    let error =
      isCooperative
      ? unsafe KafkaError.take(rd_kafka_incremental_unassign(client, partitions), at: "assignment")
      : unsafe Self.error(rd_kafka_assign(client, nil))
    if let error { notice(error.isFatal ? .fatal(error) : .warning(error)) }
  }

  private static func error(_ code: rd_kafka_resp_err_t) -> KafkaError? {
    code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code: code.rawValue, at: "assignment")
  }

  /// What the group has committed. Waits for the coordinator, which has just answered the join, 2 s at most; without
  /// an answer the progress is not known, which costs duplicates and no loss.
  private func committedPositions(
    _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
  ) -> [TopicPartition: CommittedPosition]? {
    guard unsafe partitions.pointee.cnt > 0, closing == nil,
      let list = unsafe rd_kafka_topic_partition_list_copy(partitions)
    else { return nil }
    defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
    let error = unsafe rd_kafka_committed(client, list, 2000)
    guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
      notice(.warning(KafkaError(code: error.rawValue, at: "committed offsets")))
      return nil
    }
    return unsafe positions(in: list)
  }
}

/// The offsets and metadata in a list; partitions without an offset are left out.
func positions(
  in list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
) -> [TopicPartition: CommittedPosition] {
  var found: [TopicPartition: CommittedPosition] = [:]
  for index in 0..<Int(unsafe list.pointee.cnt) {
    let part = unsafe list.pointee.elems[index]
    guard unsafe part.err == RD_KAFKA_RESP_ERR_NO_ERROR, unsafe part.offset >= 0 else { continue }
    let bytes = unsafe UnsafeRawBufferPointer(
      start: part.metadata, count: part.metadata == nil ? 0 : part.metadata_size
    ).prefix { $0 != 0 }  // some clients count C's closing NUL
    unsafe found[TopicPartition(topic: text(part.topic), partition: part.partition)] = unsafe CommittedPosition(
      offset: part.offset, metadata: String(decoding: bytes, as: UTF8.self))
  }
  return found
}
