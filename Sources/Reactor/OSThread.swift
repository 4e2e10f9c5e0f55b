private import CUV

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif
import Synchronization

/// An OS thread that is joined once.
package final class OSThread: Sendable {
  private let id: Mutex<pthread_t?>

  package init(name: String, _ body: @escaping @Sendable () -> Void) {
    let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    if unsafe pthread_create(&thread, nil, threadMain, start.toOpaque()) == 0 {
      id = Mutex(thread)
    } else {
      unsafe start.release()
      id = Mutex(nil)
    }
  }

  package func join() {
    let thread = id.withLock { id in
      defer { id = nil }
      return id
    }
    if let thread { _ = pthread_join(thread, nil) }
  }

  fileprivate final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }
}

private func threadMain(_ start: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let start = unsafe start else { return nil }
  let box = unsafe Unmanaged<OSThread.Start>.fromOpaque(start).takeRetainedValue()
  unsafe topictee_name_this_thread(String(box.name.prefix(15)))
  box.body()
  return nil
}
