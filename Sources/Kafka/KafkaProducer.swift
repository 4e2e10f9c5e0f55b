private import CRdKafka
package import FanOut
import Synchronization

/// Sends records and says what became of each; its thread polls the reports and calls the sinks.
///
/// `close` must be called: a producer that is dropped leaks its client.
package final class KafkaProducer: Sendable {
  private struct State {
    var outstanding = OutstandingReports()
    var sinks: [DeliverySink] = []
    var isOpen = true
  }

  private let client: ClientHandle
  private let queue: QueueHandle
  private let state = Mutex(State())
  private let isEnding = Atomic(false)
  private let thread: Mutex<OSThread?> = Mutex(nil)
  private let notice: @Sendable (ConsumerNotice) -> Void

  /// Makes the client and starts the thread; no word to the brokers yet. `notice` is called on that thread.
  package init(_ c: ProducerConfiguration, notice: @escaping @Sendable (ConsumerNotice) -> Void) throws(KafkaError) {
    let made = try unsafe c.settings().makeClient(.producer)
    guard let main = unsafe rd_kafka_queue_get_main(made) else {
      unsafe rd_kafka_destroy(made)
      throw .outOfMemory
    }
    unsafe rd_kafka_set_log_queue(made, main)
    client = unsafe ClientHandle(pointer: made)
    queue = unsafe QueueHandle(pointer: main)
    self.notice = notice
    let started = OSThread(name: "topictee-producer") { [self] in run() }
    guard let started else {
      destroy()
      throw .outOfMemory
    }
    thread.withLock { $0 = started }
  }

  /// Who is told about records sent with the returned number. Before the first send.
  package func addSink(_ sink: @escaping DeliverySink) -> Int {
    state.withLock { state in
      state.sinks.append(sink)
      return state.sinks.count - 1
    }
  }

  /// Sends those parts of the original byte for byte, null in place of a missing key or value, and `headers` behind them.
  /// Everything is copied. `nil`: queued, the sink will hear. An error: not taken, the sink hears nothing; `isQueueFull`
  /// may be tried again, `isTooLarge` not. From any thread.
  package func send(
    topic: String, copyOf record: Record, parts: RecordParts = .all, reserved: ReservedNames? = nil,
    adding headers: [OutgoingHeader], sink: Int, token: UInt64
  ) -> KafkaError? {
    let list = HeaderList(capacity: headers.count)
    if parts.contains(.headers) { list.add(headersOf: record, reserved) }
    list.add(headers)
    let hasKey = record.hasKey && parts.contains(.key)
    let hasValue = record.hasValue && parts.contains(.value)
    return unsafe record.withKey { key in
      unsafe record.withValue { value in
        unsafe produce(
          topic, key: hasKey ? key : nil, value: hasValue ? value : nil, list,
          OutstandingReports.Entry(sink: sink, token: token))
      }
    }
  }

  /// As above, for a record made here; `nil` is Kafka's null.
  package func send(
    topic: String, key: [UInt8]?, value: [UInt8]?, headers: [OutgoingHeader], sink: Int, token: UInt64
  ) -> KafkaError? {
    let list = HeaderList(capacity: headers.count)
    list.add(headers)
    return unsafe (key ?? []).withUnsafeBytes { keyBytes in
      unsafe (value ?? []).withUnsafeBytes { valueBytes in
        unsafe produce(
          topic, key: key == nil ? nil : keyBytes, value: value == nil ? nil : valueBytes, list,
          OutstandingReports.Entry(sink: sink, token: token))
      }
    }
  }

  /// Waits until all that was sent is reported. False: the time is over before. Not on the producer's thread.
  package func flush(timeout: Nanoseconds) -> Bool {
    guard state.withLock({ $0.isOpen }) else { return true }
    let error = unsafe rd_kafka_flush(client.pointer, timeout.milliseconds)
    return error == RD_KAFKA_RESP_ERR_NO_ERROR
  }

  /// Flushes, reports what is still unacknowledged as errors, ends the thread and destroys the client. Not on the
  /// producer's thread; once.
  package func close(timeout: Nanoseconds) {
    _ = flush(timeout: timeout)
    let wasOpen = state.withLock { state in
      defer { state.isOpen = false }
      return state.isOpen
    }
    guard wasOpen else { return }
    isEnding.store(true, ordering: .releasing)
    queue.yield()
    thread.withLock { $0 }?.join()
    destroy()
  }

  /// The ticket is taken, and the client kept from being destroyed, under one lock.
  private func produce(
    _ topic: String, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, _ headers: HeaderList,
    _ entry: OutstandingReports.Entry
  ) -> KafkaError? {
    let keyStart = unsafe start(of: key)
    let valueStart = unsafe start(of: value)
    let keyCount = unsafe key?.count ?? 0
    let valueCount = unsafe value?.count ?? 0
    let parts = unsafe Parts(key: keyStart, keyCount: keyCount, value: valueStart, valueCount: valueCount)
    return state.withLock { state in
      guard state.isOpen, state.sinks.indices.contains(entry.sink) else {
        return KafkaError(code: RD_KAFKA_RESP_ERR__STATE.rawValue, at: topic, cause: "closed, or no such sink")
      }
      let ticket = state.outstanding.add(entry)
      let error = unsafe KafkaError.take(
        topictee_produce(
          client.pointer, topic, parts.key, parts.keyCount, parts.value, parts.valueCount, headers.pointer,
          UnsafeMutableRawPointer(bitPattern: ticket)), at: topic)
      if error == nil { headers.isTaken = true } else { _ = state.outstanding.take(ticket) }
      return error
    }
  }

  private func destroy() {
    unsafe rd_kafka_queue_destroy(queue.pointer)
    unsafe rd_kafka_destroy(client.pointer)
  }
}

// MARK: The thread

extension KafkaProducer {
  private func run() {
    while !isEnding.load(ordering: .acquiring) { poll(timeout: 1000) }
    // What was not acknowledged in time: taken back, so that nothing is dropped without a report.
    unsafe rd_kafka_purge(
      client.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING)
    let deadline = monotonicNow() + .seconds(1)
    while state.withLock({ $0.outstanding.count }) > 0, monotonicNow() < deadline { poll(timeout: 20) }
    let left = state.withLock { $0.outstanding.takeAll() }
    let error = KafkaError(code: RD_KAFKA_RESP_ERR__DESTROY.rawValue, cause: "closed without an acknowledgement")
    report(left.map { ($0, error) })
  }

  private func poll(timeout: Int32) {
    guard let event = unsafe rd_kafka_queue_poll(queue.pointer, timeout) else { return }
    defer { unsafe rd_kafka_event_destroy(event) }
    switch unsafe rd_kafka_event_type(event) {
    case RD_KAFKA_EVENT_DR: unsafe delivered(event)
    case RD_KAFKA_EVENT_ERROR: unsafe reportError(of: event, client: client.pointer, to: notice)
    case RD_KAFKA_EVENT_LOG: unsafe reportLog(of: event, to: notice)
    default: break
    }
  }

  private func delivered(_ event: OpaquePointer) {
    var found: [(ticket: UInt, error: KafkaError?)] = []
    while let message = unsafe rd_kafka_event_message_next(event) {
      let fields = unsafe message.pointee
      var error: KafkaError?
      if unsafe fields.err != RD_KAFKA_RESP_ERR_NO_ERROR {
        let topic = unsafe fields.rkt == nil ? "" : text(rd_kafka_topic_name(fields.rkt))
        // Not the message's own error text: of a sent message that is its payload, which is nobody's to read in a log.
        error = unsafe KafkaError(code: fields.err.rawValue, at: "\(topic)[\(fields.partition)]")
      }
      unsafe found.append((UInt(bitPattern: fields._private), error))
    }
    let results = found
    report(
      state.withLock { state in
        results.compactMap { result in state.outstanding.take(result.ticket).map { ($0, result.error) } }
      })
  }

  /// One call per sink.
  private func report(_ results: [(entry: OutstandingReports.Entry, error: KafkaError?)]) {
    guard !results.isEmpty else { return }
    let sinks = state.withLock { $0.sinks }
    for (index, sink) in sinks.enumerated() {
      let own = results.filter { $0.entry.sink == index }.map { ($0.entry.token, $0.error) as DeliveryReport }
      if !own.isEmpty { sink(own) }
    }
  }
}

/// A message's bytes for C.
@unsafe private struct Parts: @unchecked Sendable {
  // Why unchecked: it lives inside one call of send, whose mutex closure is the only one that reads it.
  let key: UnsafeRawPointer?
  let keyCount: Int
  let value: UnsafeRawPointer?
  let valueCount: Int
}

/// `nil` for null; an empty part needs an address all the same, or it would become null.
private func start(of part: UnsafeRawBufferPointer?) -> UnsafeRawPointer? {
  guard let part = unsafe part else { return nil }
  return unsafe part.baseAddress ?? UnsafeRawPointer(bitPattern: 1)
}
