import Reactor
import Synchronization

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// An HTTP/1.1 server on 127.0.0.1 with a thread of its own that writes everything down and answers as it is told:
/// keep-alive, many connections, one request at a time on each.
final class APIServer: Sendable {
  typealias Behaviour = @Sendable (Request) -> Answer

  enum Door: Sendable {
    case open
    /// No listener, no connection: whoever comes is refused.
    case shut
    /// Every connection is reset before it has said a word.
    case slammed
  }

  struct Orders: Sendable {
    var behaviour: Behaviour
    var door = Door.open
    var isEnding = false
  }

  let port: UInt16
  let journal: Watched<Journal>
  private let orders: Mutex<Orders>
  /// What the thread has carried out.
  private let door = Watched(Door.open)
  private let wakeUp: (reader: Int32, writer: Int32)
  private let thread: Mutex<OSThread?> = Mutex(nil)

  /// - Parameter checks: for a long run, see `Journal`.
  init(checks: Payload? = nil, _ behaviour: @escaping Behaviour = { _ in .accepted }) throws {
    journal = Watched(Journal(checks: checks))
    orders = Mutex(Orders(behaviour: behaviour))
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw Loopback.Failure(description: "no pipe") }
    wakeUp = (ends[0], ends[1])
    for end in ends { Loopback.makeNonBlocking(end) }
    let (listener, port) = try Loopback.listen()
    self.port = port
    let started = OSThread(name: "api-server") { [self] in
      APIServerLoop(listener: listener, port: port, wakeUp: wakeUp.reader, server: self).run()
    }
    thread.withLock { $0 = started }
  }

  func url(_ path: String = "/events") -> String { "http://127.0.0.1:\(port)\(path)" }

  /// From the next request on.
  func answer(_ behaviour: @escaping Behaviour) { orders.withLock { $0.behaviour = behaviour } }

  /// Returns when it is so.
  func set(_ door: Door) {
    orders.withLock { $0.door = door }
    wake()
    precondition(self.door.wait(seconds: 20) { $0 == door }, "the port \(port) could not be opened again")
  }

  func wait(seconds: Double, until isDone: (Journal) -> Bool) -> Bool { journal.wait(seconds: seconds, until: isDone) }

  /// Closes everything. Once.
  func end() {
    orders.withLock { $0.isEnding = true }
    wake()
    thread.withLock { $0 }?.join()
    close(wakeUp.reader)
    close(wakeUp.writer)
  }

  private func wake() {
    var byte: UInt8 = 1
    _ = unsafe write(wakeUp.writer, &byte, 1)
  }

  // MARK: For the thread

  var currentOrders: Orders { orders.withLock { $0 } }
  func carriedOut(_ new: Door) { door.change { $0 = new } }
}
