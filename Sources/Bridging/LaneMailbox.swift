import FanOut
import Kafka
import Reactor
import Synchronization

/// What reaches a lane from other threads, in order; the loop is woken once for a batch.
final class LaneMailbox: Sendable {
  enum Message: Sendable {
    case consumer([ConsumerEvent])
    /// Of dead letters and results rows.
    case written([TopicWriter.Result])
    case drain
    /// The last one: the lane's loop ends.
    case stop
  }

  private let loop: EventLoop
  private let messages = Mutex<[Message]>([])

  init(loop: EventLoop) { self.loop = loop }

  func post(_ message: Message) {
    messages.withLock { $0.append(message) }
    loop.wake()
  }

  /// Empties the box into `spare`, whose storage becomes the box's.
  func take(into spare: inout [Message]) {
    messages.withLock { swap(&$0, &spare) }
  }
}
