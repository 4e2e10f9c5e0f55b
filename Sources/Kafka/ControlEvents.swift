private import CRdKafka
import FanOut

extension ConsumerLoop {
  /// Waits for one event, then takes what else is there. Returns how many there were.
  func pollControl(_ queue: OpaquePointer, timeout: Int32) -> Int {
    var count = 0
    var wait = timeout
    // Bounded, so that a flood of log lines does not keep the records waiting.
    while count < 64, let event = unsafe rd_kafka_queue_poll(queue, wait) {
      unsafe handle(event)
      unsafe rd_kafka_event_destroy(event)
      count += 1
      wait = 0
    }
    return count
  }

  private func handle(_ event: OpaquePointer) {
    switch unsafe rd_kafka_event_type(event) {
    case RD_KAFKA_EVENT_REBALANCE:
      unsafe rebalance(rd_kafka_event_error(event), rd_kafka_event_topic_partition_list(event))
    case RD_KAFKA_EVENT_OFFSET_COMMIT:
      unsafe committed(event)
    case RD_KAFKA_EVENT_ERROR:
      unsafe reportError(of: event, client: client, to: notice)
    case RD_KAFKA_EVENT_LOG:
      unsafe reportLog(of: event, to: notice)
    default:
      break
    }
  }
}

/// An error event of any client. One that makes the client unusable may come under its own code, as that of a fenced
/// member does: so the client itself is asked.
func reportError(of event: OpaquePointer, client: OpaquePointer, to notice: (ConsumerNotice) -> Void) {
  if let fatal = unsafe KafkaError.fatal(of: client) { return notice(.fatal(fatal)) }
  let code = unsafe rd_kafka_event_error(event)
  notice(.warning(unsafe KafkaError(code: code.rawValue, cause: text(rd_kafka_event_error_string(event)))))
}

/// A line of the library's log.
func reportLog(of event: OpaquePointer, to notice: (ConsumerNotice) -> Void) {
  var facility: UnsafePointer<CChar>?
  var line: UnsafePointer<CChar>?
  var level: Int32 = 0
  guard unsafe rd_kafka_event_log(event, &facility, &line, &level) == 0 else { return }
  notice(.log(level: Int(level), facility: unsafe text(facility), text: unsafe text(line)))
}
