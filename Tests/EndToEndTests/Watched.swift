import Foundation
import Synchronization

/// State that some threads change and a test waits for.
final class Watched<State: Sendable>: Sendable {
  private let state: Mutex<State>
  private let changed = NSCondition()

  init(_ state: State) { self.state = Mutex(state) }

  @discardableResult
  func change<R: Sendable>(_ body: (inout State) -> R) -> R {
    changed.lock()
    defer { changed.unlock() }
    let result = state.withLock { body(&$0) }
    changed.broadcast()
    return result
  }

  func read<R: Sendable>(_ body: (State) -> R) -> R { state.withLock { body($0) } }

  /// False when the time is over first. `isDone` is asked at every change: let it be cheap.
  func wait(seconds: Double, until isDone: (State) -> Bool) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    changed.lock()
    defer { changed.unlock() }
    while !read(isDone) {
      guard changed.wait(until: deadline) else { return read(isDone) }
    }
    return true
  }
}
