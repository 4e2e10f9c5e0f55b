private import CRdKafka
import FanOut
import Synchronization

/// What other threads want of the poll thread.
enum ConsumerCommand: Sendable {
  case subscribe
  case commit(CommitRequest)
  case release(AssignmentID)
  case stopFetching
  case close(timeout: Nanoseconds)
}

/// One partition's part of a commit.
struct CommitRequest: Sendable {
  let id: AssignmentID
  let offset: Int64
  let metadata: String
}

/// The poll thread's letter box: the one place where other threads meet it.
final class ConsumerMailbox: Sendable {
  private struct State {
    var commands: [ConsumerCommand] = []
    /// Gone once the poll thread has ended: then nobody is woken.
    var control: QueueHandle?
  }
  private let state: Mutex<State>
  private let isFilled = Atomic(false)

  init(control: QueueHandle) { state = Mutex(State(control: control)) }

  func post(_ command: ConsumerCommand) {
    state.withLock { state in
      guard let control = state.control else { return }
      state.commands.append(command)
      isFilled.store(true, ordering: .releasing)
      control.yield()
    }
  }

  /// The commands since the last call, in order.
  func take() -> [ConsumerCommand] {
    guard isFilled.load(ordering: .acquiring) else { return [] }
    return state.withLock { state in
      isFilled.store(false, ordering: .relaxed)
      defer { state.commands = [] }
      return state.commands
    }
  }

  func wake() { state.withLock { $0.control?.yield() } }

  /// Before the control queue is destroyed.
  func detach() { state.withLock { $0.control = nil } }
}

/// A queue of librdkafka that any thread may wake.
// Why unchecked: the library locks its queues; who holds this must not outlive the queue (`ConsumerMailbox.detach`).
@safe struct QueueHandle: @unchecked Sendable {
  let pointer: OpaquePointer
  /// Ends the poll that stands on the queue, or else the next one.
  func yield() { unsafe rd_kafka_queue_yield(pointer) }
}

/// A client that is handed over to its thread.
// Why unchecked: librdkafka's clients are made for many threads; the last one to hold it destroys it.
@safe struct ClientHandle: @unchecked Sendable {
  let pointer: OpaquePointer
}
