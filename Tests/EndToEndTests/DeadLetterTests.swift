import FanOut
import Foundation
import Kafka
import Testing

extension EndToEndTests {
  @Suite struct DeadLetterTests {
    private static let prefix = "topictee.dlq."

    /// Headers as a publisher may set them: equal names, an empty one, an empty and a null value.
    private static func headers(_ number: Int) -> [OutgoingHeader] {
      [
        OutgoingHeader(name: "trace", value: Array("t-\(number)".utf8)),
        OutgoingHeader(name: "trace", value: [0, 255, 10]),
        OutgoingHeader(name: "", value: [1]), OutgoingHeader(name: "empty", value: []),
        OutgoingHeader(name: "null", value: nil),
      ]
    }

    @Test func whatOneAPIRefusesIsDeadLetteredForItAlone() throws {
      let count = Scale.bounded
      let refused = Set((0..<count).filter { $0 % 100 == 7 })
      try Scene.play(keys: count >= 50_000 ? 1_000 : 100) { scene in
        scene.crm.answer { request in
          switch request.number % 100 {
          case 7: .status(400, body: "{\"error\":\"no customer \(request.number)\"}")
          case 13 where request.attempt == 1: .status(500)
          default: .accepted
          }
        }
        let began = Date()
        let clock = ContinuousClock()
        try scene.publish(0..<count, headers: Self.headers)
        let delivering = try clock.measure {
          let program = try scene.start()
          try scene.expectDelivery(of: count - refused.count, to: [scene.crm], by: program)
          try scene.expectDelivery(of: count, to: [scene.erp], by: program)
          try scene.expectDeadLetters(refused.count)
          scene.stop(program)
        }
        let crm = scene.deliveries(scene.crm, count: count)
        crm.expectExactlyOnce(except: refused)
        crm.expectKeyOrder()
        #expect((0..<count).allSatisfy { crm.journal.attemptCount($0) == ($0 % 100 == 13 ? 2 : 1) })
        let erp = scene.deliveries(scene.erp, count: count)
        erp.expectExactlyOnce()
        erp.expectKeyOrder()
        #expect(erp.journal.exchanges.count == count)
        try scene.expectCommittedToTheEnd()

        let letters = try scene.deadLetters()
        #expect(letters.count == refused.count)
        #expect(Set(letters.map { Payload.number(in: $0.value ?? [], from: 0) }) == refused)
        let sources = try scene.broker.readAll(scene.topic, partitions: scene.partitions)
        for letter in letters { try Self.check(letter, against: sources, from: scene, began: began) }
        scene.report(
          "dead letters", "\(count) records, \(letters.count) dead letters, \(delivering) with start and stop")
      }
    }

    /// The original byte for byte, and the contract's headers behind its own.
    private static func check(
      _ letter: StoredRecord, against sources: [StoredRecord], from scene: Scene, began: Date
    ) throws {
      let number = Payload.number(in: letter.value ?? [], from: 0)
      func own(_ name: String) -> String? { letter.header(prefix + name) }
      let partition = try #require(own("partition").flatMap { Int32($0) })
      let offset = try #require(own("offset").flatMap { Int64($0) })
      let source = try #require(sources.first { $0.partition == partition && $0.offset == offset })
      #expect(letter.key == source.key && letter.value == source.value)
      #expect(letter.value == scene.payload.value(number))
      let added = letter.headers.filter { $0.name.hasPrefix(prefix) }
      #expect(letter.headers == source.headers + added)
      #expect(source.headers.map { OutgoingHeader(name: $0.name, value: $0.value) } == headers(number))
      #expect(
        Set(added.map { String($0.name.dropFirst(prefix.count)) }) == [
          "id", "topic", "partition", "offset", "timestamp", "destination", "reason", "status", "error", "attempts",
          "first_attempt_at", "failed_at", "redrives", "response",
        ])
      #expect(added.count == 14)
      #expect(own("id")?.isEmpty == false)
      #expect(own("topic") == scene.topic)
      #expect(own("timestamp") == "\(source.timestamp)")
      #expect(own("destination") == "crm" && own("reason") == "rejected" && own("status") == "400")
      #expect(own("attempts") == "1" && own("redrives") == "0")
      #expect(own("error")?.contains("400") == true)
      #expect(own("response") == "{\"error\":\"no customer \(number)\"}")
      let first = try #require(own("first_attempt_at").flatMap(time))
      let failed = try #require(own("failed_at").flatMap(time))
      // Whole milliseconds, and the clock that is read may be a coarse one.
      #expect(began.addingTimeInterval(-0.1) <= first && first <= failed && failed <= Date().addingTimeInterval(0.1))
    }

    private static func time(_ text: String) -> Date? {
      try? Date(
        text,
        strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
    }

    @Test func idsOfDeadLettersAreDifferent() throws {
      try Scene.play(deadPartitions: 3) { scene in
        for server in [scene.crm, scene.erp] { server.answer { _ in .status(422) } }
        try scene.publish(0..<200)
        let program = try scene.start()
        for server in [scene.crm, scene.erp] {
          #expect(server.wait(seconds: Scale.patience(200)) { $0.exchanges.count == 200 }, "\(program.lastWords)")
        }
        try scene.expectDeadLetters(400, partitions: 3)
        scene.stop(program)
        let letters = try scene.deadLetters(partitions: 3)
        #expect(letters.count == 400)
        #expect(Set(letters.compactMap { $0.header("topictee.dlq.id") }).count == 400)
        for name in ["crm", "erp"] {
          let own = letters.filter { $0.header("topictee.dlq.destination") == name }
          #expect(Set(own.map { Payload.number(in: $0.value ?? [], from: 0) }).count == 200)
        }
        try scene.expectCommittedToTheEnd()
      }
    }

    /// One line a second at most, and none uncounted.
    @Test func theLogCountsEachDeadLetter() throws {
      try Scene.play(partitions: 1) { scene in
        scene.crm.answer { _ in .status(422) }
        try scene.publish(0..<60)
        let program = try scene.start()
        try scene.expectDelivery(of: 60, to: [scene.erp], by: program)
        try scene.expectDeadLetters(60)
        scene.stop(program)
        let lines = program.log.split(separator: "\n").filter { $0.contains("dead letter: rejected: ") }
        let told = lines.map { 1 + ($0.firstMatch(of: /\(and (\d+) more/).flatMap { Int($0.1) } ?? 0) }
        #expect(told.reduce(0, +) == 60 && told.count > 1 && told.count < 60, "\(told)")
      }
    }

    @Test func responsesStayOutWhereTheyAreNotWanted() throws {
      try Scene.play { scene in
        scene.crm.answer { _ in .status(400, body: "a secret") }
        try scene.publish(0..<1)
        let text = scene.config() + "  response_excerpt: 0\n"
        let program = try scene.run(text)
        try scene.expectDelivery(of: 1, to: [scene.erp], by: program)
        try scene.expectDeadLetters(1)
        scene.stop(program)
        let letter = try #require(try scene.deadLetters().first)
        #expect(letter.header("topictee.dlq.response") == nil)
        #expect(letter.header("topictee.dlq.status") == "400")
        #expect(
          !letter.headers.contains { $0.value.map { String(decoding: $0, as: UTF8.self) }?.contains("secret") == true })
        #expect(!program.log.contains("secret"))
      }
    }

    /// Kafka's default limit: each keeps as much of the record as it takes.
    @Test(.enabled(if: OwnBroker.isAvailable, "needs TOPICTEE_TEST_KAFKA_TOOL: the source topic must take more"))
    func whatIsTooLargeForTheTopicLosesAsLittleAsItTakes() throws {
      let own = try OwnBroker(settings: "message.max.bytes=8388608")
      defer { own.end() }
      try Scene.play(own.broker, partitions: 1) { scene in
        scene.crm.answer { _ in .status(400) }
        let limit = ["--add-config", "max.message.bytes=1048588"]
        try own.admin("configs", ["--alter", "--entity-type", "topics", "--entity-name", scene.dead] + limit)
        let trace = OutgoingHeader(name: "trace", value: Array("t-1".utf8))
        let many = (0..<50).map { OutgoingHeader(name: "h\($0)", value: [UInt8](repeating: 104, count: 30_000)) }
        let large = [UInt8](repeating: 118, count: 2 << 20)
        let writer = try TopicWriter(scene.broker.address, scene.topic)
        try writer.send(key: [107], value: large, headers: [trace])
        try writer.send(key: [107], value: [123, 125], headers: many)
        try writer.send(key: large, value: [123, 125], headers: [trace])
        try writer.send(key: [107], value: large, headers: many)
        try writer.finish()
        let program = try scene.start()
        try scene.expectDeadLetters(4)
        scene.stop(program)
        try scene.expectCommittedToTheEnd()
        let letters = try scene.deadLetters().sorted {
          Int($0.header("topictee.dlq.offset") ?? "") ?? 0 < Int($1.header("topictee.dlq.offset") ?? "") ?? 0
        }
        #expect(letters.map(\.key) == [[107], [107], nil, [107]])
        #expect(letters.map(\.value) == [nil, [123, 125], [123, 125], nil])
        #expect(letters.map { $0.header("trace") } == ["t-1", nil, "t-1", nil])
        func told(_ name: String) -> [String?] { letters.map { $0.header("topictee.dlq." + name) } }
        #expect(told("value_length") == ["2097152", nil, nil, "2097152"])
        #expect(told("key_length") == [nil, nil, "2097152", nil])
        #expect(told("headers_dropped") == [nil, "50", nil, "50"])
        #expect(told("reason") == Array(repeating: "rejected", count: 4))
        #expect(program.log.contains("offset 3 is written without its value and headers"))
      }
    }
  }
}
