internal import CUV
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What an event loop calls between two rounds of I/O.
package protocol LoopParticipant: AnyObject, Sendable {
  /// Called on the loop's thread after each round of I/O, after each wake and when the deadline passes; never re-entered.
  nonisolated func turn()
}

/// One thread, one libuv loop, one executor: jobs of actors pinned here run between two rounds of I/O, on the thread
/// that called `run()`.
@safe package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
  // Why unchecked: everything mutable is touched by the loop's own thread only (before `run()`, by the thread that sets
  // it up), save `remote`, `isSignalled` and `thread`, which are locked or atomic, and `uv_async_send`, which may be
  // called from any thread while the handle is open: it closes in `deinit`, when nobody holds the loop any more.
  let uv = UnsafeMutablePointer<uv_loop_t>.allocate(capacity: 1)
  /// Where every stream of this loop reads to: one buffer is enough, since what was read is handed on at once.
  let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: EventLoop.readBytesMax, alignment: 16)
  /// Likewise for what TLS has decrypted.
  let plainBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: EventLoop.readBytesMax, alignment: 16)
  static let readBytesMax = 65_536

  private let wakeUp = UnsafeMutablePointer<uv_async_t>.allocate(capacity: 1)
  private let afterIO = UnsafeMutablePointer<uv_check_t>.allocate(capacity: 1)
  private let noWait = UnsafeMutablePointer<uv_idle_t>.allocate(capacity: 1)
  private let timer = UnsafeMutablePointer<uv_timer_t>.allocate(capacity: 1)

  private var participant: (any LoopParticipant)?
  private var deadline: Int64?
  private var isTurning = false
  private var isNotWaiting = false
  private var local: [UnownedJob] = []
  private var spare: [UnownedJob] = []
  private let remote = Mutex<[UnownedJob]>([])
  private let hasRemote = Atomic(false)
  private let isSignalled = Atomic(false)
  /// The running thread's id, 0 for none.
  private let thread = Atomic<UInt>(0)

  /// Makes a loop that does not run yet.
  ///
  /// A process that cannot have an epoll descriptor at its start cannot do anything: that ends it, with the reason.
  package init() {
    let opened = unsafe uv_loop_init(uv)
    precondition(opened == 0, "event loop: \(describe(opened))")
    let signalled = unsafe uv_async_init(uv, wakeUp, loopWoken)
    precondition(signalled == 0, "event loop's wake-up: \(describe(signalled))")
    unsafe uv_check_init(uv, afterIO)
    unsafe uv_idle_init(uv, noWait)
    unsafe uv_timer_init(uv, timer)
    let me = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe wakeUp.pointee.data = me
    unsafe afterIO.pointee.data = me
    unsafe timer.pointee.data = me
    unsafe uv.pointee.data = readBuffer.baseAddress
    unsafe uv_check_start(afterIO, loopTurned)
  }

  deinit {
    // Streams and watchers hold the loop while they are open, so only the loop's own handles are left.
    unsafe closeHandle(wakeUp)
    unsafe closeHandle(afterIO)
    unsafe closeHandle(noWait)
    unsafe closeHandle(timer)
    unsafe uv_run(uv, UV_RUN_DEFAULT)
    guard unsafe uv_loop_close(uv) == 0 else { return }
    unsafe wakeUp.deallocate()
    unsafe afterIO.deallocate()
    unsafe noWait.deallocate()
    unsafe timer.deallocate()
    unsafe readBuffer.deallocate()
    unsafe plainBuffer.deallocate()
    unsafe uv.deallocate()
  }

  /// Runs until `stop()`; the calling thread becomes the loop's. The participant is let go at the end.
  package func run() {
    maskSIGPIPE()
    let previous = thread.exchange(currentThread(), ordering: .acquiringAndReleasing)
    precondition(previous == 0, "an event loop runs on one thread")
    // Jobs and wakes from before the loop ran.
    keepTurning()
    unsafe uv_run(uv, UV_RUN_DEFAULT)
    participant = nil
    thread.store(0, ordering: .releasing)
  }

  /// Ends `run()` after the present round. On the loop only.
  package func stop() {
    precondition(isOnLoop)
    unsafe uv_stop(uv)
  }

  /// Whether the caller runs on the loop's thread.
  @inline(__always) package var isOnLoop: Bool { thread.load(ordering: .relaxed) == currentThread() }

  /// The monotonic clock in nanoseconds; callable anywhere.
  package var now: Int64 { Int64(truncatingIfNeeded: uv_hrtime()) }

  /// The same clock as it was when this round of I/O began, in whole milliseconds: costs no look at the clock. On the
  /// loop only.
  package var roundNow: Int64 { unsafe Int64(truncatingIfNeeded: uv_now(uv)) &* 1_000_000 }

  /// Sets the one participant: before `run()`, or on the loop.
  package func attach(_ participant: any LoopParticipant) {
    precondition(thread.load(ordering: .relaxed) == 0 || isOnLoop)
    self.participant = participant
  }

  /// At least one more turn, soon; from any thread. Many calls before that turn cost one signal.
  package func wake() {
    if isOnLoop { keepTurning() } else { signal() }
  }

  /// The participant has a turn when `now` reaches `nanoseconds`; `nil` for never. On the loop only.
  package func setDeadline(_ nanoseconds: Int64?) {
    guard nanoseconds != deadline else { return }
    deadline = nanoseconds
    guard let nanoseconds else {
      unsafe uv_timer_stop(timer)
      return
    }
    // Rounded up, so that the deadline has passed when the timer fires; libuv counts from the round's start.
    let due = nanoseconds / 1_000_000 &+ (nanoseconds % 1_000_000 > 0 ? 1 : 0)
    let wait = unsafe max(0, due &- Int64(truncatingIfNeeded: uv_now(uv)))
    unsafe uv_timer_start(timer, loopTimed, UInt64(wait), 0)
  }

  // MARK: Executor

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isOnLoop {
      local.append(job)
      keepTurning()
    } else {
      remote.withLock { $0.append(job) }
      hasRemote.store(true, ordering: .releasing)
      signal()
    }
  }

  package func checkIsolated() { precondition(isOnLoop, "not on the event loop's thread") }
  package func isIsolatingCurrentContext() -> Bool? { isOnLoop }

  private func signal() {
    if !isSignalled.exchange(true, ordering: .acquiringAndReleasing) { unsafe uv_async_send(wakeUp) }
  }

  /// The next round does not wait for I/O. Works from every callback, without a system call.
  private func keepTurning() {
    guard !isNotWaiting else { return }
    isNotWaiting = true
    unsafe uv_idle_start(noWait, loopIdle)
  }

  fileprivate func woken() { isSignalled.store(false, ordering: .sequentiallyConsistent) }

  fileprivate func timerFired() {
    deadline = nil
    // libuv runs timers before it polls: without a turn here, the deadline would wait for the next I/O.
    turned()
  }

  /// Jobs, then the participant. What either enqueues runs in the next round, after a look at the I/O.
  fileprivate func turned() {
    guard !isTurning else { return }
    isTurning = true
    defer { isTurning = false }
    if isNotWaiting {
      isNotWaiting = false
      unsafe uv_idle_stop(noWait)
    }
    if hasRemote.exchange(false, ordering: .acquiringAndReleasing) {
      for job in remote.withLock({ jobs in
        defer { jobs = [] }
        return jobs
      }) {
        run(job)
      }
    }
    if !local.isEmpty {
      swap(&local, &spare)
      for job in spare { run(job) }
      spare.removeAll(keepingCapacity: true)
    }
    participant?.turn()
  }

  private func run(_ job: UnownedJob) {
    unsafe job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
  }
}

/// libuv's text for one of its negative error codes.
func describe(_ code: Int32) -> String { unsafe String(cString: uv_strerror(code)) }

private func closeHandle<T>(_ handle: UnsafeMutablePointer<T>) {
  unsafe uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self), nil)
}

// libuv gives back the pointer that `init` stored, and calls only while the loop runs: the loop is alive.
private func loopWoken(_ handle: UnsafeMutablePointer<uv_async_t>?) {
  guard let data = unsafe handle?.pointee.data else { return }
  unsafe Unmanaged<EventLoop>.fromOpaque(data).takeUnretainedValue().woken()
}

private func loopTurned(_ handle: UnsafeMutablePointer<uv_check_t>?) {
  guard let data = unsafe handle?.pointee.data else { return }
  unsafe Unmanaged<EventLoop>.fromOpaque(data).takeUnretainedValue().turned()
}

private func loopTimed(_ handle: UnsafeMutablePointer<uv_timer_t>?) {
  guard let data = unsafe handle?.pointee.data else { return }
  unsafe Unmanaged<EventLoop>.fromOpaque(data).takeUnretainedValue().timerFired()
}

private func loopIdle(_ handle: UnsafeMutablePointer<uv_idle_t>?) {}
