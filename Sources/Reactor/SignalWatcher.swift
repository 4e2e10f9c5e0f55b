internal import CUV

/// Calls back on the loop's thread when one of its signals comes.
@safe package final class SignalWatcher {
  private let handles: [UnsafeMutablePointer<uv_signal_t>]
  private let callback: (Int32) -> Void

  package init(loop: EventLoop, signals: [Int32], _ callback: @escaping (Int32) -> Void) {
    self.callback = callback
    unsafe handles = signals.map { _ in UnsafeMutablePointer<uv_signal_t>.allocate(capacity: 1) }
    for i in signals.indices {
      unsafe uv_signal_init(loop.uv, handles[i])
      unsafe handles[i].pointee.data = Unmanaged.passUnretained(self).toOpaque()
      unsafe uv_signal_start(handles[i], signalCame, signals[i])
    }
  }

  /// Before the watcher goes, on the loop's thread.
  package func close() {
    for i in unsafe handles.indices {
      unsafe uv_signal_stop(handles[i])
      unsafe uv_close(UnsafeMutableRawPointer(handles[i]).assumingMemoryBound(to: uv_handle_t.self), freeHandle)
    }
  }

  fileprivate func came(_ signal: Int32) { callback(signal) }
}

private func signalCame(_ handle: UnsafeMutablePointer<uv_signal_t>?, _ signal: Int32) {
  guard let data = unsafe handle?.pointee.data else { return }
  unsafe Unmanaged<SignalWatcher>.fromOpaque(data).takeUnretainedValue().came(signal)
}

private func freeHandle(_ handle: UnsafeMutablePointer<uv_handle_t>?) { unsafe handle?.deallocate() }
