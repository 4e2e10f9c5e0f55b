internal import CUV
import Synchronization

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// Has one turn of the loop to itself: `turn()` is called on the loop's thread after each round of I/O, after each
/// `wake()` and when the deadline passes. Never re-entered.
package protocol LoopParticipant: AnyObject, Sendable {
  nonisolated func turn()
}

/// One thread, one libuv loop, one executor. Jobs of actors pinned here run between two rounds of I/O; C callbacks
/// reach such an actor by `assumeIsolated`, without a hop.
@safe package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
  // Why unchecked: `uv`, the handles, `local`, `spare`, `participant` and `deadline` are touched by the loop's own
  // thread only (or before it runs); `remote` and the atomics guard what others touch.
  let uv = UnsafeMutablePointer<uv_loop_t>.allocate(capacity: 1)
  private let wakeUp = UnsafeMutablePointer<uv_async_t>.allocate(capacity: 1)
  private let afterIO = UnsafeMutablePointer<uv_check_t>.allocate(capacity: 1)
  private let timer = UnsafeMutablePointer<uv_timer_t>.allocate(capacity: 1)
  /// All streams of the loop read into this one: what is read is handled before the next read.
  let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 64)
  private var local: [UnownedJob] = []
  private var spare: [UnownedJob] = []
  private let remote = Mutex<[UnownedJob]>([])
  private let isSignalled = Atomic(false)
  private let thread = Atomic<UInt>(0)
  private weak var participant: (any LoopParticipant)?
  private var deadline: Int64?

  package init() {
    unsafe uv_loop_init(uv)
    unsafe uv_async_init(uv, wakeUp, loopWoken)
    unsafe uv_check_init(uv, afterIO)
    unsafe uv_timer_init(uv, timer)
    let me = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe wakeUp.pointee.data = me
    unsafe afterIO.pointee.data = me
    unsafe timer.pointee.data = me
    unsafe uv_check_start(afterIO, loopTurned)
  }

  /// Before `run`.
  package func attach(_ participant: any LoopParticipant) { self.participant = participant }

  /// Runs until `stop()`; the calling thread becomes the loop's thread.
  package func run() {
    thread.store(currentThread(), ordering: .releasing)
    unsafe uv_run(uv, UV_RUN_DEFAULT)
    thread.store(0, ordering: .releasing)
  }

  /// On the loop's thread only.
  package func stop() { unsafe uv_stop(uv) }

  /// From any thread: one more `turn()` soon. Many calls before it make one.
  package func wake() {
    if !isSignalled.exchange(true, ordering: .acquiringAndReleasing) { unsafe uv_async_send(wakeUp) }
  }

  /// Monotonic nanoseconds.
  package var now: Int64 { Int64(bitPattern: uv_hrtime()) }

  /// On the loop's thread only: `turn()` at `nanoseconds` of `now` at the latest.
  package func setDeadline(_ nanoseconds: Int64?) {
    guard nanoseconds != deadline else { return }
    deadline = nanoseconds
    guard let nanoseconds else {
      unsafe uv_timer_stop(timer)
      return
    }
    let wait = max(0, nanoseconds - now + 999_999) / 1_000_000
    unsafe uv_update_time(uv)
    unsafe uv_timer_start(timer, loopTimer, UInt64(wait), 0)
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isOnLoop {
      local.append(job)
    } else {
      remote.withLock { $0.append(job) }
    }
    wake()
  }

  package var isOnLoop: Bool { thread.load(ordering: .acquiring) == currentThread() }
  package func checkIsolated() { precondition(isOnLoop) }
  package func isIsolatingCurrentContext() -> Bool? { isOnLoop }

  fileprivate func woken() { isSignalled.store(false, ordering: .releasing) }

  fileprivate func timerFired() {
    deadline = nil
    participant?.turn()
  }

  fileprivate func turned() {
    let jobs = remote.withLock { jobs in
      defer { jobs = [] }
      return jobs
    }
    for job in jobs { run(job) }
    while !local.isEmpty {
      swap(&local, &spare)
      for job in spare { run(job) }
      spare.removeAll(keepingCapacity: true)
    }
    participant?.turn()
  }

  private func run(_ job: UnownedJob) {
    unsafe job.runSynchronously(
      isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
  }
}

private func currentThread() -> UInt {
  #if canImport(Glibc)
    UInt(pthread_self())
  #else
    unsafe UInt(bitPattern: pthread_self())
  #endif
}

/// A broken connection is an error of the write, never a signal that ends the process.
package func ignoreSIGPIPE() { signal(SIGPIPE, SIG_IGN) }

// C callbacks are free functions: a closure would allocate a context for nothing. libuv passes the handle it was
// given, whose `data` is the loop for as long as the handle lives.
private func loopWoken(_ handle: UnsafeMutablePointer<uv_async_t>?) {
  guard let data = unsafe handle?.pointee.data else { return }
  unsafe Unmanaged<EventLoop>.fromOpaque(data).takeUnretainedValue().woken()
}
private func loopTurned(_ handle: UnsafeMutablePointer<uv_check_t>?) {
  guard let data = unsafe handle?.pointee.data else { return }
  unsafe Unmanaged<EventLoop>.fromOpaque(data).takeUnretainedValue().turned()
}
private func loopTimer(_ handle: UnsafeMutablePointer<uv_timer_t>?) {
  guard let data = unsafe handle?.pointee.data else { return }
  unsafe Unmanaged<EventLoop>.fromOpaque(data).takeUnretainedValue().timerFired()
}
