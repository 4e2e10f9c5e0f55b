import FanOut
import Kafka
import Testing

extension EndToEndTests {
  /// Nothing is lost, whatever is killed; duplicates are counted.
  @Suite struct CrashTests {
    /// With a static id the group gives the next run its partitions at once; the embedded cluster knows none.
    @Test func killedAgainAndAgainItLosesNothing() throws {
      let (count, kills) = (Scale.bounded, Scale.kills)
      try Scene.play(keys: count >= 50_000 ? 1_000 : 100) { scene in
        // Slow enough that a kill finds requests in flight.
        scene.crm.answer { _ in .accepted(after: .milliseconds(20)) }
        scene.erp.answer { $0.number % 50 == 3 ? .accepted(after: .milliseconds(40)) : .accepted }
        var wishes = Scene.Wishes()
        if TestBroker.isReal { wishes.kafka = ["instance_id: only"] }
        wishes.sessionMilliseconds = 6_000
        var random = SeededRandom(seed: 4)
        let clock = ContinuousClock()
        var published = 0
        let took = try clock.measure {
          for round in 1...kills {
            let end = count * round / (kills + 1)
            try scene.publish(published..<end)
            let program = try scene.start(wishes)
            let seen = Int.random(in: published..<end, using: &random) + 1
            try scene.expectDelivery(of: seen, to: [round % 2 == 0 ? scene.crm : scene.erp], by: program)
            program.crash()
            #expect(program.waitForEnd() == .signal(9))
            published = end
          }
          try scene.publish(published..<count)
          let program = try scene.start(wishes)
          try scene.expectDelivery(of: count, by: program)
          scene.stop(program)
        }
        for server in [scene.crm, scene.erp] {
          scene.deliveries(server, count: count).expectComplete()
          scene.deliveries(server, count: count).expectKeyOrder()
        }
        #expect(try scene.deadLetters().isEmpty)
        try scene.expectCommittedToTheEnd()
        let duplicates = [scene.crm, scene.erp].map { scene.deliveries($0, count: count).duplicates }
        scene.report(
          "kill -9",
          "\(count) records, \(kills) kills, none lost, duplicates crm \(duplicates[0]) erp \(duplicates[1]), \(took)")
      }
    }

    @Test(.enabled(if: OwnBroker.isAvailable, "needs TOPICTEE_TEST_KAFKA_TOOL"))
    func aBrokerThatIsKilledAndComesBackLosesNothing() throws {
      let count = Scale.records
      let own = try OwnBroker()
      defer { own.end() }
      try Scene.play(own.broker, keys: count >= 50_000 ? 1_000 : 100) { scene in
        let refused = Set((0..<count).filter { $0 % 100 == 7 })
        scene.crm.answer { $0.number % 100 == 7 ? .status(400) : .accepted }
        try scene.publish(0..<count / 2)
        // Behind the first half, so that there is something in flight when the broker goes.
        scene.erp.answer { _ in .accepted(after: .milliseconds(5)) }
        let program = try scene.start()
        try scene.expectDelivery(of: count / 4, by: program)
        try own.kill()
        try own.start()
        try scene.publish(count / 2..<count)
        try scene.expectDelivery(of: count - refused.count, to: [scene.crm], by: program)
        try scene.expectDelivery(of: count, to: [scene.erp], by: program)
        try scene.expectDeadLetters(refused.count)
        scene.stop(program)
        let crm = scene.deliveries(scene.crm, count: count)
        let erp = scene.deliveries(scene.erp, count: count)
        crm.expectComplete(except: refused)
        erp.expectComplete()
        for deliveries in [crm, erp] { deliveries.expectKeyOrder() }
        let letters = try scene.deadLetters().map { Payload.number(in: $0.value ?? [], from: 0) }
        #expect(Set(letters) == refused)
        try scene.expectCommittedToTheEnd()
        scene.report(
          "broker killed",
          "\(count) records, none lost, duplicates crm \(crm.duplicates) erp \(erp.duplicates), "
            + "dead letters twice \(letters.count - refused.count)")
      }
    }
  }
}
