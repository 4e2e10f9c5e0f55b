internal import CRdKafka
package import FanOut
import Synchronization

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

package struct OutgoingHeader: Sendable, Equatable {
  package let name: String
  package let value: [UInt8]?
  package init(_ name: String, _ value: [UInt8]?) {
    self.name = name
    self.value = value
  }
  package init(_ name: String, _ value: String) { self.init(name, Array(value.utf8)) }
}

/// What the broker said of one message.
package struct DeliveryReport: Sendable {
  /// As given to `send`.
  package let token: UInt64
  package let error: KafkaError?
}

/// Writes records and tells by delivery reports, which alone count, what the broker has.
///
/// It owns the client handle and the thread that polls it for reports.
@safe package final class KafkaProducer: @unchecked Sendable {
  // Why unchecked: `client` and `queue` never change, librdkafka's functions on them are thread-safe, and the report
  // thread destroys them only after `close` has taken away everybody's right to send (`isOpen`, under its mutex).
  private let client: OpaquePointer
  private let queue: OpaquePointer?
  private let report: @Sendable ([DeliveryReport]) -> Void
  private let isOpen = Mutex(true)
  private let mayStop = Atomic(false)
  private let thread = Mutex<pthread_t?>(nil)

  /// - Parameter report: called on the producer's thread.
  package init(
    properties: [KafkaProperty], report: @escaping @Sendable ([DeliveryReport]) -> Void
  ) throws(KafkaError) {
    self.report = report
    let ours = [
      KafkaProperty("client.id", "topictee"), KafkaProperty("linger.ms", "5"),
    ].filter { mine in !properties.contains { $0.name == mine.name } }
    let guarantee = [KafkaProperty("acks", "all"), KafkaProperty("enable.idempotence", "true")]
    unsafe client = try ClientConfiguration(ours + properties + guarantee).makeClient(RD_KAFKA_PRODUCER)
    unsafe queue = rd_kafka_queue_get_main(client)
    let me = unsafe Unmanaged.passRetained(self).toOpaque()
    #if canImport(Glibc)
      var id = pthread_t()
    #else
      var id: pthread_t?
    #endif
    guard unsafe pthread_create(&id, nil, reportThreadMain, me) == 0 else {
      unsafe Unmanaged<KafkaProducer>.fromOpaque(me).release()
      throw KafkaError(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, "starting the producer's thread")
    }
    thread.withLock { $0 = id }
  }

  /// The record again: its key, value and headers byte for byte, and more headers behind them.
  /// - Returns: nil when a report will follow; else why it was not taken.
  package func send(
    topic: String, copyOf record: Record, adding headers: [OutgoingHeader], token: UInt64
  ) -> KafkaError? {
    var all: [OutgoingHeader] = []
    unsafe record.withHeaders {
      unsafe $0.forEach { field in
        let name = unsafe String(decoding: field.name, as: UTF8.self)
        unsafe all.append(OutgoingHeader(name, field.value.map { unsafe Array($0) }))
      }
    }
    all += headers
    return unsafe record.withKey { key in
      unsafe record.withValue { value in
        unsafe produce(
          topic, key: record.hasKey ? key : nil, value: record.hasValue ? value : nil, all, token)
      }
    }
  }

  package func send(
    topic: String, key: [UInt8]?, value: [UInt8]?, headers: [OutgoingHeader] = [], token: UInt64
  ) -> KafkaError? {
    unsafe (key ?? []).withUnsafeBytes { keyBytes in
      unsafe (value ?? []).withUnsafeBytes { valueBytes in
        unsafe produce(topic, key: key == nil ? nil : keyBytes, value: value == nil ? nil : valueBytes, headers, token)
      }
    }
  }

  private func produce(
    _ topic: String, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, _ headers: [OutgoingHeader],
    _ token: UInt64
  ) -> KafkaError? {
    isOpen.withLock { isOpen -> KafkaError? in
      guard isOpen else { return KafkaError(RD_KAFKA_RESP_ERR__DESTROY, "writing to \(topic)") }
      // The names and values of all headers in one block, for as long as the call takes.
      var block: [UInt8] = [0]
      var places: [(name: Int, value: Int?, size: Int)] = []
      for header in headers {
        let name = block.count
        block += Array(header.name.utf8) + [0]
        places.append((name, header.value.map { _ in block.count }, header.value?.count ?? 0))
        block += header.value ?? []
      }
      let error = unsafe block.withUnsafeBytes { bytes -> OpaquePointer? in
        let list = unsafe places.map { place in
          unsafe topictee_header(
            name: (bytes.baseAddress! + place.name).assumingMemoryBound(to: CChar.self),  // never empty
            value: place.value.map { unsafe bytes.baseAddress! + $0 }, size: place.size)
        }
        // An empty key or value is not a null one, and librdkafka tells them apart by the pointer.
        return unsafe topictee_produce(
          client, topic, key.map { unsafe $0.baseAddress ?? bytes.baseAddress! }, key?.count ?? 0,
          value.map { unsafe $0.baseAddress ?? bytes.baseAddress! }, value?.count ?? 0, list, list.count,
          UnsafeMutableRawPointer(bitPattern: UInt(token)))
      }
      guard let error = unsafe error else { return nil }
      defer { unsafe rd_kafka_error_destroy(error) }
      let cause = unsafe rd_kafka_error_string(error).map { unsafe String(cString: $0) }
      return KafkaError(unsafe rd_kafka_error_code(error), "writing to \(topic)", cause: cause)
    }
  }

  /// After `_QUEUE_FULL`: waits, at most 100 ms, for the queue to empty.
  package func waitForRoom() { _ = unsafe rd_kafka_flush(client, 100) }

  /// Waits until the broker has everything, or `timeout`. What it does not have then is reported as an error.
  /// - Returns: whether everything was acknowledged.
  @discardableResult
  package func close(timeout: Nanoseconds) -> Bool {
    let wasOpen = isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    guard wasOpen else { return true }
    let milliseconds = Int32(clamping: timeout.count / 1_000_000)
    let isDone = unsafe rd_kafka_flush(client, milliseconds) == RD_KAFKA_RESP_ERR_NO_ERROR
    if !isDone { unsafe rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT) }
    mayStop.store(true, ordering: .releasing)
    unsafe rd_kafka_queue_yield(queue)
    let id = thread.withLock { id in
      defer { id = nil }
      return id
    }
    if let id { _ = pthread_join(id, nil) }
    return isDone
  }

  fileprivate func poll() {
    while true {
      let isStopping = mayStop.load(ordering: .acquiring)
      let event = unsafe rd_kafka_queue_poll(queue, isStopping ? 0 : 500)
      if let event = unsafe event {
        if unsafe rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR { unsafe take(event) }
        unsafe rd_kafka_event_destroy(event)
      } else if isStopping {
        break
      }
    }
    unsafe rd_kafka_queue_destroy(queue)
    unsafe rd_kafka_destroy(client)
  }

  private func take(_ event: OpaquePointer) {
    var reports: [DeliveryReport] = []
    while let message = unsafe rd_kafka_event_message_next(event) {
      let token = unsafe UInt64(UInt(bitPattern: message.pointee._private))
      let code = unsafe message.pointee.err
      reports.append(
        DeliveryReport(
          token: token, error: code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code, "writing a record")))
    }
    report(reports)
  }
}

private func reportThreadMain(_ producer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let producer = unsafe producer else { return nil }
  unsafe Unmanaged<KafkaProducer>.fromOpaque(producer).takeRetainedValue().poll()
  return nil
}
