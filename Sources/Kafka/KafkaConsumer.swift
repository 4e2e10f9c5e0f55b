internal import CRdKafka
package import FanOut
import Synchronization

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// The group member: it owns the poll thread, which alone touches the consumer's handles, and is told by others
/// through a list of commands and the lanes' credit.
package final class KafkaConsumer: Sendable {
  package typealias Lane = @Sendable ([ConsumerEvent]) -> Void

  enum Command: Sendable {
    case commit(AssignmentID, offset: Int64, metadata: String)
    case release(AssignmentID)
    case close(timeoutNanoseconds: Int64)
  }

  /// What a lane may still take, and whether the poll thread waits for more.
  final class Credit: Sendable {
    let records = Atomic<Int>(0)
    let bytes = Atomic<Int>(0)
    let isAwaited = Atomic<Bool>(false)
  }

  let configuration: ConsumerConfiguration
  let lanes: [Lane]
  let notice: @Sendable (KafkaNotice) -> Void
  let credits: [Credit]
  let mayFetch = Atomic<Bool>(true)
  private let commands = Mutex<[Command]>([])
  /// The control queue to yield, until the thread has let go of it.
  private let waker: Mutex<Waker>
  private let thread = Mutex<pthread_t?>(nil)

  /// An opaque pointer that may cross threads: librdkafka's queues are thread-safe.
  @safe struct Waker: @unchecked Sendable {
    // Why unchecked: librdkafka's handles may be used from any thread; the mutex around it ends its use before the
    // handle is destroyed.
    var queue: OpaquePointer?
  }

  package init(
    _ configuration: ConsumerConfiguration, lanes: [Lane], notice: @escaping @Sendable (KafkaNotice) -> Void
  ) throws(KafkaError) {
    self.configuration = configuration
    self.lanes = lanes
    self.notice = notice
    credits = lanes.map { _ in Credit() }
    let client = unsafe try ClientConfiguration(configuration.clientProperties).makeClient(RD_KAFKA_CONSUMER)
    unsafe rd_kafka_poll_set_consumer(client)
    let queue = unsafe rd_kafka_queue_get_consumer(client)
    unsafe waker = Mutex(Waker(queue: queue))
    let start = unsafe Unmanaged.passRetained(Start(consumer: self, client: client, control: queue))
    #if canImport(Glibc)
      var id = pthread_t()
    #else
      var id: pthread_t?
    #endif
    guard unsafe pthread_create(&id, nil, pollThreadMain, start.toOpaque()) == 0 else {
      unsafe start.release()
      throw KafkaError(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, "starting the poll thread")
    }
    thread.withLock { $0 = id }
  }

  // MARK: - From any thread

  /// Adds to what a lane may take; lanes begin with nothing.
  package func grant(lane: Int, records: Int, bytes: Int) {
    let credit = credits[lane]
    credit.records.wrappingAdd(records, ordering: .relaxed)
    credit.bytes.wrappingAdd(bytes, ordering: .releasing)
    if credit.isAwaited.load(ordering: .acquiring), credit.records.load(ordering: .relaxed) >= 64 {
      credit.isAwaited.store(false, ordering: .releasing)
      wake()
    }
  }

  /// The result comes as `committed`. One at a time for a partition is the caller's duty.
  package func commit(_ id: AssignmentID, offset: Int64, metadata: String) {
    send(.commit(id, offset: offset, metadata: metadata))
  }

  package func release(_ id: AssignmentID) { send(.release(id)) }

  /// No record is read from now on; everything else goes on.
  package func stopFetching() {
    mayFetch.store(false, ordering: .releasing)
    wake()
  }

  /// Leaves the group; `closed` follows within `timeout`.
  package func close(timeout: Nanoseconds) { send(.close(timeoutNanoseconds: timeout.count)) }

  package func join() {
    let id = thread.withLock { id in
      defer { id = nil }
      return id
    }
    if let id { _ = pthread_join(id, nil) }
  }

  private func send(_ command: Command) {
    commands.withLock { $0.append(command) }
    wake()
  }

  private func wake() { waker.withLock { if let queue = unsafe $0.queue { unsafe rd_kafka_queue_yield(queue) } } }

  // MARK: - The poll thread's side

  func takeCommands() -> [Command] {
    commands.withLock { commands in
      guard !commands.isEmpty else { return [] }
      defer { commands = [] }
      return commands
    }
  }

  func disconnectWaker() { waker.withLock { unsafe $0.queue = nil } }

  @unsafe fileprivate final class Start {
    let consumer: KafkaConsumer
    let client: OpaquePointer
    let control: OpaquePointer?
    init(consumer: KafkaConsumer, client: OpaquePointer, control: OpaquePointer?) {
      unsafe self.consumer = consumer
      unsafe self.client = client
      unsafe self.control = control
    }
  }
}

private func pollThreadMain(_ start: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let start = unsafe start else { return nil }
  let box = unsafe Unmanaged<KafkaConsumer.Start>.fromOpaque(start).takeRetainedValue()
  let loop = unsafe PollLoop(consumer: box.consumer, client: box.client, control: box.control)
  loop.run()
  return nil
}
