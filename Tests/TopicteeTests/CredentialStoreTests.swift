import Destinations
import FanOut
import Foundation
import HTTPWire
import Reactor
import Settings
import Synchronization
import Telemetry
import Testing

@testable import Bridging

/// Hears of what is published, on a loop of its own as a lane would.
private actor BoardWatcher: LoopParticipant {
  nonisolated let loop = EventLoop()
  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
  private nonisolated let thread: OSThread
  private let board: CredentialBoard
  private var waiting: (isThere: @Sendable ([CredentialBoard.Entry]) -> Bool, CheckedContinuation<Void, Never>)?

  init(_ board: CredentialBoard) {
    self.board = board
    let loop = self.loop
    thread = OSThread(name: "test-board") { loop.run() }
    board.connect(lanes: [loop])
  }

  nonisolated func turn() { assumeIsolated { $0.look() } }

  private func look() {
    guard let (isThere, continuation) = waiting, isThere(board.newest) else { return }
    waiting = nil
    continuation.resume()
  }

  func until(_ isThere: @escaping @Sendable ([CredentialBoard.Entry]) -> Bool) async {
    loop.attach(self)
    await withCheckedContinuation { continuation in
      waiting = (isThere, continuation)
      look()
    }
  }

  func finish() { loop.stop() }
}

/// A store with its board, a watcher and what was logged.
private final class StoreScene: Sendable {
  let board: CredentialBoard
  let watcher: BoardWatcher
  let said = SaidLines()
  private let store: CredentialStore
  private let thread: OSThread

  init(_ settings: [DestinationSettings]) throws {
    let access = try DestinationAccess.load(settings, environment: [:])
    board = CredentialBoard(access.entries)
    watcher = BoardWatcher(board)
    let logger = Logger(level: .debug) { [said, loop = watcher.loop] _, line, _ in
      said.add(line)
      loop.wake()
    }
    store = CredentialStore(settings, board, access, logger: logger)
    thread = store.start()
  }

  func readiness(_ d: Int) -> Credentials.Readiness { board.newest[d].credentials.readiness }
  func lines(_ d: Int) -> String { board.newest[d].lines }

  func end() async {
    store.stop()
    thread.join()
    await watcher.finish()
  }
}

private final class SaidLines: Sendable {
  private let lines = Mutex<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

private final class CallCount: Sendable {
  private let number = Mutex(0)
  var value: Int { number.withLock { $0 } }
  /// Of the call, from 0.
  func next() -> Int {
    number.withLock { number in
      defer { number += 1 }
      return number
    }
  }
}

extension CredentialBoard.Entry {
  fileprivate var lines: String { String(decoding: credentials.lines, as: UTF8.self) }
}

@Suite(.timeLimit(.minutes(1)), .serialized) struct CredentialStoreTests {
  private static func settings(_ name: String, _ auth: AuthSettings) -> DestinationSettings {
    var settings = DestinationSettings(
      name: name,
      url: EndpointURL(isTLS: false, host: "a", port: 1, target: "/", hostHeader: "a:1", text: "http://a:1"))
    settings.auth = auth
    settings.proxy = .direct
    return settings
  }

  private static func oauth2(_ port: UInt16, scope: String? = nil) -> AuthSettings {
    var settings = OAuth2Settings()
    settings.tokenURL = EndpointURL(
      isTLS: false, host: "127.0.0.1", port: port, target: "/token", hostHeader: "127.0.0.1:\(port)", text: "http://x")
    (settings.clientID, settings.clientSecret, settings.scope) = ("bridge", Secret("s3cret"), scope)
    return .oauth2(settings)
  }

  /// Answers with `body` and `status` of the call's number, from 0.
  private static func server(_ calls: CallCount, _ answer: @escaping @Sendable (Int) -> (UInt16, String)) throws
    -> LocalAPI
  {
    try LocalAPI { _ in
      let (status, body) = answer(calls.next())
      return LocalAPI.Reply(status: status, body: body)
    }
  }

  @Test func equalDestinationsShareAToken() async throws {
    let calls = CallCount()
    let api = try Self.server(calls) { (200, #"{"access_token":"t\#($0)","expires_in":3600}"#) }
    let scene = try StoreScene([
      Self.settings("crm", Self.oauth2(api.port)), Self.settings("erp", Self.oauth2(api.port)),
      Self.settings("scoped", Self.oauth2(api.port, scope: "s")), Self.settings("plain", .bearer(Secret("b"))),
    ])
    await scene.watcher.until { $0.allSatisfy { $0.credentials.readiness == .ready } }
    #expect(scene.lines(0) == scene.lines(1) && scene.lines(0) != scene.lines(2))
    #expect(scene.lines(3) == "Authorization: Bearer b\r\n")
    #expect(calls.value == 2)
    await scene.end()
    api.close()
    #expect(!"\(scene.said.all)".contains("s3cret"))
  }

  @Test func aServerThatFailsIsAnOutageUntilItAnswers() async throws {
    let calls = CallCount()
    let api = try Self.server(calls) { $0 < 1 ? (500, "") : (200, #"{"access_token":"t"}"#) }
    let scene = try StoreScene([Self.settings("crm", Self.oauth2(api.port))])
    let why = "the token server 127.0.0.1:\(api.port): it answered 500"
    await scene.watcher.until { $0[0].credentials.readiness == .unavailable(why) }
    await scene.watcher.until { $0[0].credentials.readiness == .ready }
    #expect(scene.lines(0) == "Authorization: Bearer t\r\n")
    #expect(scene.said.all == ["no new token: \(why)", "there is a token again"])
    await scene.end()
    api.close()
  }

  /// A young token is not replaced; whoever waits for the answer hears of it all the same.
  @Test func everyRefusalIsAnswered() async throws {
    let calls = CallCount()
    let api = try Self.server(calls) { _ in (200, #"{"access_token":"t"}"#) }
    let scene = try StoreScene([Self.settings("crm", Self.oauth2(api.port))])
    await scene.watcher.until { $0[0].credentials.readiness == .ready }
    let board = scene.board
    for _ in 0..<3 {
      let before = board.generation
      board.refuse(0)
      await scene.watcher.until { _ in board.generation > before }
      #expect(scene.readiness(0) == .ready)
    }
    #expect(calls.value == 1)
    await scene.end()
    api.close()
  }

  @Test func aSecretIsReadAgainAndABadOneIsNotTaken() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "topictee-\(UUID().uuidString)")
      .path(percentEncoded: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    func write(_ text: String) throws { try text.write(toFile: path, atomically: true, encoding: .utf8) }
    try write("first\n")
    // It changed after the settings were read.
    let scene = try StoreScene([
      Self.settings("crm", .bearer(Secret("zeroth", path: path))),
      Self.settings("erp", .apiKey(.header("X-Key"), Secret("zeroth", path: path))),
    ])
    await scene.watcher.until { $0.allSatisfy { $0.lines.contains("first") } }
    #expect(scene.lines(0) == "Authorization: Bearer first\r\n" && scene.lines(1) == "X-Key: first\r\n")
    try write("a\r\nX-Admin: 1")
    let said = scene.said
    await scene.watcher.until { _ in said.all.count == 2 }
    #expect(scene.lines(0) == "Authorization: Bearer first\r\n" && scene.lines(1) == "X-Key: first\r\n")
    try write("second")
    await scene.watcher.until { $0.allSatisfy { $0.lines.contains("second") } }
    #expect(
      said.all == [
        "\(path) has changed: its new content is in use",
        "\(path) has changed and holds a secret for the header Authorization holds a character that no header may have: "
          + "what was read before stays in use", "\(path) has changed: its new content is in use",
      ])
    await scene.end()
  }
}
