private import CRdKafka
package import FanOut
import Synchronization

/// A member of a consumer group, with one poll thread that owns every C handle.
///
/// `close` must be called, also when `start` never was: a consumer that is dropped leaks its client.
package final class KafkaConsumer: Sendable {
  private let client: ClientHandle
  private let control: QueueHandle
  private let mailbox: ConsumerMailbox
  private let credits: [LaneCredit]
  private let configuration: ConsumerConfiguration
  private let isCooperative: Bool
  private let lanes: [@Sendable ([ConsumerEvent]) -> Void]
  private let notice: @Sendable (ConsumerNotice) -> Void
  private let thread = Mutex<OSThread?>(nil)

  /// Makes the client, without a word to the brokers. `lanes` and `notice` are called on the poll thread and must not
  /// block it. Refused: a property that the library does not know or the guarantee forbids, and lanes that are not
  /// `laneCount`.
  package init(
    _ configuration: ConsumerConfiguration, lanes: [@Sendable ([ConsumerEvent]) -> Void],
    notice: @escaping @Sendable (ConsumerNotice) -> Void
  ) throws(KafkaError) {
    guard !lanes.isEmpty, lanes.count == configuration.laneCount else {
      throw KafkaError(code: RD_KAFKA_RESP_ERR__INVALID_ARG.rawValue, at: "laneCount", cause: "not one sink per lane")
    }
    let settings = configuration.settings()
    let made = try unsafe settings.makeClient(.consumer)
    // Errors and logs come by the one queue that is polled.
    unsafe rd_kafka_poll_set_consumer(made)
    guard let queue = unsafe rd_kafka_queue_get_consumer(made) else {
      unsafe rd_kafka_destroy_flags(made, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
      throw .outOfMemory
    }
    unsafe rd_kafka_set_log_queue(made, queue)
    client = unsafe ClientHandle(pointer: made)
    control = unsafe QueueHandle(pointer: queue)
    mailbox = ConsumerMailbox(control: control)
    credits = lanes.map { _ in LaneCredit() }
    isCooperative = configuration.isCooperative(settings)
    self.configuration = configuration
    self.lanes = lanes
    self.notice = notice
  }

  /// Subscribes and starts the thread.
  package func start() {
    mailbox.post(.subscribe)
    startThread()
  }

  /// Adds to what the lane may be handed; lanes begin with nothing. From any thread.
  package func grant(lane: Int, records: Int, bytes: Int) {
    guard credits.indices.contains(lane) else { return }
    if credits[lane].grant(records: records, bytes: bytes) { mailbox.wake() }
  }

  /// Commits `offset` (the next one to read) with ASCII metadata; the result comes as `.committed` at the partition's
  /// lane. The caller keeps one commit per partition in flight. From any thread.
  package func commit(_ id: AssignmentID, offset: Int64, metadata: String) {
    mailbox.post(.commit(CommitRequest(id: id, offset: offset, metadata: metadata)))
  }

  /// A lane's answer to `.revoked`. From any thread.
  package func release(_ id: AssignmentID) { mailbox.post(.release(id)) }

  /// No record is read from now on; the group still sees a live member. From any thread.
  package func stopFetching() { mailbox.post(.stopFetching) }

  /// Leaves the group and ends the thread within about `timeout`; the notice `.closed` is the last one. Returns at
  /// once. After the deadline the client is abandoned, for it may never return. From any thread.
  package func close(timeout: Nanoseconds) {
    mailbox.post(.close(timeout: timeout))
    startThread()
  }

  /// Waits for the thread's end. Not on the poll thread.
  package func join() { thread.withLock { $0 }?.join() }

  private func startThread() {
    let isRunning = thread.withLock { thread in
      if thread == nil {
        thread = OSThread(name: "topictee-poll") { [self] in
          unsafe ConsumerLoop(
            client: client.pointer, control: control.pointer, mailbox: mailbox, credits: credits,
            configuration: configuration, isCooperative: isCooperative, lanes: lanes, notice: notice
          ).run()
        }
      }
      return thread != nil
    }
    guard !isRunning else { return }
    notice(
      .fatal(
        KafkaError(
          code: RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE.rawValue, cause: "no thread for polling", isFatal: true)))
  }
}
