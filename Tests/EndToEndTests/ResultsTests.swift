import FanOut
import Foundation
import Testing

extension EndToEndTests {
  /// The results topic: a row for each record, before its offset is committed.
  @Suite struct ResultsTests {
    private struct Row: Decodable {
      struct Column: Decodable {
        let outcome: String
        let reason: String?
        let status: Int?
        let attempts: Int?
        let duration_ms: Double?
        let body: String?
      }
      let topic: String
      let partition: Int32
      let offset: Int64
      let timestamp: Int64
      let key: String?
      let destinations: [String: Column]
    }

    private func rows(_ scene: Scene, atLeast count: Int = 0) throws -> [(stored: StoredRecord, row: Row)] {
      try scene.broker.readAll(scene.results, partitions: 2, atLeast: count).map { record in
        (record, try JSONDecoder().decode(Row.self, from: Data(record.value ?? [])))
      }
    }

    private func wishes(_ keep: String = "{ crm: { body: .id } }") -> (Scene) -> Scene.Wishes {
      { scene in
        var wishes = Scene.Wishes()
        wishes.top = ["results: { topic: \(scene.results), keep: \(keep) }"]
        return wishes
      }
    }

    @Test func everyRecordHasARowThatSaysWhatBecameOfIt() throws {
      let count = Scale.small
      let refused = Set((0..<count).filter { $0 % 50 == 7 })
      try Scene.play { scene in
        try scene.broker.createTopic(scene.results, partitions: 2)
        scene.crm.answer { request in
          if request.number % 50 == 7 { return .status(400, body: "no such customer") }
          if request.number % 50 == 13, request.attempt == 1 { return .status(500) }
          return .response(201, headers: ["Content-Type: application/json"], body: "{\"id\":\"A-\(request.number)\"}")
        }
        try scene.publish(0..<count)
        let program = try scene.start(wishes()(scene))
        try scene.expectDelivery(of: count, to: [scene.erp], by: program)
        let rows = try rows(scene, atLeast: count)
        scene.stop(program)
        try scene.expectCommittedToTheEnd()
        #expect(rows.count == count, "each once")
        let sources = try scene.broker.readAll(scene.topic, partitions: scene.partitions)
        for (stored, row) in rows {
          let source = try #require(sources.first { $0.partition == row.partition && $0.offset == row.offset })
          let number = Payload.number(in: source.value ?? [], from: 0)
          #expect(row.topic == scene.topic && row.timestamp == source.timestamp)
          #expect(stored.key == source.key && row.key.map { Array($0.utf8) } == source.key)
          let (crm, erp) = (try #require(row.destinations["crm"]), try #require(row.destinations["erp"]))
          #expect(erp.outcome == "delivered" && erp.attempts == 1 && erp.body == nil && erp.duration_ms ?? -1 >= 0)
          if refused.contains(number) {
            #expect(crm.outcome == "dead_lettered" && crm.reason == "rejected" && crm.status == 400)
            #expect(crm.attempts == 1 && crm.body == nil, "a body that is no object has no .id")
          } else {
            #expect(crm.outcome == "delivered" && crm.reason == nil && crm.status == 201 && crm.body == "A-\(number)")
            #expect(crm.attempts == (number % 50 == 13 ? 2 : 1))
          }
        }
        #expect(Set(rows.map { "\($0.row.partition) \($0.row.offset)" }).count == count)
        #expect(program.log.contains("results.keep: null stands in"), "what could not be kept is counted")
      }
    }

    /// As Elasticsearch's bulk API: 200, and a status for each item.
    @Test func inABatchEachRecordHasItsOwnStatus() throws {
      let count = 200
      try Scene.play { scene in
        try scene.broker.createTopic(scene.results, partitions: 2)
        scene.crm.answer { request in
          // A record a line.
          let lines = request.body.split(separator: 10).map { Payload.number(in: Array($0), from: 0) }
          let items = lines.map { "{\"_id\":\"\($0)\",\"status\":\($0 % 20 == 3 ? 400 : 201)}" }
          return .response(200, headers: [], body: "{\"items\":[\(items.joined(separator: ","))]}")
        }
        try scene.publish(0..<count)
        var wishes = wishes("{ crm: { body: ._id } }")(scene)
        wishes.crm = ["batch: { records: 20, wait: 20ms, results: { path: items } }"]
        let program = try scene.start(wishes)
        let rows = try rows(scene, atLeast: count)
        scene.stop(program)
        try scene.expectCommittedToTheEnd()
        let sources = try scene.broker.readAll(scene.topic, partitions: scene.partitions)
        for (_, row) in rows {
          let source = try #require(sources.first { $0.partition == row.partition && $0.offset == row.offset })
          let number = Payload.number(in: source.value ?? [], from: 0)
          let crm = try #require(row.destinations["crm"])
          #expect(crm.status == (number % 20 == 3 ? 400 : 201) && crm.body == "\(number)")
          #expect(crm.outcome == (number % 20 == 3 ? "dead_lettered" : "delivered"))
        }
        #expect(rows.count == count)
      }
    }

    /// What is below a committed offset has its row, whenever the process ends.
    @Test func killedAtAnyTimeItHasWrittenTheRowsOfWhatIsCommitted() throws {
      let (count, kills) = (Scale.small, Scale.kills)
      try Scene.play { scene in
        try scene.broker.createTopic(scene.results, partitions: 2)
        scene.crm.answer { _ in .accepted(after: .milliseconds(5)) }
        var wishes = wishes("{ crm: { status: false } }")(scene)
        if TestBroker.isReal { wishes.kafka = ["instance_id: only"] }
        wishes.sessionMilliseconds = 6_000
        try scene.publish(0..<count)
        var random = SeededRandom(seed: 11)
        for round in 1...kills {
          let program = try scene.start(wishes)
          let seen = Int.random(in: count * (round - 1) / kills..<count * round / kills, using: &random) + 1
          try scene.expectDelivery(of: seen, to: [scene.erp], by: program)
          program.crash()
          #expect(program.waitForEnd() == .signal(9))
          try expectRowsBelowTheCommit(scene)
        }
        let program = try scene.start(wishes)
        try scene.expectDelivery(of: count, by: program)
        _ = try rows(scene, atLeast: count)
        scene.stop(program)
        try scene.expectCommittedToTheEnd()
        try expectRowsBelowTheCommit(scene)
        let rows = try rows(scene)
        #expect(rows.allSatisfy { $0.row.destinations["crm"]?.status == nil }, "not asked for")
        scene.report("results", "\(count) records, \(kills) kills, \(rows.count) rows")
      }
    }

    private func expectRowsBelowTheCommit(_ scene: Scene) throws {
      // In this order: what is written meanwhile is no excuse.
      let committed = try scene.broker.committed(scene.group, scene.topic, partitions: scene.partitions)
      var offsets: [Int32: Set<Int64>] = [:]
      for (_, row) in try rows(scene) { offsets[row.partition, default: []].insert(row.offset) }
      for (partition, end) in committed.enumerated() {
        let missing = (0..<(end ?? 0)).filter { offsets[Int32(partition)]?.contains($0) != true }
        #expect(missing.isEmpty, "partition \(partition), of \(end ?? 0)")
      }
    }

    @Test func theCommandShowsThemAsATable() throws {
      try Scene.play(partitions: 1, keys: 3) { scene in
        try scene.broker.createTopic(scene.results, partitions: 1)
        scene.crm.answer { request in
          request.number == 1
            ? .status(422, body: "{\"id\":\"a,\\\"b\"}")
            : .response(201, headers: [], body: "{\"id\":\(request.number)}")
        }
        try scene.publish(0..<3)
        let config = scene.config(wishes("{ crm: { body: .id }, erp: { status: false } }")(scene))
        let program = try scene.run(config)
        _ = try scene.broker.readAll(scene.results, partitions: 1, atLeast: 3)
        scene.stop(program)
        let path = try scene.file("results.yaml", config)
        func lines(_ words: [String]) throws -> [String] {
          let run = try Program.run(["results", path] + words)
          #expect(run.ending == .exit(0) && run.errors.isEmpty, "\(run.errors)")
          return run.output.split(whereSeparator: \.isNewline).map(String.init)
        }
        let table = try lines([])
        #expect(table.first == "Key      | crm                             | erp")
        #expect(
          Set(table.dropFirst()) == [
            "key-0000 | 201 0                           | delivered",
            "key-0001 | dead-lettered rejected 422 a,\"b | delivered",
            "key-0002 | 201 2                           | delivered",
          ])
        let csv = try lines(["--csv"])
        #expect(csv.count == 4 && csv[0].hasPrefix("topic,partition,offset,timestamp,key,crm,crm_reason,crm_status"))
        #expect(csv.contains { $0.contains(",key-0001,dead_lettered,rejected,422,1,") && $0.contains("\"a,\"\"b\"") })
        let json = try lines(["--json"])
        let stored = try scene.broker.readAll(scene.results, partitions: 1)
        #expect(json == stored.map { String(decoding: $0.value ?? [], as: UTF8.self) })
        // The embedded cluster knows no offset of a time.
        if TestBroker.isReal { #expect(try lines(["--since", "2h"]) == table) }
        #expect(try lines(["--since", "2300-01-01T00:00:00Z"]) == ["Key | crm | erp"])
        #expect(try lines(["--since", "2300-01-01T00:00:00Z", "--json"]).isEmpty)
      }
    }

    @Test func aFollowerSeesWhatComes() throws {
      try Scene.play(partitions: 1) { scene in
        try scene.broker.createTopic(scene.results, partitions: 1)
        let config = scene.config(wishes("{ crm: { body: .id } }")(scene))
        let path = try scene.file("follow.yaml", config)
        let follower = try Program(["results", path, "--follow", "--json"])
        defer { follower.end() }
        try scene.publish(0..<5)
        let program = try scene.run(config)
        #expect(follower.waitForOutput("\"offset\":4"), "\(follower.log)")
        scene.stop(program)
      }
    }

    @Test(.enabled(if: OwnBroker.isAvailable, "needs TOPICTEE_TEST_KAFKA_TOOL: the broker must know who may write"))
    func rowsThatCannotBeWrittenHoldTheCommit() throws {
      let own = try OwnBroker(settings: "super.users=User:nobody")
      defer { own.end() }
      try Scene.play(own.broker) { scene in
        try scene.broker.createTopic(scene.results, partitions: 2)
        func committed() throws -> Int64 {
          try scene.broker.committed(scene.group, scene.topic, partitions: scene.partitions).reduce(0) {
            $0 + ($1 ?? 0)
          }
        }
        try scene.publish(0..<50)
        let program = try scene.start(wishes()(scene))
        #expect(try rows(scene, atLeast: 50).count == 50)
        // Where somebody may do something, others may do nothing.
        let place = ["--topic", scene.results, "--force"]
        let rights = ["--allow-principal", "User:ANONYMOUS", "--operation", "Describe", "--operation", "Read"]
        try own.admin("acls", place + ["--add"] + rights)
        try scene.publish(50..<100)
        try scene.expectDelivery(of: 100, by: program)
        #expect(program.waitForLog("a results row could not be written: TOPIC_AUTHORIZATION_FAILED", times: 2))
        #expect(try committed() <= 50)
        #expect(try rows(scene).count == 50)
        try own.admin("acls", place + ["--remove"] + rights)
        #expect(try rows(scene, atLeast: 100).count == 100)
        scene.stop(program)
        try scene.expectCommittedToTheEnd()
        #expect(scene.deliveries(scene.crm, count: 100).duplicates == 0, "the deliveries are not made again")
      }
    }

    @Test(.enabled(if: TestBroker.isReal, TestBroker.makesTopics)) func theTopicMustBeThere() throws {
      try Scene.play { scene in
        try scene.publish(0..<10)
        let program = try scene.start(wishes()(scene))
        #expect(program.waitForEnd(seconds: 30) == .exit(69), "\(program.lastWords)")
        #expect(program.log.contains("results.topic: \(scene.results)") && program.log.contains("create it first"))
        #expect(scene.crm.journal.read { $0.exchanges.isEmpty })
      }
    }

    /// The key stands in a row twice: in the row of a long one its hash does.
    @Test(.enabled(if: TestBroker.isReal, TestBroker.takesAnySize)) func aRowThatIsTooLargeIsWrittenSmaller() throws {
      try Scene.play(partitions: 1) { scene in
        try scene.broker.createTopic(scene.results, partitions: 1)
        let writer = try TopicWriter(scene.broker.address, scene.topic)
        try writer.send(key: Array(repeating: UInt8(ascii: "k"), count: 600_000), value: scene.payload.value(0))
        try writer.send(key: scene.payload.key(1), value: scene.payload.value(1))
        try writer.finish()
        let program = try scene.start(wishes()(scene))
        let rows = try scene.broker.readAll(scene.results, partitions: 1, atLeast: 2)
        scene.stop(program)
        try scene.expectCommittedToTheEnd()
        let texts = rows.map { String(decoding: $0.value ?? [], as: UTF8.self) }
        #expect(texts.filter { $0.contains("\"key_length\":600000") && $0.contains("\"key_sha256\":\"") }.count == 1)
        #expect(texts.filter { $0.contains("\"key\":\"key-0001\"") }.count == 1)
        #expect(program.log.contains("too large for its topic"))
      }
    }
  }
}
