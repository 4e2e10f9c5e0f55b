import Testing

extension EndToEndTests {
  /// Several instances of one group.
  @Suite struct GroupTests {
    @Test func instancesShareThePartitionsAndTakeOver() throws {
      let count = Scale.small
      try Scene.play { scene in
        func slowDown(to delay: Duration) {
          for server in [scene.crm, scene.erp] { server.answer { _ in .accepted(after: delay) } }
        }
        func start(_ name: String) throws -> Program {
          var wishes = Scene.Wishes()
          wishes.sessionMilliseconds = 6_000
          wishes.crm = ["headers: { X-Instance: \(name) }"]
          return try scene.start(wishes)
        }
        let first = try start("first")
        #expect(first.waitForLog("partitions assigned: 4"), "\(first.lastWords)")
        // Work for longer than the group needs to make room for the second.
        slowDown(to: .milliseconds(100))
        try scene.publish(0..<count / 2)
        let second = try start("second")
        for program in [first, second] {
          #expect(program.waitForLog("partitions assigned: 2"), "\(program.lastWords)")
        }
        slowDown(to: .milliseconds(1))
        try scene.publish(count / 2..<count * 3 / 4)
        try scene.expectDelivery(of: count * 3 / 4, by: second)
        let names = scene.crm.journal.read { journal in
          Set(journal.exchanges.compactMap { $0.request.header("x-instance") })
        }
        #expect(names == ["first", "second"])

        scene.stop(first)
        #expect(second.waitForLog("partitions assigned: 4"), "\(second.lastWords)")
        try scene.publish(count * 3 / 4..<count)
        try scene.expectDelivery(of: count, by: second)
        scene.stop(second)
        for server in [scene.crm, scene.erp] {
          scene.deliveries(server, count: count).expectComplete()
          scene.deliveries(server, count: count).expectKeyOrder()
        }
        try scene.expectCommittedToTheEnd()
        let duplicates = [scene.crm, scene.erp].map { scene.deliveries($0, count: count).duplicates }
        // The embedded cluster takes no commit during a rebalance.
        if TestBroker.isReal { #expect(duplicates == [0, 0]) }
        scene.report(
          "two instances", "\(count) records, none lost, duplicates crm \(duplicates[0]) erp \(duplicates[1])")
      }
    }

    @Test func anInstanceThatIsKilledIsReplaced() throws {
      let count = Scale.small
      try Scene.play { scene in
        var wishes = Scene.Wishes()
        wishes.sessionMilliseconds = 6_000
        for server in [scene.crm, scene.erp] { server.answer { _ in .accepted(after: .milliseconds(20)) } }
        let first = try scene.start(wishes)
        #expect(first.waitForLog("partitions assigned: 4"), "\(first.lastWords)")
        let second = try scene.start(wishes)
        for program in [first, second] {
          #expect(program.waitForLog("partitions assigned: 2"), "\(program.lastWords)")
        }
        try scene.publish(0..<count)
        try scene.expectDelivery(of: count / 4, by: second)
        first.crash()
        try scene.expectDelivery(of: count, by: second)
        #expect(second.waitForLog("partitions assigned: 4"), "\(second.lastWords)")
        scene.stop(second)
        for server in [scene.crm, scene.erp] {
          scene.deliveries(server, count: count).expectComplete()
          scene.deliveries(server, count: count).expectKeyOrder()
        }
        try scene.expectCommittedToTheEnd()
        let duplicates = [scene.crm, scene.erp].map { scene.deliveries($0, count: count).duplicates }
        scene.report(
          "one of two killed", "\(count) records, none lost, duplicates crm \(duplicates[0]) erp \(duplicates[1])")
      }
    }

    @Test(.enabled(if: TestBroker.isReal, "needs TOPICTEE_TEST_KAFKA: the embedded cluster knows no static members"))
    func aSecondProcessOfTheSameIdFencesTheFirst() throws {
      try Scene.play { scene in
        var wishes = Scene.Wishes()
        wishes.kafka = ["instance_id: twin"]
        let first = try scene.start(wishes)
        #expect(first.waitForLog("partitions assigned: 4"), "\(first.lastWords)")
        let second = try scene.start(wishes)
        #expect(first.waitForEnd() == .exit(70), "\(first.lastWords)")
        #expect(first.log.contains("FENCED_INSTANCE_ID"), "\(first.lastWords)")
        try scene.publish(0..<100)
        try scene.expectDelivery(of: 100, by: second)
        scene.stop(second)
        for server in [scene.crm, scene.erp] { scene.deliveries(server, count: 100).expectExactlyOnce() }
        try scene.expectCommittedToTheEnd()
      }
    }

    @Test func manyStartsAndStopsLoseNothing() throws {
      let (count, rounds) = (Scale.small, TestBroker.isReal ? 8 : 2)
      try Scene.play { scene in
        for server in [scene.crm, scene.erp] { server.answer { _ in .accepted(after: .milliseconds(5)) } }
        for round in 0..<rounds {
          try scene.publish(count * round / rounds..<count * (round + 1) / rounds)
          let program = try scene.start()
          // At the very first sign of life, in the middle, or before anything.
          if round % 3 > 0 { try scene.expectDelivery(of: count * round / rounds / (3 - round % 3) + 1, by: program) }
          #expect(program.waitForLog("\"delivering"), "\(program.lastWords)")
          scene.stop(program)
        }
        let program = try scene.start()
        try scene.expectDelivery(of: count, by: program)
        scene.stop(program)
        for server in [scene.crm, scene.erp] {
          scene.deliveries(server, count: count).expectExactlyOnce()
          scene.deliveries(server, count: count).expectKeyOrder()
        }
        try scene.expectCommittedToTheEnd()
      }
    }
  }
}
