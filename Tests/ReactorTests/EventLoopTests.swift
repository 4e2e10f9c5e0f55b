import Synchronization
import Testing

@testable import Reactor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Counts its turns, and ends the loop after so many.
private final class Counter: LoopParticipant {
  let loop: EventLoop
  let turns = Atomic(0)
  private let body: @Sendable (Int) -> Void

  init(_ loop: EventLoop, _ body: @escaping @Sendable (Int) -> Void) {
    self.loop = loop
    self.body = body
  }

  func turn() { body(turns.add(1, ordering: .relaxed).newValue) }
}

private actor Pinned {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
  private var count = 0
  init(_ loop: EventLoop) { self.loop = loop }

  func add() -> Bool {
    count += 1
    return loop.isOnLoop
  }
  func sum() async -> Int {
    await Task.yield()
    return count
  }
  func stop() { loop.stop() }
}

@Suite(.timeLimit(.minutes(1))) struct EventLoopTests {
  @Test func aWakeBeforeTheRunIsATurn() {
    let loop = EventLoop()
    loop.attach(Counter(loop) { _ in loop.stop() })
    loop.wake()
    loop.run()
    #expect(!loop.isOnLoop)
  }

  @Test func aTurnMayAskForAnother() {
    let loop = EventLoop()
    let counter = Counter(loop) { turn in if turn == 100 { loop.stop() } else { loop.wake() } }
    loop.attach(counter)
    loop.run()
    #expect(counter.turns.load(ordering: .relaxed) == 100)
  }

  /// Nothing else wakes the loop: a timer that waits for I/O would hang here.
  @Test func theDeadlineIsATurnAtOnceAndNotTooEarly() {
    let loop = EventLoop()
    let due = loop.now + 30_000_000
    let early = Atomic(0)
    let counter = Counter(loop) { turn in
      loop.setDeadline(due)
      guard turn > 1 else { return }
      if loop.now < due { early.store(1, ordering: .relaxed) }
      loop.stop()
    }
    loop.attach(counter)
    loop.run()
    #expect(counter.turns.load(ordering: .relaxed) == 2)
    #expect(early.load(ordering: .relaxed) == 0)
  }

  @Test func wakesFromManyThreadsAreNeverLost() {
    let loop = EventLoop()
    let mailbox = Mutex(0)
    let taken = Atomic(0)
    loop.attach(
      Counter(loop) { _ in
        let found = mailbox.withLock { mail in
          defer { mail = 0 }
          return mail
        }
        if taken.add(found, ordering: .relaxed).newValue == 40_000 { loop.stop() }
      })
    let running = OSThread(name: "loop") { loop.run() }
    let senders = (0..<4).map { _ in
      OSThread(name: "sender") {
        for _ in 0..<10_000 {
          mailbox.withLock { $0 += 1 }
          loop.wake()
        }
      }
    }
    for sender in senders { sender.join() }
    running.join()
    #expect(taken.load(ordering: .relaxed) == 40_000)
  }

  @Test func actorsRunOnTheLoop() async {
    let loop = EventLoop()
    let running = OSThread(name: "loop") { loop.run() }
    let pinned = Pinned(loop)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<200 { group.addTask { await pinned.add() } }
      for await isOnLoop in group { #expect(isOnLoop) }
    }
    #expect(await pinned.sum() == 200)
    await pinned.stop()
    running.join()
  }

  @Test func signalsArrive() {
    let loop = EventLoop()
    let seen = Atomic<Int32>(0)
    let watcher = SignalWatcher(loop: loop, signals: [SIGUSR2]) { number in
      seen.store(number, ordering: .relaxed)
      loop.stop()
    }
    kill(getpid(), SIGUSR2)
    loop.run()
    watcher.close()
    #expect(seen.load(ordering: .relaxed) == SIGUSR2)
  }
}
