import FanOut
import Testing

extension EndToEndTests {
  /// Instances come and go under load.
  @Suite struct MembershipTests {
    private static let perSecond = Scale.isFull ? 2_000 : 300
    private static let changes = Scale.isFull ? 20 : 4
    private static let partitions = 6

    /// Up to three; each change starts one or ends one cleanly, never the last.
    @Test(
      .enabled(
        if: TestBroker.isReal, "needs TOPICTEE_TEST_KAFKA: rebalances of the embedded cluster bring duplicates"))
    func instancesThatJoinAndLeaveLoseNothing() throws {
      try Scene.play(partitions: Self.partitions, keys: 1_000, isLong: true) { scene in
        // So that there is something in flight whenever a partition goes.
        for server in [scene.crm, scene.erp] { server.answer { _ in .accepted(after: .milliseconds(10)) } }
        var wishes = Scene.Wishes()
        wishes.sessionMilliseconds = 6_000
        let load = try Load(scene, perSecond: Self.perSecond)
        var members = [try scene.start(wishes)]
        #expect(members[0].waitForLog("partitions assigned: \(Self.partitions)"), "\(members[0].lastWords)")
        var random = SeededRandom(seed: 6)
        var (joins, leaves, inFlight) = (0, 0, [Int]())
        for _ in 0..<Self.changes {
          let isJoin = members.count == 1 || members.count == 2 && Bool.random(using: &random)
          inFlight.append([scene.crm, scene.erp].reduce(0) { $0 + $1.journal.read { $0.open } })
          if isJoin {
            joins += 1
            members.append(try scene.start(wishes))
          } else {
            leaves += 1
            scene.stop(members.remove(at: Int.random(in: 0..<members.count, using: &random)))
          }
          try expectAShareEach(scene, members)
        }
        let count = try load.stop()
        try scene.expectDelivery(of: count, by: members[0])
        for member in members { scene.stop(member) }
        let all = [scene.crm, scene.erp].map { scene.deliveries($0, count: count) }
        for deliveries in all {
          deliveries.expectComplete()
          deliveries.expectKeyOrder()
        }
        #expect(try scene.deadLetters().isEmpty)
        try scene.expectCommittedToTheEnd()
        // Whoever loses a partition finishes what is in flight and commits before it lets go.
        #expect(all.allSatisfy { $0.duplicates == 0 })
        scene.report(
          "joining and leaving",
          "\(count) records, \(joins) joins, \(leaves) leaves, none lost, duplicates crm \(all[0].duplicates) erp "
            + "\(all[1].duplicates); in flight at the changes \(inFlight)")
      }
    }

    /// Waits until each has its share and all that was sent till then has arrived.
    private func expectAShareEach(_ scene: Scene, _ members: [Program]) throws {
      let share = Self.partitions / members.count
      for member in members {
        #expect(member.waitForPartitions(share), "\(members.count) members; \(member.lastWords)")
      }
      let seen = scene.crm.journal.read { $0.distinct }
      try scene.expectDelivery(of: seen + Self.perSecond, by: members[0])
    }
  }
}
