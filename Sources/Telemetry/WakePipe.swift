#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A pipe that carries no data, only "something happened": one side signals, the other waits. Neither side blocks in
/// `signal` or `drain`. Closed when its last owner goes.
package final class WakePipe: Sendable {
  private let readEnd: Int32
  private let writeEnd: Int32

  /// `nil` when the process has no descriptors left.
  package init?() {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { return nil }
    (readEnd, writeEnd) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  /// A full pipe already says it: the byte may be lost.
  package func signal() {
    var byte: UInt8 = 1
    while unsafe write(writeEnd, &byte, 1) < 0, errno == EINTR {}
  }

  /// Waits for a signal, also one from before. A negative timeout waits for ever.
  package func waitReadable(timeoutMilliseconds: Int32) -> Bool {
    var ready = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
    var found: Int32
    repeat { found = unsafe poll(&ready, 1, timeoutMilliseconds) } while found < 0 && errno == EINTR
    return found > 0
  }

  /// Forgets the signals so far.
  package func drain() {
    var bytes: [UInt8] = Array(repeating: 0, count: 64)
    while unsafe read(readEnd, &bytes, bytes.count) > 0 {}
  }
}
