private import CRdKafka
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A thread of the operating system, joined once.
final class OSThread: Sendable {
  private let handle: Mutex<Handle?>

  /// `nil` when the system gives no thread. The name is cut to the 15 bytes that Linux keeps.
  init?(name: String, _ body: @escaping @Sendable () -> Void) {
    let start = unsafe Unmanaged.passRetained(ThreadStart(name: String(name.prefix(15)), body: body))
    #if canImport(Glibc)
      var id = pthread_t()
      let code = unsafe pthread_create(&id, nil, threadMain, start.toOpaque())
      let made: pthread_t? = code == 0 ? id : nil
    #else
      var id: pthread_t?
      let code = unsafe pthread_create(&id, nil, threadMain, start.toOpaque())
      let made = unsafe code == 0 ? id : nil
    #endif
    guard let made else {
      unsafe start.release()
      return nil
    }
    handle = Mutex(Handle(id: made))
  }

  /// Waits for the thread's end; a second call returns at once. Never called on the thread itself.
  func join() {
    let id = handle.withLock { current in
      defer { current = nil }
      return current
    }
    if let id { pthread_join(id.id, nil) }
  }

  // Why unchecked: a thread's id is a number to hand back to the system; any thread may hold it.
  private struct Handle: @unchecked Sendable {
    let id: pthread_t
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

#if canImport(Glibc)
  private func threadMain(_ start: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let start = unsafe start else { return nil }
    let thread = unsafe Unmanaged<ThreadStart>.fromOpaque(start).takeRetainedValue()
    unsafe topictee_name_thread(thread.name)
    thread.body()
    return nil
  }
#else
  private func threadMain(_ start: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    let thread = unsafe Unmanaged<ThreadStart>.fromOpaque(start).takeRetainedValue()
    unsafe topictee_name_thread(thread.name)
    thread.body()
    return nil
  }
#endif
