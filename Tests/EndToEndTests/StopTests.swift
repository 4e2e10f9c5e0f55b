import Testing

extension EndToEndTests {
  @Suite struct StopTests {
    /// SIGTERM under load, a second run, and no duplicate: what was begun is finished, the rest stays in Kafka.
    @Test(arguments: [15, 2] as [Int32]) func aCleanStopUnderLoadDuplicatesNothing(signal: Int32) throws {
      let count = Scale.small
      try Scene.play { scene in
        scene.crm.answer { _ in .accepted(after: .milliseconds(15)) }
        scene.erp.answer { _ in .accepted(after: .milliseconds(25)) }
        try scene.publish(0..<count)
        for eighth in 1...3 {
          let program = try scene.start()
          try scene.expectDelivery(of: count * eighth / 8, to: [scene.erp], by: program)
          if signal == 2 { program.interrupt() } else { program.terminate() }
          #expect(program.waitForEnd() == .exit(0), "\(program.lastWords)")
        }
        #expect(scene.erp.journal.read { $0.distinct } < count, "stopped under load")
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

    @Test func aStopWithNothingToDoIsQuick() throws {
      try Scene.play { scene in
        let program = try scene.start()
        #expect(program.waitForLog("partitions assigned: 4"), "\(program.lastWords)")
        let clock = ContinuousClock()
        let took = clock.measure { scene.stop(program) }
        #expect(took < .seconds(5))
        #expect(scene.crm.journal.read { $0.exchanges.isEmpty })
      }
    }

    /// A broker that takes a connection and says nothing would be waited for, and then be an error.
    @Test(arguments: [15, 2] as [Int32]) func aStopWhileTheBrokerIsSilentIsHeard(signal: Int32) throws {
      try Scene.play { scene in
        let (silent, port) = try Loopback.listen()
        defer { Loopback.close(silent) }
        let config = scene.config().replacing(scene.broker.address, with: "127.0.0.1:\(port)")
        let program = try scene.run(config)
        #expect(Loopback.waitForConnection(silent, seconds: 60))
        if signal == 2 { program.interrupt() } else { program.terminate() }
        #expect(program.waitForEnd() == .exit(0), "\(program.lastWords)")
        program.end()
        #expect(program.log.contains("stopped before anything was read"), "\(program.lastWords)")
      }
    }

    /// The library's threads are in OpenSSL while the process ends: that it does not fall over them shows only often.
    @Test func aStopInTheMiddleOfAHandshakeIsClean() throws {
      try Scene.play { scene in
        let (silent, port) = try Loopback.listen()
        defer { Loopback.close(silent) }
        let config = scene.config().replacing(scene.broker.address, with: "127.0.0.1:\(port)")
          .replacing("kafka:\n", with: "kafka:\n  tls: {ca: /}\n")
        for _ in 0..<40 {
          let program = try scene.run(config)
          #expect(Loopback.waitForConnection(silent, seconds: 60))
          program.terminate()
          #expect(program.waitForEnd() == .exit(0), "\(program.lastWords)")
          program.end()
          while let taken = Loopback.accept(from: silent) { Loopback.close(taken) }
        }
      }
    }

    @Test(arguments: [(15, 143), (2, 130)] as [(Int32, Int32)])
    func aSecondSignalEndsAtOnce(signal: Int32, code: Int32) throws {
      try Scene.play { scene in
        scene.erp.answer { _ in .hang }
        try scene.publish(0..<100)
        let program = try scene.start()
        #expect(scene.erp.wait(seconds: 60) { $0.open > 0 }, "\(program.lastWords)")
        func send() { if signal == 2 { program.interrupt() } else { program.terminate() } }
        send()
        #expect(program.waitForLog("draining"), "\(program.lastWords)")
        let clock = ContinuousClock()
        let took = clock.measure {
          send()
          #expect(program.waitForEnd() == .exit(code), "\(program.lastWords)")
        }
        #expect(took < .seconds(5))
      }
    }

    /// What was in flight is delivered again by the next run, and nothing is lost.
    @Test func aDrainThatTakesTooLongIsCutShort() throws {
      try Scene.play { scene in
        scene.erp.answer { _ in .hang }
        try scene.publish(0..<300)
        var wishes = Scene.Wishes()
        wishes.top = ["drain: 1s"]
        let first = try scene.start(wishes)
        try scene.expectDelivery(of: 300, to: [scene.crm], by: first)
        let clock = ContinuousClock()
        let took = clock.measure {
          first.terminate()
          #expect(first.waitForEnd() == .exit(75), "\(first.lastWords)")
        }
        #expect(took >= .milliseconds(900) && took < .seconds(12))
        #expect(scene.erp.journal.read { $0.accepted } == 0)
        scene.erp.answer { _ in .accepted }
        let second = try scene.start(wishes)
        try scene.expectDelivery(of: 300, by: second)
        scene.stop(second)
        for server in [scene.crm, scene.erp] { scene.deliveries(server, count: 300).expectComplete() }
        #expect(scene.deliveries(scene.erp, count: 300).duplicates == 0)
        try scene.expectCommittedToTheEnd()
      }
    }
  }
}
