import Destinations
import FanOut
import HTTPWire
import Reactor
import Settings
import Testing

@testable import Bridging

/// Attempts that wait for a token, and those that are made once more.
@Suite struct LaneCredentialsTests {
  private static let settings = {
    var settings = DestinationSettings(
      name: "crm",
      url: EndpointURL(isTLS: false, host: "a", port: 1, target: "/", hostHeader: "a:1", text: "http://a:1"))
    settings.auth = .oauth2(OAuth2Settings())
    return settings
  }()

  private static func entry(_ token: TokenSchedule.Readiness) throws -> CredentialBoard.Entry {
    CredentialBoard.Entry(
      credentials: try Credentials(settings, token: token),
      route: OriginRoute(Origin(host: "a", port: 1), tls: nil, proxyTLS: nil))
  }

  private static let token = TokenSchedule.Readiness.ready(AccessToken("t", lifetimeSeconds: nil))
  private static let id = DeliveryID(assignment: AssignmentID(epoch: 1), slot: 0, destination: 0, sequence: 7)

  private static func answer(_ status: UInt16) -> ExchangeResult.Result { .response(HTTPResponse(status: status)) }

  @Test func nothingNewCostsNothing() throws {
    let board = CredentialBoard([try Self.entry(Self.token)])
    var lane = LaneCredentials(board, hasToken: [true])
    var news = 0
    _ = lane.takeNews { _, _ in news += 1 }
    #expect(news == 0)
    let next = try Self.entry(.unavailable("down"))
    board.publish(0) { $0 = next }
    board.publish(0) { $0 = next }
    _ = lane.takeNews { d, entry in
      news += 1
      #expect(d == 0 && entry.credentials.readiness == .unavailable("down"))
    }
    #expect(news == 1)
  }

  @Test func aRefusedAttemptIsRepeatedOnce() throws {
    let board = CredentialBoard([try Self.entry(Self.token)])
    var lane = LaneCredentials(board, hasToken: [true])
    #expect(lane.isToBeRepeated(ExchangeTag(Self.id), at: 0, Self.answer(200)) == false)
    #expect(lane.isToBeRepeated(ExchangeTag(Self.id), at: 0, Self.answer(401)) == true)
    #expect(board.takeRefusals() == [0])
    #expect(lane.isToBeRepeated(ExchangeTag(Self.id), at: 0, Self.answer(401)) == false)
    #expect(board.takeRefusals() == [])
    // The next attempt of the same delivery.
    #expect(lane.isToBeRepeated(ExchangeTag(Self.id), at: 0, Self.answer(401)) == true)
    #expect(lane.isToBeRepeated(ExchangeTag(Self.id), at: 0, .timeout) == false)
    #expect(lane.isToBeRepeated(ExchangeTag(Self.id), at: 0, Self.answer(401)) == true)
  }

  @Test func withoutATokenA401IsWhatItIs() throws {
    let board = CredentialBoard([try Self.entry(Self.token)])
    var lane = LaneCredentials(board, hasToken: [false])
    #expect(lane.isToBeRepeated(ExchangeTag(Self.id), at: 0, Self.answer(401)) == false)
    #expect(board.takeRefusals() == [])
  }

  /// The store's answer may be the same token: it is published all the same, and nothing waits for ever.
  @Test func attemptsWaitForTheStore() throws {
    let board = CredentialBoard([try Self.entry(.pending)])
    var lane = LaneCredentials(board, hasToken: [true])
    let attempt = try #require(Self.attempt())
    #expect(lane.verdict(on: .attempt(attempt), to: 0) == .wait)
    #expect(lane.takeNews { _, _ in }.isEmpty)
    let ready = try Self.entry(Self.token)
    board.publish(0) { $0 = ready }
    #expect(lane.takeNews { _, _ in } == [.attempt(attempt)])
    #expect(lane.verdict(on: .attempt(attempt), to: 0) == .go)
    #expect(lane.isToBeRepeated(ExchangeTag(attempt.id), at: 0, Self.answer(401)) == true)
    #expect(lane.verdict(on: .attempt(attempt), to: 0) == .wait)
    board.publish(0) { $0 = ready }
    #expect(lane.takeNews { _, _ in } == [.attempt(attempt)])
    let down = try Self.entry(.unavailable("down"))
    board.publish(0) { $0 = down }
    #expect(lane.takeNews { _, _ in }.isEmpty)
    #expect(lane.verdict(on: .attempt(attempt), to: 0) == .unavailable("down"))
  }

  /// Of an engine that has received one record.
  private static func attempt() -> Attempt? {
    let file = """
      kafka: { brokers: [localhost:1], group: g }
      topic: orders
      destinations: { crm: { url: http://localhost:1 } }
      dead_letters: { topic: d }
      """
    guard case .valid(let settings, _) = SettingsLoader.load(text: Array(file.utf8), file: "b", environment: [:]) else {
      return nil
    }
    var engine = FanOutEngine(policy: EnginePolicy(settings, lanes: 1), seed: 1)
    let assignment = AssignmentID(epoch: 1)
    var effects: [Effect] = []
    let now = Instant(nanoseconds: 0)
    engine.handle(
      .assigned(assignment, TopicPartition(topic: "orders", partition: 0), nil), at: now, into: &effects)
    let record = unsafe Record.make(
      assignment: assignment, offset: 0, timestampMilliseconds: 0, key: nil,
      headers: UnsafeRawBufferPointer(start: nil, count: 0), value: nil)
    engine.handle(.received(record), at: now, into: &effects)
    engine.handle(.tick, at: now, into: &effects)
    for case .attempt(let attempt) in effects { return attempt }
    return nil
  }
}
