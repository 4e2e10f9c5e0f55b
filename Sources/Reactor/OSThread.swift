internal import CUV
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An OS thread for work that owns its thread: an event loop, a poll loop of a C library.
package final class OSThread: Sendable {
  private let id: Mutex<pthread_t?>

  /// Starts the thread. `name` is what `top -H` and debuggers show, cut to 15 bytes.
  package init(name: String, _ body: @escaping @Sendable () -> Void) {
    let start = unsafe Unmanaged.passRetained(ThreadStart(name: name, body: body))
    var id = pthread_t()
    let code = unsafe pthread_create(&id, nil, threadMain, start.toOpaque())
    // Threads are made at start-up, a handful: a process that cannot have them cannot work.
    precondition(code == 0, "thread \(name): error \(code)")
    self.id = Mutex(id)
  }

  /// Waits for the thread to end; only the first call does.
  package func join() {
    let taken = id.withLock { id in
      defer { id = nil }
      return id
    }
    if let taken { pthread_join(taken, nil) }
  }

  deinit {
    if let left = id.withLock({ $0 }) { pthread_detach(left) }
  }
}

private final class ThreadStart {
  let name: String
  let body: @Sendable () -> Void
  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}

private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument = unsafe argument else { return nil }
  let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
  unsafe topictee_name_thread(String(start.name.prefix(15)))
  start.body()
  return nil
}

/// An id of the calling thread, never 0.
@inline(__always) func currentThread() -> UInt {
  #if canImport(Glibc)
    pthread_self()
  #else
    UInt(bitPattern: pthread_self())
  #endif
}
