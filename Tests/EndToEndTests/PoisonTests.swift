import Testing

extension EndToEndTests {
  /// One record that an API answers with 500 for ever, among others that it takes.
  @Suite struct PoisonTests {
    private static let attempts = 10
    private static let perSecond = Scale.isFull ? 2_000 : 300
    /// The default, or short enough for a small run.
    private static let retry = "{ attempts: \(attempts), backoff: \(Scale.isFull ? "200ms..30s" : "50ms..500ms") }"

    private func expectTheLetter(_ scene: Scene, of poison: Int) throws {
      let letters = try scene.deadLetters()
      #expect(letters.count == 1)
      let letter = try #require(letters.first)
      #expect(letter.value == scene.payload.value(poison))
      #expect(letter.key == scene.payload.key(poison))
      #expect(letter.header("topictee.dlq.reason") == "exhausted")
      #expect(letter.header("topictee.dlq.destination") == "erp")
      #expect(letter.header("topictee.dlq.status") == "500")
      #expect(letter.header("topictee.dlq.attempts") == "\(Self.attempts)")
    }

    /// Its partition waits for it, and goes on behind its dead letter; on a topic of one nothing else shows that the API
    /// does its work.
    @Test(arguments: [1, 4]) func underOrderPartitionThePartitionGoesOn(partitions: Int) throws {
      let (count, poison) = (Scale.isFull ? 4_000 : 400, 100)
      try Scene.play(partitions: partitions) { scene in
        scene.erp.answer { $0.number == poison ? .status(500) : .accepted }
        var wishes = Scene.Wishes()
        wishes.top = ["order: partition"]
        wishes.defaults = "{ retry: \(Self.retry) }"
        try scene.publish(0..<count)
        let clock = ContinuousClock()
        let began = clock.now
        let program = try scene.start(wishes)
        try scene.expectDelivery(of: count, to: [scene.crm], by: program)
        let held = scene.erp.journal.read { $0.distinct }
        try scene.expectDelivery(of: count - 1, to: [scene.erp], by: program)
        let took = clock.now - began
        scene.stop(program)
        scene.deliveries(scene.crm, count: count).expectExactlyOnce()
        scene.deliveries(scene.erp, count: count).expectExactlyOnce(except: [poison])
        for server in [scene.crm, scene.erp] { scene.deliveries(server, count: count).expectKeyOrder() }
        #expect(scene.erp.journal.read { $0.attemptCount(poison) } == Self.attempts)
        try expectTheLetter(scene, of: poison)
        try scene.expectCommittedToTheEnd()
        scene.report(
          "poison under order: partition, \(partitions) partitions",
          "\(count) records, erp had \(held) when crm had all, and all others \(took) after the start")
      }
    }

    /// Only what has its key waits for it.
    @Test func underOrderKeyTheOtherKeysNeverWait() throws {
      let poison = Self.perSecond * (Scale.isFull ? 10 : 3)
      try Scene.play(keys: 1_000, isLong: true) { scene in
        scene.erp.answer { $0.number == poison ? .status(500) : .accepted }
        var wishes = Scene.Wishes()
        wishes.defaults = "{ retry: \(Self.retry) }"
        let program = try scene.start(wishes)
        #expect(program.waitForLog("partitions assigned: 4"), "\(program.lastWords)")
        let load = try Load(scene, perSecond: Self.perSecond)
        #expect(
          scene.erp.wait(seconds: 300) { $0.attemptCount(poison) == Self.attempts }, "\(program.lastWords)")
        let count = try load.stop()
        try scene.expectDelivery(of: count, to: [scene.crm], by: program)
        try scene.expectDelivery(of: count - 1, to: [scene.erp], by: program)
        scene.stop(program)
        scene.deliveries(scene.crm, count: count).expectExactlyOnce()
        scene.deliveries(scene.erp, count: count).expectExactlyOnce(except: [poison])
        for server in [scene.crm, scene.erp] { scene.deliveries(server, count: count).expectKeyOrder() }
        try expectTheLetter(scene, of: poison)
        try scene.expectCommittedToTheEnd()
        let (journal, sentAt) = (scene.erp.journal.read { $0 }, load.sentAt)
        let key = poison % scene.payload.keyCount
        func latencies(_ numbers: Range<Int>, _ wanted: (Int) -> Bool = { _ in true }) -> SlicedLatencies {
          SlicedLatencies(journal, sentAt: sentAt, numbers, perSecond: Self.perSecond, of: wanted)
        }
        let before = latencies(poison / 2..<poison)
        let others = latencies(poison + 1..<count) { $0 % scene.payload.keyCount != key }
        let own = Latencies(journal, sentAt: sentAt) { $0 > poison && $0 % scene.payload.keyCount == key }
        #expect(others.isNoSlower(than: before), "\(before); \(others)")
        scene.report(
          "poison under order: key",
          "\(count) records at \(Self.perSecond)/s; erp before: \(before); other keys during: \(others); its own key: "
            + "\(own)")
      }
    }
  }
}
