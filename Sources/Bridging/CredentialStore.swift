import Destinations
import HTTPWire
import Reactor
import Settings
import Synchronization
import Telemetry

/// Keeps credentials good while the program runs, on a loop of its own: fetches tokens before they end, and reads secrets
/// and certificates again when their files change. What is new is published on the board; a bad one is said once, and the
/// one before stays in use.
actor CredentialStore: LoopParticipant {
  private static let lookEvery: Int64 = 2_000_000_000

  nonisolated let loop = EventLoop()
  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
  private nonisolated let isStopped = Atomic(false)

  private let settings: [DestinationSettings]
  private let board: CredentialBoard
  private let logger: Logger
  private let parts: [TokenSource.Parts]
  private var sources: [TokenSource] = []
  private var hasBegun = false
  /// What was published of each destination's token.
  private var readiness: [TokenSchedule.Readiness]
  /// By path: what a secret's file holds, once that is not what the settings have.
  private var texts: [String: String] = [:]
  private var files: WatchedFiles
  private var nextLook: Int64 = 0

  init(
    _ settings: [DestinationSettings], _ board: CredentialBoard, _ access: DestinationAccess, logger: Logger
  ) {
    self.settings = settings
    self.board = board
    self.logger = logger
    files = access.files
    parts = access.tokens
    readiness = settings.map { _ in .pending }
  }

  /// Runs it on a thread of its own, until `stop`.
  nonisolated func start() -> OSThread {
    loop.attach(self)
    board.connect(store: loop)
    return OSThread(name: "topictee-cred") { [loop] in loop.run() }
  }

  nonisolated func stop() {
    isStopped.store(true, ordering: .releasing)
    loop.wake()
  }

  nonisolated func turn() { assumeIsolated { $0.takeTurn() } }

  private func takeTurn() {
    if isStopped.load(ordering: .acquiring) {
      for source in sources { source.close() }
      return loop.stop()
    }
    let now = loop.now
    if !hasBegun { begin(now) }
    if !files.isEmpty, now >= nextLook {
      for path in files.changes() { take(path, now: now) }
      nextLook = now + Self.lookEvery
    }
    let refused = board.takeRefusals()
    for i in sources.indices {
      let isRefused = !refused.isDisjoint(with: sources[i].destinations)
      if isRefused { sources[i].refused(now: now) }
      sources[i].turn(now: now)
      let known = sources[i].schedule.readiness(now: now)
      for d in sources[i].destinations where known != readiness[d] || refused.contains(d) {
        readiness[d] = known
        publish(d)
      }
    }
    var deadline = files.isEmpty ? nil : nextLook
    for source in sources {
      if let due = source.deadline(now: now) { deadline = min(deadline ?? due, due) }
    }
    loop.setDeadline(deadline)
  }

  private func begin(_ now: Int64) {
    hasBegun = true
    nextLook = now + Self.lookEvery
    sources = parts.map { parts in
      let names = parts.destinations.map { settings[$0].name }.joined(separator: ", ")
      return TokenSource(parts, names: names, loop: loop, logger: logger)
    }
    // One may have changed between the file's being read and the first look at it.
    for path in settings.reduce(into: Set<String>(), { $0.formUnion($1.secretPaths) }) { take(path, now: now) }
  }

  private func compile(_ d: Int, _ texts: [String: String]) throws(CredentialProblem) -> Credentials {
    try Credentials(settings[d], token: readiness[d]) { Self.text(of: $0, texts) }
  }

  private static func text(of secret: Secret, _ texts: [String: String]) -> String {
    secret.path.flatMap { texts[$0] } ?? secret.expose()
  }

  /// A token's readiness is always made of texts that were compiled before.
  private func publish(_ d: Int) {
    do throws(CredentialProblem) {
      let credentials = try compile(d, texts)
      board.publish(d) { $0.credentials = credentials }
    } catch {
      say("a token cannot be used: \(error)", [d])
    }
  }

  // MARK: Files

  private func take(_ path: String, now: Int64) {
    let keyed = settings.indices.filter { settings[$0].secretPaths.contains(path) }
    if !keyed.isEmpty { takeSecret(path, for: keyed, now: now) }
    let certified = settings.indices.filter { settings[$0].tlsPaths.contains(path) }
    if !certified.isEmpty { takeCertificates(path, for: certified) }
  }

  private func takeSecret(_ path: String, for destinations: [Int], now: Int64) {
    let name = PlainText.clean(path)
    var candidate = texts
    do throws(SecretFile.Problem) {
      let text = try SecretFile.read(path)
      guard text != texts[path] ?? settings[destinations[0]].text(ofFile: path) else { return }
      candidate[path] = text
    } catch {
      return say("\(name) has changed and \(error.words): what was read before stays in use", destinations)
    }
    do throws(CredentialProblem) {
      var made: [(Int, Credentials)] = []
      for d in destinations { made.append((d, try compile(d, candidate))) }
      var exchanges: [(Int, OAuth2Exchange)] = []
      for i in sources.indices {
        guard let d = sources[i].destinations.first(where: destinations.contains), let oauth2 = settings[d].oauth2
        else {
          continue
        }
        exchanges.append((i, try OAuth2Exchange(oauth2) { Self.text(of: $0, candidate) }))
      }
      texts = candidate
      for (d, credentials) in made { board.publish(d) { $0.credentials = credentials } }
      for (i, exchange) in exchanges { sources[i].take(exchange, now: now) }
      logger.log(.info, "\(name) has changed: its new content is in use", LogFields(destination: names(destinations)))
    } catch {
      say("\(name) has changed and holds \(error): what was read before stays in use", destinations)
    }
  }

  private func takeCertificates(_ path: String, for destinations: [Int]) {
    let name = PlainText.clean(path)
    var contexts: [TLSContext] = []
    for d in destinations {
      let route = board.newest[d].route
      guard let wanted = route.tls?.settings else { continue }
      do throws(StreamError) {
        if contexts.allSatisfy({ $0.settings != wanted }) { contexts.append(try TLSContext.make(wanted)) }
        let context = contexts.first { $0.settings == wanted }
        let renewed = OriginRoute(route.origin, tls: context, proxyTLS: route.proxyTLS)
        board.publish(d) { $0.route = renewed }
        logger.log(.info, "\(name) has changed: new connections use it", LogFields(destination: settings[d].name))
      } catch {
        say("\(name) has changed and cannot be used: \(error.message): what was read before stays in use", [d])
      }
    }
  }

  private func say(_ text: String, _ destinations: [Int]) {
    logger.log(.warn, text, LogFields(destination: names(destinations)))
  }

  private func names(_ destinations: [Int]) -> String { destinations.map { settings[$0].name }.joined(separator: ", ") }
}
