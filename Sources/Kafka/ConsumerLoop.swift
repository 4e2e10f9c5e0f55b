import CRdKafka
import FanOut

/// The poll thread's work: commands, control events, records, deadlines, in this order, turn after turn.
@safe final class ConsumerLoop {
  let client: OpaquePointer
  let control: OpaquePointer
  let mailbox: ConsumerMailbox
  let configuration: ConsumerConfiguration
  let isCooperative: Bool
  let notice: @Sendable (ConsumerNotice) -> Void
  private let credits: [LaneCredit]
  private let lanes: [@Sendable ([ConsumerEvent]) -> Void]
  private(set) var recordQueues: [OpaquePointer] = unsafe []
  private var outboxes: [[ConsumerEvent]]
  private var reader = RecordReader()
  var table = AssignmentTable()
  var commits = CommitsInFlight()
  var held: HeldRevocation?
  var closing: ClosingConsumer?
  private var isFetching = true

  init(
    client: OpaquePointer, control: OpaquePointer, mailbox: ConsumerMailbox, credits: [LaneCredit],
    configuration: ConsumerConfiguration, isCooperative: Bool,
    lanes: [@Sendable ([ConsumerEvent]) -> Void], notice: @escaping @Sendable (ConsumerNotice) -> Void
  ) {
    unsafe self.client = client
    unsafe self.control = control
    self.mailbox = mailbox
    self.credits = credits
    self.configuration = configuration
    self.isCooperative = isCooperative
    self.lanes = lanes
    self.notice = notice
    outboxes = lanes.map { _ in [] }
    for _ in lanes {
      guard let queue = unsafe rd_kafka_queue_new(client) else { break }
      // A record that comes while the thread waits on the control queue ends that wait.
      unsafe rd_kafka_queue_cb_event_enable(queue, recordsArrived, UnsafeMutableRawPointer(control))
      unsafe recordQueues.append(queue)
    }
  }

  /// Returns when the consumer is closed.
  func run() {
    var wasBusy = false
    while true {
      let didCommand = runCommands()
      let timeout = wasBusy || didCommand ? 0 : waitMilliseconds
      let events = unsafe pollControl(closing?.queue ?? control, timeout: timeout)
      checkHeldRevocation()
      flushOutboxes()
      if closing != nil {
        if finishClosing() { return }
        wasBusy = events > 0
      } else {
        let messages = isFetching ? readRecords(takesCrumbs: timeout > 0 && events == 0) : 0
        wasBusy = messages > 0 || events > 0
      }
    }
  }

  /// Says something to a lane at the turn's end, before any record that is read later.
  func tell(lane: Int, _ event: ConsumerEvent) { outboxes[lane].append(event) }

  func flushOutboxes() {
    for lane in outboxes.indices where !outboxes[lane].isEmpty {
      let events = outboxes[lane]
      outboxes[lane] = []
      lanes[lane](events)
    }
  }

  private func readRecords(takesCrumbs: Bool) -> Int {
    var messages = 0
    for lane in unsafe recordQueues.indices {
      guard let credit = credits[lane].available(takesCrumbs: takesCrumbs) else { continue }
      let batch = unsafe reader.read(
        recordQueues[lane], table: &table, records: credit.records, bytes: credit.bytes)
      messages += batch.messages
      for error in batch.errors { notice(error.isWithoutOffset ? .fatal(error) : .warning(error)) }
      guard !batch.records.isEmpty else { continue }
      credits[lane].take(records: batch.records.count, bytes: batch.bytes)
      lanes[lane]([.records(batch.records)])
    }
    return messages
  }

  /// Up to 100 ms: a wake-up that the library lost after a reassignment costs no more than that.
  private var waitMilliseconds: Int32 {
    guard let deadline = closing?.deadline ?? held?.deadline else { return 100 }
    return min(closing == nil ? 100 : 20, max(1, (deadline - monotonicNow()).milliseconds))
  }

  private func runCommands() -> Bool {
    let commands = mailbox.take()
    guard !commands.isEmpty else { return false }
    var requests: [CommitRequest] = []
    for command in commands {
      if case .commit(let request) = command {
        requests.append(request)
        continue
      }
      commit(requests)
      requests = []
      switch command {
      case .subscribe: subscribe()
      case .release(let id): release(id)
      case .stopFetching: isFetching = false
      case .close(let timeout): beginClosing(timeout)
      case .commit: break
      }
    }
    commit(requests)
    flushOutboxes()
    return true
  }

  private func subscribe() {
    guard closing == nil, let list = unsafe rd_kafka_topic_partition_list_new(Int32(configuration.topics.count)) else {
      return
    }
    defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
    for topic in configuration.topics { unsafe rd_kafka_topic_partition_list_add(list, topic, -1) }
    let error = unsafe rd_kafka_subscribe(client, list)
    guard error != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    notice(.fatal(KafkaError(code: error.rawValue, at: configuration.topics.joined(separator: ","), isFatal: true)))
  }

  /// Before the client is destroyed, which waits for every queue.
  func destroyQueues() {
    mailbox.detach()
    for index in unsafe recordQueues.indices {
      unsafe rd_kafka_queue_cb_event_enable(recordQueues[index], nil, nil)
      unsafe rd_kafka_queue_destroy(recordQueues[index])
    }
    unsafe recordQueues = []
    unsafe rd_kafka_queue_destroy(control)
  }
}

/// On one of the library's threads, whenever a record queue is filled.
private func recordsArrived(_ client: OpaquePointer?, _ control: UnsafeMutableRawPointer?) {
  unsafe rd_kafka_queue_yield(OpaquePointer(control))
}
