import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A bounded queue of lines and the one OS thread that writes them to a file descriptor.
///
/// Callers only ever append under a lock that nobody holds while writing, so a reader that stalls cannot stall them.
/// Lines that find the queue full are counted; the writer reports the count in one line when it gets through again.
final class LogWriter: Sendable {
  private let queue: LogQueue

  /// - Parameter dropReport: the line that tells how many were dropped.
  init(fileDescriptor: Int32, linesMax: Int, dropReport: @escaping @Sendable (Int) -> [UInt8]) {
    queue = LogQueue(linesMax: linesMax)
    let job = LogWriterJob(queue: queue, fileDescriptor: fileDescriptor, dropReport: dropReport)
    if !startDetachedThread(job) { queue.close() }
  }

  deinit { queue.close() }

  /// Queues one line that ends with a line feed.
  func write(_ line: [UInt8]) { queue.append(line) }

  /// Waits until all that was queued before is written; `false` after the timeout or if writing fails.
  func flush(timeoutMilliseconds: Int32) -> Bool {
    guard let done = WakePipe() else { return false }
    guard queue.addFlushMark(done) else { return true }
    return done.waitReadable(timeoutMilliseconds: timeoutMilliseconds)
  }
}

/// What the callers and the writer's thread share.
private final class LogQueue: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    var lineCount = 0
    var droppedCount = 0
    var flushMarks: [WakePipe] = []
    var isClosed = false
    var isSignalled = false
  }

  /// What the writer takes at once: lines end to end, then the marks of those who wait for them.
  struct Batch {
    var bytes: [UInt8] = []
    var droppedCount = 0
    var flushMarks: [WakePipe] = []
    var isLast = false
  }

  private static let bytesMax = 4 << 20
  private let state = Mutex(State())
  private let linesMax: Int
  /// Wakes the writer. A pipe and not a condition variable, for its two numbers can be shared without unsafe state.
  private let wakeUp = WakePipe()

  init(linesMax: Int) { self.linesMax = max(1, linesMax) }

  func append(_ line: [UInt8]) {
    let isFirst = state.withLock { state in
      guard !state.isClosed else { return false }
      guard state.lineCount < linesMax, state.bytes.count + line.count <= Self.bytesMax else {
        state.droppedCount += 1
        return false
      }
      state.bytes += line
      state.lineCount += 1
      return Self.signal(&state)
    }
    if isFirst { wakeUp?.signal() }
  }

  /// `false` if the queue is closed: nothing more will be written.
  func addFlushMark(_ mark: WakePipe) -> Bool {
    let (isOpen, isFirst) = state.withLock { state in
      guard !state.isClosed else { return (false, false) }
      state.flushMarks.append(mark)
      return (true, Self.signal(&state))
    }
    if isFirst { wakeUp?.signal() }
    return isOpen
  }

  func close() {
    let isFirst = state.withLock { state in
      state.isClosed = true
      return Self.signal(&state)
    }
    if isFirst { wakeUp?.signal() }
  }

  /// Blocks until there is something; the writer's thread only. Without a pipe (no descriptors left) nothing is logged.
  func take() -> Batch {
    guard let wakeUp, wakeUp.waitReadable(timeoutMilliseconds: -1) else { return Batch(isLast: true) }
    wakeUp.drain()
    return state.withLock { state in
      state.isSignalled = false
      defer {
        state.bytes = []
        state.lineCount = 0
        state.droppedCount = 0
        state.flushMarks = []
      }
      return Batch(
        bytes: state.bytes, droppedCount: state.droppedCount, flushMarks: state.flushMarks, isLast: state.isClosed)
    }
  }

  /// One wake-up per batch: whether this caller is the one to send it.
  private static func signal(_ state: inout State) -> Bool {
    defer { state.isSignalled = true }
    return !state.isSignalled
  }
}

/// What the thread does until the queue is closed and empty.
private final class LogWriterJob: DetachedJob {
  private let queue: LogQueue
  private let fileDescriptor: Int32
  private let dropReport: @Sendable (Int) -> [UInt8]

  init(queue: LogQueue, fileDescriptor: Int32, dropReport: @escaping @Sendable (Int) -> [UInt8]) {
    self.queue = queue
    self.fileDescriptor = fileDescriptor
    self.dropReport = dropReport
  }

  func run() {
    var isLast = false
    while !isLast {
      let batch = queue.take()
      isLast = batch.isLast
      writeAll(batch.bytes)
      if batch.droppedCount > 0 { writeAll(dropReport(batch.droppedCount)) }
      for mark in batch.flushMarks { mark.signal() }
    }
  }

  /// Gives a batch up when the descriptor is broken (closed, reader gone): a log has nobody to complain to.
  private func writeAll(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { unsafe write(fileDescriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if errno == EAGAIN || errno == EWOULDBLOCK {
        // Whoever shares the descriptor made it non-blocking; this thread may wait.
        var ready = pollfd(fd: fileDescriptor, events: Int16(POLLOUT), revents: 0)
        unsafe poll(&ready, 1, -1)
      } else if errno != EINTR {
        return
      }
    }
  }
}
