import FanOut
import Kafka
import Testing

extension EndToEndTests {
  /// One API that is not itself: the other has everything meanwhile, and in the end both have.
  @Suite struct OutageTests {
    private static let count = Scale.small
    /// Requests that an API has failed before it is well again.
    private static let failures = 20
    private static let patient =
      "{ timeout: 300ms, retry: { attempts: 1000, backoff: 20ms..200ms }, breaker: { for: 200ms } }"

    enum Outage: String, CaseIterable {
      case refusedConnections, status401, status403, status429, status502, status503, status504

      func begin(_ server: APIServer) {
        switch self {
        case .refusedConnections: server.set(.shut)
        case .status401: server.answer { _ in .status(401) }
        case .status403: server.answer { _ in .status(403) }
        case .status429: server.answer { _ in .response(429, headers: ["Retry-After: 1"]) }
        case .status502: server.answer { _ in .status(502) }
        case .status503: server.answer { _ in .status(503) }
        case .status504: server.answer { _ in .status(504) }
        }
      }

      func end(_ server: APIServer) {
        server.answer { _ in .accepted }
        server.set(.open)
      }
    }

    /// One attempt is allowed: an outage uses none up.
    @Test(arguments: Outage.allCases) func anOutageHoldsAndGivesUpNothing(_ outage: Outage) throws {
      let count = min(Self.count, 1_000)
      try Scene.play { scene in
        outage.begin(scene.erp)
        try scene.publish(0..<count)
        var wishes = Scene.Wishes()
        wishes.defaults = "{ retry: { attempts: 1, backoff: 20ms..500ms }, breaker: { for: 200ms } }"
        let program = try scene.start(wishes)
        try scene.expectDelivery(of: count, to: [scene.crm], by: program)
        if outage != .refusedConnections {
          #expect(scene.erp.wait(seconds: 60) { $0.exchanges.count >= Self.failures }, "\(program.lastWords)")
        }
        #expect(scene.erp.journal.read { $0.accepted } == 0)
        outage.end(scene.erp)
        try scene.expectDelivery(of: count, by: program)
        scene.stop(program)
        #expect(scene.erp.journal.read { $0.attemptsMax } > 1 || outage == .refusedConnections)
        for server in [scene.crm, scene.erp] {
          scene.deliveries(server, count: count).expectExactlyOnce()
          scene.deliveries(server, count: count).expectKeyOrder()
        }
        #expect(try scene.deadLetters().isEmpty)
        try scene.expectCommittedToTheEnd()
      }
    }

    @Test func anAPIThatHangsIsTriedAgainAndDoesNotSlowTheOther() throws {
      let count = Self.count
      try Scene.play { scene in
        scene.erp.answer { _ in .hang }
        try scene.publish(0..<count)
        var wishes = Scene.Wishes()
        wishes.defaults = Self.patient
        let program = try scene.start(wishes)
        try scene.expectDelivery(of: count, to: [scene.crm], by: program)
        #expect(scene.erp.wait(seconds: 60) { $0.exchanges.count >= Self.failures }, "\(program.lastWords)")
        #expect(scene.erp.journal.read { $0.accepted } == 0)
        scene.erp.answer { _ in .accepted }
        try scene.expectDelivery(of: count, by: program)
        scene.stop(program)
        for server in [scene.crm, scene.erp] { scene.deliveries(server, count: count).expectExactlyOnce() }
        #expect(scene.crm.journal.read { $0.exchanges.count } == count)
        #expect(scene.erp.journal.read { $0.attemptsMax } > 1)
        #expect(try scene.deadLetters().isEmpty)
        try scene.expectCommittedToTheEnd()
      }
    }

    @Test func aRecordThatKeepsHangingIsGivenUpAfterItsAttempts() throws {
      try Scene.play(keys: 10) { scene in
        scene.erp.answer { $0.number == 42 ? .hang : .accepted }
        try scene.publish(0..<100)
        var wishes = Scene.Wishes()
        wishes.defaults = "{ timeout: 200ms, retry: { attempts: 3, backoff: 10ms..50ms } }"
        let program = try scene.start(wishes)
        try scene.expectDelivery(of: 100, to: [scene.crm], by: program)
        // Those behind it in its key wait for its dead letter.
        try scene.expectDelivery(of: 99, to: [scene.erp], by: program)
        try scene.expectDeadLetters(1)
        scene.stop(program)
        scene.deliveries(scene.erp, count: 100).expectExactlyOnce(except: [42])
        #expect(scene.erp.journal.read { $0.attemptCount(42) } == 3)
        let letters = try scene.deadLetters()
        #expect(letters.count == 1)
        let letter = try #require(letters.first)
        #expect(letter.value == scene.payload.value(42))
        #expect(letter.header("topictee.dlq.reason") == "exhausted")
        #expect(letter.header("topictee.dlq.attempts") == "3")
        #expect(letter.header("topictee.dlq.destination") == "erp")
        #expect(letter.header("topictee.dlq.status") == nil)
        try scene.expectCommittedToTheEnd()
      }
    }

    enum Reset: CaseIterable { case afterTheRequest, beforeTheRequest, afterTheAnswer }

    @Test(arguments: Reset.allCases) func anAPIThatResetsConnectionsRecovers(_ reset: Reset) throws {
      let count = Self.count
      try Scene.play { scene in
        switch reset {
        case .afterTheRequest: scene.erp.answer { _ in .reset }
        case .beforeTheRequest: scene.erp.set(.slammed)
        case .afterTheAnswer: scene.erp.answer { _ in .response(200, body: "{}", thenCloses: true) }
        }
        try scene.publish(0..<count)
        var wishes = Scene.Wishes()
        wishes.defaults = Self.patient
        let program = try scene.start(wishes)
        try scene.expectDelivery(of: count, to: [scene.crm], by: program)
        if reset == .afterTheRequest {
          #expect(scene.erp.wait(seconds: 60) { $0.exchanges.count >= Self.failures }, "\(program.lastWords)")
        }
        if reset != .afterTheAnswer {
          #expect(scene.erp.journal.read { $0.accepted } == 0)
          scene.erp.answer { _ in .accepted }
          scene.erp.set(.open)
        }
        try scene.expectDelivery(of: count, by: program)
        scene.stop(program)
        for server in [scene.crm, scene.erp] {
          scene.deliveries(server, count: count).expectExactlyOnce()
          scene.deliveries(server, count: count).expectKeyOrder()
        }
        #expect(try scene.deadLetters().isEmpty)
        try scene.expectCommittedToTheEnd()
      }
    }

    /// The backlog of an API that is down stays in Kafka.
    @Test func theLimitsHoldDuringAnOutage() throws {
      let count = Self.count
      let limit = count / 4
      try Scene.play { scene in
        scene.erp.set(.shut)
        try scene.publish(0..<count)
        var wishes = Scene.Wishes()
        wishes.top = ["limits: { in_flight_records: \(limit) }"]
        let program = try scene.start(wishes)
        // Each lane may stand a little below its share: it is filled again in eighths.
        try scene.expectDelivery(of: limit / 2, to: [scene.crm], by: program)
        let atMost = scene.crm.journal.read { $0.distinct }
        #expect(atMost <= limit)
        scene.erp.set(.open)
        try scene.expectDelivery(of: count, by: program)
        scene.stop(program)
        for server in [scene.crm, scene.erp] { scene.deliveries(server, count: count).expectExactlyOnce() }
        try scene.expectCommittedToTheEnd()
      }
    }

    /// One record is too few for the breaker: it is told all the same, and a stop does not wait for it.
    @Test func oneRecordThatIsHeldIsToldAndDoesNotDelayTheStop() throws {
      try Scene.play(partitions: 1) { scene in
        scene.erp.set(.shut)
        try scene.publish(0..<1)
        var wishes = Scene.Wishes()
        wishes.defaults = "{ retry: { attempts: 1, backoff: 100s..100s } }"
        let program = try scene.start(wishes)
        try scene.expectDelivery(of: 1, to: [scene.crm], by: program)
        #expect(program.waitForLog("a delivery did not succeed and is tried again in "), "\(program.lastWords)")
        let line = try #require(program.log.split(separator: "\n").first { $0.contains("did not succeed") })
        for part in ["\"destination\":\"erp\"", "\"offset\":0", "\"attempt\":1", "connection refused"] {
          #expect(line.contains(part), "\(line)")
        }
        scene.stop(program)
        #expect(try scene.deadLetters().isEmpty)
        #expect(try scene.broker.committed(scene.group, scene.topic, partitions: 1).first.map { $0 ?? 0 } == 0)
      }
    }
  }
}
