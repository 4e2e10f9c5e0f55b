import Destinations
import HTTPWire
import Reactor
import Synchronization

/// The newest credentials of every destination, for all lanes: a lane looks at one number a turn, and takes what is there
/// when that has changed.
final class CredentialBoard: Sendable {
  struct Entry: Sendable {
    var credentials: Credentials
    /// With the certificates of now.
    var route: OriginRoute
  }

  private let number = Atomic(0)
  private let entries: Mutex<[Entry]>
  /// Who is to hear of a change.
  private let loops = Mutex<[EventLoop]>([])
  private let refusals = Mutex<(destinations: Set<Int>, store: EventLoop?)>(([], nil))

  init(_ entries: [Entry]) { self.entries = Mutex(entries) }

  /// Grows with every change.
  var generation: Int { number.load(ordering: .acquiring) }

  var newest: [Entry] { entries.withLock { $0 } }

  /// Lanes that are woken by a change from now on.
  func connect(lanes: [EventLoop]) { loops.withLock { $0 = lanes } }

  func publish(_ destination: Int, _ change: (inout Entry) -> Void) {
    entries.withLock { change(&$0[destination]) }
    number.add(1, ordering: .acquiringAndReleasing)
    for loop in loops.withLock({ $0 }) { loop.wake() }
  }

  // MARK: Refused tokens

  func connect(store: EventLoop) { refusals.withLock { $0.store = store } }

  /// The API has answered 401 to the destination's token. What is to be used from now on is published, always.
  func refuse(_ destination: Int) {
    let store = refusals.withLock { refusals in
      refusals.destinations.insert(destination)
      return refusals.store
    }
    store?.wake()
  }

  func takeRefusals() -> Set<Int> {
    refusals.withLock { refusals in
      defer { refusals.destinations = [] }
      return refusals.destinations
    }
  }
}
