import FanOut
import Testing

extension EndToEndTests {
  @Suite struct OrderTests {
    private static let count = 300

    /// The first record hangs at `erp` until all that may overtake it has done so.
    @Test(arguments: ["key", "partition", "none"]) func aRecordHoldsUpWhatTheOrderSays(_ order: String) throws {
      let count = Self.count
      try Scene.play(partitions: 1, keys: 10) { scene in
        let isReleased = Watched(false)
        scene.erp.answer { $0.number == 0 && !isReleased.read { $0 } ? .hang : .accepted }
        try scene.publish(0..<count)
        var wishes = Scene.Wishes()
        wishes.top = ["order: \(order)"]
        wishes.defaults = "{ timeout: 300ms, retry: { attempts: 100, backoff: 10ms..50ms } }"
        let program = try scene.start(wishes)
        let overtakers = order == "key" ? count - count / 10 : order == "none" ? count - 1 : 0
        try scene.expectDelivery(of: count, to: [scene.crm], by: program)
        try scene.expectDelivery(of: overtakers, to: [scene.erp], by: program)
        // Time enough for what must not come: the hanging one is tried twice more.
        #expect(scene.erp.wait(seconds: 60) { $0.attemptCount(0) >= 3 }, "\(program.lastWords)")
        let overtook = scene.erp.journal.read { journal in (0..<count).filter { journal.attemptCount($0) > 0 } }
        switch order {
        case "key": #expect(overtook == (0..<count).filter { $0 == 0 || $0 % 10 != 0 })
        case "partition": #expect(overtook == [0])
        default: #expect(overtook == Array(0..<count))
        }
        isReleased.change { $0 = true }
        try scene.expectDelivery(of: count, by: program)
        scene.stop(program)
        for server in [scene.crm, scene.erp] { scene.deliveries(server, count: count).expectExactlyOnce() }
        try scene.expectCommittedToTheEnd()
      }
    }

    /// One request at a time for each partition, in the order of the log, failures and refusals among them.
    @Test func orderPartitionIsTheOrderOfTheLog() throws {
      let count = Self.count
      try Scene.play(partitions: 1, keys: 10) { scene in
        scene.erp.answer { request in
          switch request.number % 50 {
          case 9: .status(400)
          case 11 where request.attempt < 3: .status(500)
          case 12 where request.attempt == 1: .reset
          default: .accepted(after: .milliseconds(1))
          }
        }
        try scene.publish(0..<count)
        var wishes = Scene.Wishes()
        wishes.top = ["order: partition"]
        let program = try scene.start(wishes)
        try scene.expectDelivery(of: count, to: [scene.crm], by: program)
        try scene.expectDelivery(of: count - count / 50, to: [scene.erp], by: program)
        try scene.expectDeadLetters(count / 50)
        scene.stop(program)
        for server in [scene.crm, scene.erp] {
          let journal = server.journal.read { $0 }
          let numbers = journal.exchanges.map(\.request.number)
          #expect(numbers == numbers.sorted())
          #expect(Set(numbers) == Set(0..<count))
          #expect(journal.openMax == 1)
        }
        #expect(try scene.deadLetters().count == count / 50)
        try scene.expectCommittedToTheEnd()
      }
    }

    /// With order `none` records of one key are in flight together.
    @Test func orderNoneWaitsForNothing() throws {
      let count = Self.count
      try Scene.play(partitions: 1, keys: 1) { scene in
        for server in [scene.crm, scene.erp] { server.answer { _ in .accepted(after: .milliseconds(50)) } }
        try scene.publish(0..<count)
        var wishes = Scene.Wishes()
        wishes.top = ["order: none"]
        let program = try scene.start(wishes)
        try scene.expectDelivery(of: count, by: program)
        scene.stop(program)
        for server in [scene.crm, scene.erp] {
          scene.deliveries(server, count: count).expectExactlyOnce()
          #expect(server.journal.read { $0.openMax } > 8)
        }
        try scene.expectCommittedToTheEnd()
      }
    }
  }
}
