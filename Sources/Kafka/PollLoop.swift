internal import CRdKafka
import FanOut
import Synchronization

/// What the poll thread owns: the consumer's handle, its queues, and the table of assignments.
///
/// It blocks on the control queue only; a lane's queue that gets its first record yields the control queue.
@safe final class PollLoop {
  struct Assigned {
    let id: AssignmentID
    let partition: TopicPartition
    let lane: Int
    var commitOffset: Int64?
  }

  @safe struct HeldRevocation {
    var event: OpaquePointer?
    var waitingFor: Set<AssignmentID>
    let deadline: UInt64
  }

  let consumer: KafkaConsumer
  let client: OpaquePointer
  let control: OpaquePointer?
  var laneQueues: [OpaquePointer?] = unsafe []
  var assigned: [Assigned] = []
  var held: HeldRevocation?
  var nextEpoch: UInt32 = 1
  var outbox: [[ConsumerEvent]]
  private var headerBlock: [UInt8] = []
  private var lastTopic: OpaquePointer?
  private var lastPartition: Int32 = -1
  private var lastAssigned: Assigned?
  private var closeDeadline: UInt64?

  init(consumer: KafkaConsumer, client: OpaquePointer, control: OpaquePointer?) {
    self.consumer = consumer
    unsafe self.client = client
    unsafe self.control = control
    outbox = consumer.lanes.map { _ in [] }
    for _ in consumer.lanes {
      let queue = unsafe rd_kafka_queue_new(client)
      unsafe rd_kafka_queue_cb_event_enable(queue, laneQueueFilled, UnsafeMutableRawPointer(control))
      unsafe laneQueues.append(queue)
    }
  }

  // MARK: - The loop

  func run() {
    subscribe()
    var isBusy = false
    while true {
      pollControl(timeoutMilliseconds: isBusy ? 0 : 100)
      carryOutCommands()
      endHeldRevocation()
      isBusy = false
      if closeDeadline == nil {
        for lane in unsafe laneQueues.indices where readLane(lane) { isBusy = true }
      } else if let clean = isClosed() {
        return finish(clean: clean)
      }
      deliver()
    }
  }

  private func subscribe() {
    let list = unsafe rd_kafka_topic_partition_list_new(Int32(consumer.configuration.topics.count))
    for topic in consumer.configuration.topics { unsafe rd_kafka_topic_partition_list_add(list, topic, -1) }
    let error = unsafe rd_kafka_subscribe(client, list)
    unsafe rd_kafka_topic_partition_list_destroy(list)
    if error != RD_KAFKA_RESP_ERR_NO_ERROR { consumer.notice(.fatal(KafkaError(error, "subscribing"))) }
  }

  private func pollControl(timeoutMilliseconds: Int32) {
    var timeout = timeoutMilliseconds
    while let event = unsafe rd_kafka_queue_poll(control, timeout) {
      timeout = 0
      switch unsafe rd_kafka_event_type(event) {
      case RD_KAFKA_EVENT_REBALANCE: unsafe rebalance(event)
      case RD_KAFKA_EVENT_OFFSET_COMMIT:
        unsafe commitEnded(event)
        unsafe rd_kafka_event_destroy(event)
      case RD_KAFKA_EVENT_ERROR:
        unsafe report(event)
        unsafe rd_kafka_event_destroy(event)
      default: unsafe rd_kafka_event_destroy(event)
      }
    }
  }

  private func report(_ event: OpaquePointer) {
    let code = unsafe rd_kafka_event_error(event)
    let cause = unsafe rd_kafka_event_error_string(event).map { unsafe String(cString: $0) }
    if unsafe rd_kafka_event_error_is_fatal(event) != 0 || code == RD_KAFKA_RESP_ERR__FATAL {
      var text = [CChar](repeating: 0, count: 512)
      let real = unsafe rd_kafka_fatal_error(client, &text, text.count)
      consumer.notice(.fatal(KafkaError(real, "the group member", cause: Clock.text(text))))
    } else {
      consumer.notice(.warning(KafkaError(code, "the Kafka consumer", cause: cause)))
    }
  }

  private func carryOutCommands() {
    let commands = consumer.takeCommands()
    guard !commands.isEmpty else { return }
    commit(commands)
    for command in commands {
      switch command {
      case .release(let id): held?.waitingFor.remove(id)
      case .close(let nanoseconds):
        closeDeadline = Clock.now + UInt64(max(0, nanoseconds))
        held?.waitingFor = []
        endHeldRevocation()
        if let error = unsafe rd_kafka_consumer_close_queue(client, control) { unsafe rd_kafka_error_destroy(error) }
      case .commit: break
      }
    }
  }

  // MARK: - Records

  /// Takes what the lane has room for; true if there may be more.
  private func readLane(_ lane: Int) -> Bool {
    guard consumer.mayFetch.load(ordering: .acquiring) else { return false }
    let credit = consumer.credits[lane]
    let room = credit.records.load(ordering: .acquiring)
    let roomBytes = credit.bytes.load(ordering: .relaxed)
    guard room > 0, roomBytes > 0 else {
      credit.isAwaited.store(true, ordering: .releasing)
      return false
    }
    let batch = min(room, 256)
    let batchBytes = min(roomBytes, 1 << 20)
    var records: [Record] = []
    var bytes = 0
    while records.count < batch, bytes < batchBytes, let message = unsafe rd_kafka_consume_queue(laneQueues[lane], 0) {
      if records.isEmpty { records.reserveCapacity(batch) }
      if let record = unsafe makeRecord(message) {
        records.append(record)
        bytes += record.footprint
      }
      unsafe rd_kafka_message_destroy(message)
    }
    guard !records.isEmpty else { return false }
    credit.records.wrappingSubtract(records.count, ordering: .relaxed)
    credit.bytes.wrappingSubtract(bytes, ordering: .relaxed)
    outbox[lane].append(.records(records))
    return true
  }

  private func makeRecord(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> Record? {
    let error = unsafe message.pointee.err
    guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
      if error != RD_KAFKA_RESP_ERR__PARTITION_EOF { unsafe warn(error, of: unsafe message) }
      return nil
    }
    guard let assigned = unsafe find(message.pointee.rkt, message.pointee.partition) else { return nil }
    headerBlock.removeAll(keepingCapacity: true)
    unsafe encodeHeaders(message)
    var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
    let timestamp = unsafe rd_kafka_message_timestamp(message, &kind)
    let key = unsafe message.pointee.key.map {
      unsafe UnsafeRawBufferPointer(start: $0, count: message.pointee.key_len)
    }
    let value = unsafe message.pointee.payload.map {
      unsafe UnsafeRawBufferPointer(start: $0, count: message.pointee.len)
    }
    return unsafe headerBlock.withUnsafeBytes { headers in
      unsafe Record.make(
        assignment: assigned.id, offset: message.pointee.offset, timestampMilliseconds: timestamp, key: key,
        headers: headers, value: value)
    }
  }

  private func warn(_ error: rd_kafka_resp_err_t, of message: UnsafeMutablePointer<rd_kafka_message_t>) {
    let cause = unsafe rd_kafka_message_errstr(message).map { unsafe String(cString: $0) }
    let problem = KafkaError(error, "reading partition \(unsafe message.pointee.partition)", cause: cause)
    let isLostOffset = error == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET
    consumer.notice(isLostOffset ? .fatal(problem) : .warning(problem))
  }

  /// By the topic's handle: it is the same for all messages of a topic, and no string is made.
  private func find(_ topic: OpaquePointer?, _ partition: Int32) -> Assigned? {
    if unsafe topic == lastTopic, partition == lastPartition, let lastAssigned { return lastAssigned }
    guard let name = unsafe rd_kafka_topic_name(topic) else { return nil }
    let text = unsafe String(cString: name)
    guard let found = assigned.last(where: { $0.partition.partition == partition && $0.partition.topic == text })
    else { return nil }
    unsafe lastTopic = topic
    lastPartition = partition
    lastAssigned = found
    return found
  }

  func forgetLastFound() { lastAssigned = nil }

  private func encodeHeaders(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
    var headers: OpaquePointer?
    guard unsafe rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    var index = 0
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var size = 0
    while unsafe rd_kafka_header_get_all(headers, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
      if let name = unsafe name {
        unsafe RecordHeaders.encode(
          name: UnsafeRawBufferPointer(start: name, count: Clock.length(name)),
          value: value.map { unsafe UnsafeRawBufferPointer(start: $0, count: size) }, into: &headerBlock)
      }
      index += 1
    }
  }

  /// One call a lane and turn.
  func deliver() {
    for lane in outbox.indices where !outbox[lane].isEmpty {
      let events = outbox[lane]
      outbox[lane] = []
      consumer.lanes[lane](events)
    }
  }

  // MARK: - The end

  private func isClosed() -> Bool? {
    if unsafe rd_kafka_consumer_closed(client) != 0 { return true }
    guard let deadline = closeDeadline, Clock.now >= deadline else { return nil }
    return false
  }

  /// A client that did not close in time is left as it is: destroying it may hang for minutes (measured), and the
  /// process ends soon.
  private func finish(clean: Bool) {
    deliver()
    consumer.disconnectWaker()
    if clean {
      for i in unsafe laneQueues.indices {
        unsafe rd_kafka_queue_cb_event_enable(laneQueues[i], nil, nil)
        unsafe rd_kafka_queue_destroy(laneQueues[i])
      }
      unsafe rd_kafka_queue_destroy(control)
      unsafe rd_kafka_destroy_flags(client, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
    }
    consumer.notice(.closed(clean: clean))
  }
}

/// Called by librdkafka's threads when a lane's queue gets its first record.
private func laneQueueFilled(_ client: OpaquePointer?, _ control: UnsafeMutableRawPointer?) {
  unsafe rd_kafka_queue_yield(OpaquePointer(control))
}
