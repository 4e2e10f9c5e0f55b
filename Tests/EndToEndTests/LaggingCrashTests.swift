import FanOut
import Testing

extension EndToEndTests {
  /// `kill -9` again and again while one API is thousands of records behind: the other one is not sent those again.
  @Suite struct LaggingCrashTests {
    private static let perSecond = Scale.isFull ? 2_000 : 500
    /// The embedded cluster knows no static members: after each kill the group waits for the session to end.
    private static let kills = Scale.isFull ? 50 : TestBroker.isReal ? Scale.kills : 1
    private static let lag = Scale.isFull ? 5_000 : TestBroker.isReal ? 1_200 : 400
    /// The contract's cap of what may be accepted and not committed.
    private static let uncommittedMax = 1_000

    private struct Crash {
      /// How many requests crm and erp had seen by then.
      let seen: [Int]
      let lag: Int
    }

    @Test func theFastAPIIsNotSentAgainWhatTheSlowOneLacks() throws {
      try Scene.play(keys: 1_000, isLong: true) { scene in
        let (crm, erp) = (scene.crm, scene.erp)
        erp.answer { _ in
          let lag = crm.journal.read { $0.distinct } - erp.journal.read { $0.distinct }
          // 256 at a time in a second: less than what comes.
          return .accepted(after: .milliseconds(lag > Self.lag ? 1 : 1_000))
        }
        var wishes = Scene.Wishes()
        wishes.top = ["limits: { in_flight_records: 200000, in_flight_bytes: 128MiB }"]
        wishes.sessionMilliseconds = 6_000
        if TestBroker.isReal { wishes.kafka = ["instance_id: only"] }
        let load = try Load(scene, perSecond: Self.perSecond)
        var random = SeededRandom(seed: 5)
        var crashes: [Crash] = []
        for _ in 0..<Self.kills {
          let program = try scene.start(wishes)
          let seen = crm.journal.read { $0.distinct }
          // At the first sign of life, while it catches up, or when it has.
          let target = max(seen + Int.random(in: 1...Self.perSecond * 2, using: &random), Self.lag + Self.perSecond)
          try scene.expectDelivery(of: target, to: [crm], by: program)
          program.crash()
          #expect(program.waitForEnd() == .signal(9))
          let atCrash = [crm, erp].map { server in server.journal.read { ($0.exchanges.count, $0.distinct) } }
          crashes.append(Crash(seen: atCrash.map(\.0), lag: atCrash[0].1 - atCrash[1].1))
        }
        let count = try load.stop()
        erp.answer { _ in .accepted }
        let program = try scene.start(wishes)
        try scene.expectDelivery(of: count, by: program)
        scene.stop(program)
        for server in [crm, erp] {
          scene.deliveries(server, count: count).expectComplete()
          scene.deliveries(server, count: count).expectKeyOrder()
        }
        #expect(try scene.deadLetters().isEmpty)
        try scene.expectCommittedToTheEnd()
        try expectFewDuplicates(scene, crashes, count: count)
      }
    }

    private func expectFewDuplicates(_ scene: Scene, _ crashes: [Crash], count: Int) throws {
      let places = Dictionary(
        try scene.broker.readAll(scene.topic, partitions: scene.partitions)
          .map { (Payload.number(in: $0.value ?? [], from: 0), Int($0.partition)) }, uniquingKeysWith: { a, _ in a })
      let lags = crashes.map(\.lag)
      #expect(lags.allSatisfy { $0 > Self.lag / 2 }, "\(lags)")
      var figures: [String] = []
      for (place, server) in [scene.crm, scene.erp].enumerated() {
        let found = duplicates(server.journal.read { $0 }, crashes.map { $0.seen[place] }, places)
        let worst = found.flatMap { $0 }.max() ?? 0
        #expect(worst <= Self.uncommittedMax)
        let perCrash = found.map { $0.reduce(0, +) }.sorted()
        // On the embedded cluster crm was seen to get all of it again.
        if TestBroker.isReal { #expect(mean(perCrash) * 2 < mean(lags), "\(perCrash), \(lags)") }
        figures.append(
          "\(place == 0 ? "crm" : "erp"): worst in a partition \(worst), worst in all \(perCrash.last ?? 0), mean in all "
            + "\(mean(perCrash)), sum \(perCrash.reduce(0, +)) \(perCrash)")
      }
      scene.report(
        "kill -9 with erp behind",
        "\(count) records, \(crashes.count) kills, none lost; erp was behind by \(lags.min() ?? 0) to "
          + "\(lags.max() ?? 0), mean \(mean(lags)): so many crm would get again without progress. Got again by "
          + figures.joined(separator: "; by "))
    }

    private func mean(_ numbers: [Int]) -> Int { numbers.reduce(0, +) / max(1, numbers.count) }

    /// By crash and partition: what was accepted between this crash and the next, and had been before.
    private func duplicates(_ journal: Journal, _ crashes: [Int], _ places: [Int: Int]) -> [[Int]] {
      var found = crashes.map { _ in [Int](repeating: 0, count: 4) }
      var seen: Set<Int> = []
      var run = 0
      for (index, exchange) in journal.exchanges.enumerated() where exchange.isAccepted {
        while run < crashes.count, crashes[run] <= index { run += 1 }
        let isNew = seen.insert(exchange.request.number).inserted
        if !isNew, run > 0, let place = places[exchange.request.number] { found[run - 1][place] += 1 }
      }
      return found
    }
  }
}
