import Reactor
import Settings
import Synchronization

/// The destinations' TLS contexts, made on a thread of their own while the caller asks the broker.
final class TLSLoading: Sendable {
  typealias Outcome = Result<[TLSContext?], BridgeService.StartError>

  private final class Box: Sendable { let outcome = Mutex<Outcome>(.success([])) }
  private let box: Box
  private let thread: OSThread

  init(_ settings: BridgeSettings) {
    let box = Box()
    self.box = box
    thread = OSThread(name: "topictee-tls") {
      let outcome = Outcome { () throws(BridgeService.StartError) in try Self.contexts(settings) }
      box.outcome.withLock { $0 = outcome }
    }
  }

  /// One for each destination; `nil` for one without TLS.
  func wait() throws(BridgeService.StartError) -> [TLSContext?] {
    thread.join()
    return try box.outcome.withLock { $0 }.get()
  }

  /// One for each destination that speaks TLS, shared by the lanes and by destinations of equal settings: to read the
  /// system's authorities takes some 20 ms. A file that cannot be read is heard of here.
  private static func contexts(_ settings: BridgeSettings) throws(BridgeService.StartError) -> [TLSContext?] {
    var contexts: [TLSContext?] = []
    for destination in settings.destinations {
      guard destination.url.isTLS else {
        contexts.append(nil)
        continue
      }
      let wanted = TLSClientSettings(destination.tls)
      if let made = contexts.first(where: { $0?.settings == wanted }) {
        contexts.append(made)
        continue
      }
      do throws(StreamError) {
        contexts.append(try TLSContext.make(wanted))
      } catch {
        throw .settings("destination \(destination.name): \(error.message)")
      }
    }
    return contexts
  }
}
