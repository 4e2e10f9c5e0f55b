private import CRdKafka
import FanOut

/// The way out: leave the group, answer what comes, destroy; or, past the deadline, abandon.
@safe struct ClosingConsumer {
  let queue: OpaquePointer
  let deadline: Instant
  /// The library refused to close (after a fatal error): there is nothing to wait for.
  let isRefused: Bool
}

extension ConsumerLoop {
  func beginClosing(_ timeout: Nanoseconds) {
    guard closing == nil else { return }
    answerHeldRevocation()
    // A queue of its own: the library forwards the consumer's queue to it, which must not be forwarded to itself.
    let queue = unsafe rd_kafka_queue_new(client)
    guard let queue = unsafe queue else { return }
    let error = unsafe KafkaError.take(rd_kafka_consumer_close_queue(client, queue))
    if let error, !error.isFatal { notice(.warning(error)) }
    unsafe closing = ClosingConsumer(queue: queue, deadline: monotonicNow() + timeout, isRefused: error != nil)
  }

  /// True when the thread has nothing more to do.
  func finishClosing() -> Bool {
    guard let closing else { return false }
    let isClosed = unsafe closing.isRefused || rd_kafka_consumer_closed(client) != 0
    guard isClosed || closing.deadline <= monotonicNow() else { return false }
    for request in commits.takeAll() { answer(request, .unknown("closed")) }
    flushOutboxes()
    if isClosed {
      destroyQueues()
      unsafe rd_kafka_queue_destroy(closing.queue)
      unsafe rd_kafka_destroy_flags(client, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
    } else {
      // Destroying it would wait for ever; the process is about to end.
      mailbox.detach()
    }
    notice(.closed(clean: isClosed))
    return true
  }
}
