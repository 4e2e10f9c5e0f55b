import Destinations
import HTTPWire
import Reactor
import Settings
import Synchronization

/// How destinations are reached and what lets requests in, as the start finds it.
struct DestinationAccess: Sendable {
  /// One for each destination.
  let entries: [CredentialBoard.Entry]
  /// What gives tokens, for those that need one.
  let tokens: [TokenSource.Parts]
  /// Looked at before anything was read, so that no change is missed.
  let files: WatchedFiles

  var routes: [OriginRoute] { entries.map(\.route) }
  /// Whether anything of it may change while the program runs.
  var isRenewed: Bool { !tokens.isEmpty || !files.isEmpty }

  /// - Parameter environment: of the process, for what it says of proxies.
  static func load(
    _ settings: [DestinationSettings], environment: [String: String]
  ) throws(BridgeService.StartError) -> DestinationAccess {
    let files = WatchedFiles(settings.reduce(into: []) { $0.formUnion($1.watchedPaths) })
    var routes = Routes(environment: environment)
    var entries: [CredentialBoard.Entry] = []
    var tokens: [TokenSource.Parts] = []
    for (d, destination) in settings.enumerated() {
      let problem: String
      do {
        let route = try routes.route(to: destination)
        entries.append(CredentialBoard.Entry(credentials: try Credentials(destination), route: route))
        if let parts = try source(of: destination, d, &routes) { add(parts, to: &tokens) }
        continue
      } catch let error as StreamError {
        problem = error.message
      } catch {
        problem = "\(error)"
      }
      throw .settings("destination \(destination.name): \(problem)")
    }
    return DestinationAccess(entries: entries, tokens: tokens, files: files)
  }

  private static func source(
    of destination: DestinationSettings, _ d: Int, _ routes: inout Routes
  ) throws -> TokenSource.Parts? {
    guard let oauth2 = destination.oauth2, let server = destination.tokenServer else { return nil }
    return TokenSource.Parts(
      destinations: [d], exchange: try OAuth2Exchange(oauth2) { $0.expose() }, route: try routes.route(to: server),
      allowPrivateAddresses: destination.allowPrivateAddresses)
  }

  /// Destinations that ask the same server for the same token share it.
  private static func add(_ parts: TokenSource.Parts, to tokens: inout [TokenSource.Parts]) {
    let same = tokens.firstIndex {
      $0.exchange.isSame(as: parts.exchange) && $0.route.origin == parts.route.origin
        && $0.allowPrivateAddresses == parts.allowPrivateAddresses
    }
    if let same { tokens[same].destinations += parts.destinations } else { tokens.append(parts) }
  }
}

extension DestinationSettings {
  /// The way to what gives this destination's tokens.
  var tokenServer: DestinationSettings? {
    guard let oauth2 else { return nil }
    var server = self
    server.url = oauth2.tokenURL
    server.tls = oauth2.tls
    return server
  }
}

/// What the destinations need is read on a thread of its own while the caller asks the broker.
final class AccessLoading: Sendable {
  typealias Outcome = Result<DestinationAccess, BridgeService.StartError>

  private final class Box: Sendable { let outcome = Mutex<Outcome?>(nil) }
  private let box: Box
  private let thread: OSThread

  /// - Parameter environment: of the process, for what it says of proxies.
  init(_ settings: BridgeSettings, environment: [String: String]) {
    let box = Box()
    self.box = box
    thread = OSThread(name: "topictee-tls") {
      let outcome = Outcome { () throws(BridgeService.StartError) in
        try DestinationAccess.load(settings.destinations, environment: environment)
      }
      box.outcome.withLock { $0 = outcome }
    }
  }

  func wait() throws(BridgeService.StartError) -> DestinationAccess {
    thread.join()
    // It was set before the thread ended.
    guard let outcome = box.outcome.withLock({ $0 }) else { throw .settings("the destinations could not be read") }
    return try outcome.get()
  }
}
