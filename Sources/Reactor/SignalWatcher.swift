internal import CUV

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writing to a closed socket must give an error, not end the process. Call it once, at start.
package func ignoreSIGPIPE() { signal(SIGPIPE, SIG_IGN) }

/// Blocks SIGPIPE for the calling thread: a write there gives EPIPE whatever the process decided.
func maskSIGPIPE() {
  var set = sigset_t()
  unsafe sigemptyset(&set)
  unsafe sigaddset(&set, SIGPIPE)
  unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
}

/// Watches signals on an event loop. Make, use and `close()` it on the loop (or before the loop runs).
@safe package final class SignalWatcher {
  private let loop: EventLoop
  private var handles: [UnsafeMutablePointer<uv_signal_t>] = unsafe []
  private var callback: ((Int32) -> Void)?

  /// `callback` gets the signal's number, on the loop, until `close()`.
  package init(loop: EventLoop, signals: [Int32], _ callback: @escaping (Int32) -> Void) {
    self.loop = loop
    self.callback = callback
    for number in signals {
      let handle = UnsafeMutablePointer<uv_signal_t>.allocate(capacity: 1)
      unsafe uv_signal_init(loop.uv, handle)
      unsafe handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
      unsafe uv_signal_start(handle, signalArrived, number)
      unsafe handles.append(handle)
    }
  }

  /// Gives the signals back to their former handlers. The watcher stays alive until this is called.
  package func close() {
    callback = nil
    while let handle = unsafe handles.popLast() {
      unsafe uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self), signalClosed)
    }
  }

  fileprivate func arrived(_ number: Int32) { callback?(number) }
}

private func signalArrived(_ handle: UnsafeMutablePointer<uv_signal_t>?, _ number: Int32) {
  guard let data = unsafe handle?.pointee.data else { return }
  unsafe Unmanaged<SignalWatcher>.fromOpaque(data).takeUnretainedValue().arrived(number)
}

private func signalClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  guard let handle = unsafe handle else { return }
  if let data = unsafe handle.pointee.data { unsafe Unmanaged<SignalWatcher>.fromOpaque(data).release() }
  unsafe UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_signal_t.self).deallocate()
}
