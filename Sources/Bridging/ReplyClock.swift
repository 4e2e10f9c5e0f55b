private import CMicroHTTPD
import FanOut
import Reactor
import Synchronization

/// Connections of a local server whose answer is not due yet: suspended here, resumed by one thread at their time.
///
/// `close` must be called: until then the thread runs.
final class ReplyClock: LoopParticipant {
  private struct Held {
    let due: Int64
    /// The connection's address; the server keeps a suspended connection alive.
    let connection: UInt
  }
  private struct State {
    /// Some hundreds at most: searched, not sorted.
    var held: [Held] = []
    var isClosed = false
  }
  private let state = Mutex(State())
  private let loop = EventLoop()
  private let thread = Mutex<OSThread?>(nil)

  init() {
    let loop = loop
    loop.attach(self)
    thread.withLock { $0 = OSThread(name: "topictee-reply") { loop.run() } }
  }

  /// Suspends the connection and resumes it after `delay`. False once closed: then it is not suspended.
  func hold(_ connection: UInt, for delay: Nanoseconds) -> Bool {
    let due = loop.now + delay.count
    let isHeld = state.withLock { state in
      guard !state.isClosed else { return false }
      unsafe MHD_suspend_connection(OpaquePointer(bitPattern: connection))
      state.held.append(Held(due: due, connection: connection))
      return true
    }
    if isHeld { loop.wake() }
    return isHeld
  }

  nonisolated func turn() {
    let now = loop.now
    let (due, next, isClosed) = state.withLock { state in
      let due = state.held.filter { $0.due <= now || state.isClosed }
      state.held.removeAll { $0.due <= now || state.isClosed }
      return (due, state.held.map(\.due).min(), state.isClosed)
    }
    for held in due { unsafe MHD_resume_connection(OpaquePointer(bitPattern: held.connection)) }
    loop.setDeadline(next)
    if isClosed { loop.stop() }
  }

  /// Resumes what is held, and returns when the thread has ended.
  func close() {
    state.withLock { $0.isClosed = true }
    loop.wake()
    thread.withLock { $0 }?.join()
  }
}
