import Testing

extension EndToEndTests {
  /// One API is down for a minute under load, and the other does not feel it.
  @Suite struct LongOutageTests {
    private static let perSecond = Scale.isFull ? 2_000 : 500
    private static let secondsBefore = Scale.isFull ? 15.0 : 1
    private static let secondsDown = Scale.isFull ? 60.0 : 2
    private static let secondsAfter = Scale.isFull ? 10.0 : 1
    /// The default, or short enough for a small run.
    private static let breaker = "breaker: { open_after: 20, for: \(Scale.isFull ? "30s" : "1s") }"

    enum Trouble: CaseIterable {
      case refusedConnections, hangs, status503, status401

      func begin(_ server: APIServer) {
        switch self {
        case .refusedConnections: server.set(.shut)
        case .hangs: server.answer { _ in .hang }
        case .status503: server.answer { _ in .status(503) }
        case .status401: server.answer { _ in .status(401) }
        }
      }

      func end(_ server: APIServer) {
        server.answer { _ in .accepted }
        server.set(.open)
      }
    }

    /// Records sent before, during and after the trouble: where each begins.
    private struct Phases {
      var before = 0
      var during = 0
      var after = 0
    }

    private func wishes(_ limits: String? = nil, timeout: String = "15s") -> Scene.Wishes {
      var wishes = Scene.Wishes()
      wishes.defaults = "{ timeout: \(timeout), \(Self.breaker) }"
      wishes.top = limits.map { ["limits: \($0)"] } ?? []
      return wishes
    }

    /// The program, once records flow.
    private func begin(_ scene: Scene, _ load: Load, _ wishes: Scene.Wishes) throws -> Program {
      let program = try scene.start(wishes)
      #expect(program.waitForLog("partitions assigned: 4"), "\(program.lastWords)")
      try scene.expectDelivery(of: load.count + Self.perSecond, by: program)
      return program
    }

    /// Everything, once, in order, at both; nothing given up.
    private func expectNoTrace(_ scene: Scene, count: Int) throws {
      for server in [scene.crm, scene.erp] {
        scene.deliveries(server, count: count).expectExactlyOnce()
        scene.deliveries(server, count: count).expectKeyOrder()
      }
      #expect(try scene.deadLetters().isEmpty)
      try scene.expectCommittedToTheEnd()
    }

    @Test(arguments: Trouble.allCases) func theOtherAPIDoesNotFeelIt(_ trouble: Trouble) throws {
      let secondsDown = trouble == .status401 ? Self.secondsDown / 2 : Self.secondsDown
      try Scene.play(keys: 1_000, isLong: true) { scene in
        let load = try Load(scene, perSecond: Self.perSecond)
        let program = try begin(
          scene, load,
          wishes(
            "{ in_flight_records: 200000, in_flight_bytes: 128MiB }",
            timeout: trouble != .hangs ? "15s" : Scale.isFull ? "5s" : "1s"))
        var phases = Phases()
        phases.before = load.count
        #expect(load.wait(seconds: Self.secondsBefore))
        phases.during = load.count
        trouble.begin(scene.erp)
        #expect(load.wait(seconds: secondsDown))
        let held = scene.crm.journal.read { $0.distinct } - scene.erp.journal.read { $0.distinct }
        phases.after = load.count
        trouble.end(scene.erp)
        let back = monotonicNanoseconds()
        #expect(load.wait(seconds: Self.secondsAfter))
        let count = try load.stop()
        try scene.expectDelivery(of: count, by: program)
        let caughtUp = Double(monotonicNanoseconds() - back) / 1e9
        let memory = program.peakMemory
        scene.stop(program)
        try expectNoTrace(scene, count: count)
        #expect(held >= Int(secondsDown * Double(Self.perSecond)) * 9 / 10)
        let figures = expectNoDelay(scene, load.sentAt, phases)
        let said = program.log.split(separator: "\n").filter { $0.contains("\"level\":\"error\"") }
        if trouble == .status401 { #expect(said.contains { $0.contains("401") }, "\(program.lastWords)") }
        scene.report(
          "\(trouble) for \(secondsDown) s",
          "\(count) records at \(Self.perSecond)/s, \(held) held at its end, all there \(caughtUp) s later; \(figures)"
            + "; peak memory \((memory ?? 0) >> 20) MiB; error lines: \(said.joined(separator: " "))")
      }
    }

    private func expectNoDelay(_ scene: Scene, _ sentAt: [UInt64], _ phases: Phases) -> String {
      let journal = scene.crm.journal.read { $0 }
      func latencies(_ numbers: Range<Int>) -> SlicedLatencies {
        SlicedLatencies(journal, sentAt: sentAt, numbers, perSecond: Self.perSecond)
      }
      let before = latencies(phases.before..<phases.during)
      let during = latencies(phases.during..<phases.after)
      #expect(before.all.count == phases.during - phases.before)
      #expect(during.all.count == phases.after - phases.during)
      #expect(during.isNoSlower(than: before), "\(before); \(during)")
      return "crm before: \(before); during: \(during); after: \(latencies(phases.after..<sentAt.count))"
    }

    /// The limits hold less than the outage brings: then nothing more is read, and that is said once.
    @Test func theBacklogStaysInKafkaAndTheLogSaysWhy() throws {
      let limit = Scale.isFull ? 10_000 : 1_000
      try Scene.play(keys: 1_000, isLong: true) { scene in
        let load = try Load(scene, perSecond: Self.perSecond)
        let program = try begin(scene, load, wishes(Scale.isFull ? nil : "{ in_flight_records: \(limit) }"))
        #expect(load.wait(seconds: Self.secondsBefore))
        let memoryBefore = program.peakMemory
        scene.erp.set(.shut)
        let down = load.count
        let isFull = "the limits are reached and no more is read: the topic has waited for erp for "
        #expect(program.waitForLog(isFull), "\(program.lastWords)")
        #expect(load.wait(until: down + Int(Self.secondsDown) * Self.perSecond))
        let atEnd = [scene.crm, scene.erp].map { server in server.journal.read { $0.distinct } }
        let memoryDown = program.peakMemory
        let sent = load.count
        let committed = try scene.broker.committed(scene.group, scene.topic, partitions: 4).reduce(0) { $0 + ($1 ?? 0) }
        #expect(atEnd[0] - atEnd[1] <= limit)
        // A record counts as settled in whatever order; what lies behind one that is not is no more than the limit.
        #expect(committed <= atEnd[1] && Int(committed) >= atEnd[1] - limit)
        scene.erp.set(.open)
        let goesOn = "it goes on after "
        #expect(program.waitForLog(goesOn), "\(program.lastWords)")
        let count = try load.stop()
        try scene.expectDelivery(of: count, by: program)
        let memory = program.peakMemory
        scene.stop(program)
        try expectNoTrace(scene, count: count)
        let log = program.log
        #expect(log.ranges(of: isFull).count == 1, "\(program.log)")
        #expect(log.ranges(of: goesOn).count == 1, "\(program.log)")
        // The default limit in bytes, which librdkafka's prefetch fits in too; the full backlog would take more.
        if let memory, let memoryBefore { #expect(memory - memoryBefore <= 64 << 20) }
        let lines = log.split(separator: "\n").filter { $0.contains(isFull) || $0.contains(goesOn) }
        scene.report(
          "limits reached",
          "\(count) records at \(Self.perSecond)/s, \(sent) sent when erp came back, crm had \(atEnd[0]), erp "
            + "\(atEnd[1]), committed \(committed); peak memory before \((memoryBefore ?? 0) >> 20), at the end of the "
            + "outage \((memoryDown ?? 0) >> 20), in the end \((memory ?? 0) >> 20) MiB\n\(lines.joined(separator: "\n"))"
        )
      }
    }
  }
}
