import FanOut
import Kafka
import Testing

extension EndToEndTests {
  /// Records and responses that jq programs have trouble with. `crm` has the programs, `erp` none.
  @Suite struct OddBodyTests {
    struct Odd: Sendable {
      let value: [UInt8]?
      /// What `crm` gets; nil: nothing, and a dead letter says why.
      let body: String?
      init(_ value: String?, _ body: String?) { (self.value, self.body) = (value.map { Array($0.utf8) }, body) }
      init(bytes: [UInt8]) { (value, body) = (bytes, nil) }
    }

    private static let program =
      "body: { jq: 'if .value == null then {gone: .key} else .value + {seen: .offset} end' }"

    static let all: [Odd] = [
      Odd("{\"a\": 1}", "{\"a\":1,\"seen\":0}"), Odd(nil, "{\"gone\":\"k\"}"), Odd("null", "{\"gone\":\"k\"}"),
      Odd("", nil), Odd("not JSON", nil), Odd("{\"a\": 1} trailing", nil), Odd("[1]", nil), Odd("{\"a\": 1e400}", nil),
      Odd("{\"a\": \"\\ud800\"}", nil), Odd(bytes: Array("{\"a\": \"".utf8) + [0xff] + Array("\"}".utf8)),
      Odd("{\"a\": \(String(repeating: "[", count: 200))\(String(repeating: "]", count: 200))}", nil),
      Odd("{\"z\": \"\u{1F600}\", \"a\": null}", "{\"z\":\"\u{1F600}\",\"a\":null,\"seen\":11}"),
    ]

    @Test func whatHasNoBodyIsADeadLetterAndTheOthersGoOn() throws {
      try Scene.play(partitions: 1) { scene in
        let writer = try TopicWriter(scene.broker.address, scene.topic)
        for one in Self.all { try writer.send(key: Array("k".utf8), value: one.value) }
        try writer.finish()
        var wishes = Scene.Wishes()
        wishes.crm = [Self.program]
        let program = try scene.start(wishes)
        let bodies = Self.all.compactMap(\.body)
        #expect(scene.crm.wait(seconds: 60) { $0.accepted == bodies.count }, "\(program.lastWords)")
        #expect(scene.erp.wait(seconds: 60) { $0.accepted == Self.all.count }, "\(program.lastWords)")
        let bad = Self.all.filter { $0.body == nil }
        try scene.expectDeadLetters(bad.count)
        scene.stop(program)
        let requests = scene.crm.journal.read { $0.exchanges.map(\.request) }
        #expect(requests.map { String(decoding: $0.body, as: UTF8.self) } == bodies)
        #expect(requests.allSatisfy { $0.header("content-type") == "application/json" })
        #expect(scene.erp.journal.read { $0.exchanges.map(\.request.body) } == Self.all.map { $0.value ?? [] })
        let letters = try scene.deadLetters()
        #expect(letters.map(\.value) == bad.map(\.value))
        for letter in letters {
          #expect(letter.header("topictee.dlq.reason") == "template" && letter.header("topictee.dlq.attempts") == "0")
          #expect(letter.header("topictee.dlq.error")?.hasPrefix("body.jq: ") == true)
          #expect(letter.header("topictee.dlq.destination") == "crm")
        }
        try scene.expectCommittedToTheEnd()
      }
    }

    /// The embedded cluster keeps 5 MiB: each has a topic of its own.
    @Test(arguments: [true, false]) func aValueOf5MiB(isJSON: Bool) throws {
      // A broker of its own takes 1 MiB.
      let size = TestBroker.isReal ? 900 << 10 : 5 << 20
      let pad = String(repeating: "x", count: size)
      let value = isJSON ? "{\"pad\":\"\(pad)\"}" : pad
      try Scene.play(partitions: 1) { scene in
        let writer = try TopicWriter(scene.broker.address, scene.topic)
        try writer.send(key: nil, value: Array(value.utf8))
        try writer.finish()
        var wishes = Scene.Wishes()
        wishes.crm = ["when: .topic != null", Self.program]
        let program = try scene.start(wishes)
        #expect(scene.erp.wait(seconds: 60) { $0.accepted == 1 }, "\(program.lastWords)")
        if isJSON {
          #expect(scene.crm.wait(seconds: 60) { $0.accepted == 1 }, "\(program.lastWords)")
        } else {
          try scene.expectDeadLetters(1)
        }
        scene.stop(program)
        #expect(scene.erp.journal.read { $0.exchanges[0].request.hasBody(Array(value.utf8)) })
        let expected = Array("{\"pad\":\"\(pad)\",\"seen\":0}".utf8)
        #expect(scene.crm.journal.read { $0.exchanges.map { $0.request.hasBody(expected) } } == (isJSON ? [true] : []))
        #expect(try scene.deadLetters().map(\.value) == (isJSON ? [] : [Array(value.utf8)]))
        try scene.expectCommittedToTheEnd()
      }
    }

    /// With a rule the body counts, and one that is not read to its end has no answer; without one the status counts.
    @Test func aResponseOf1GiBIsNotReadToItsEnd() throws {
      let count = 20
      try Scene.play(partitions: 1) { scene in
        for server in [scene.crm, scene.erp] {
          server.answer { $0.number == 7 ? .flood(200, bytes: 1 << 30) : .response(200, body: "{}") }
        }
        try scene.publish(0..<count)
        var wishes = Scene.Wishes()
        wishes.defaults = "{ retry: { attempts: 2, backoff: 5ms..20ms } }"
        wishes.crm = ["response: { refuse_when: '.body.status == \"error\"' }"]
        let program = try scene.start(wishes)
        try scene.expectDelivery(of: count, by: program)
        try scene.expectDeadLetters(1)
        let memory = program.peakMemory
        scene.stop(program)
        #expect(scene.crm.journal.read { $0.attemptCount(7) } == 2)
        #expect(scene.erp.journal.read { $0.attemptCount(7) } == 1)
        for server in [scene.crm, scene.erp] {
          // What the sockets held besides.
          #expect(server.journal.read { $0.flooded } < 128 << 20)
        }
        if let memory { #expect(memory < 512 << 20) }
        let letters = try scene.deadLetters()
        let letter = try #require(letters.first)
        #expect(letters.count == 1 && letter.value == scene.payload.value(7))
        #expect(letter.header("topictee.dlq.reason") == "success_rule")
        #expect(
          letter.header("topictee.dlq.error")
            == "the API answered 200: a response of more than 1048576 bytes, which no rule is asked about")
        #expect(letter.header("topictee.dlq.response")?.utf8.count == 1_024)
        try scene.expectCommittedToTheEnd()
      }
    }

    /// It says that it is JSON, and is none: a string, which has no members. `?` gives no result then, and `//` one.
    @Test func aResponseThatIsNoJSONIsAString() throws {
      let count = 20
      try Scene.play(partitions: 1) { scene in
        scene.crm.answer { request in
          let body = request.number == 7 ? "{\"status\": \"error\"" : request.number == 9 ? "sorry: try later" : "{}"
          return .response(200, headers: ["Content-Type: application/json"], body: body)
        }
        // One at a time fails for ever: two would wait for others to show that the API does its work.
        try scene.publish(0..<9)
        var wishes = Scene.Wishes()
        wishes.defaults = "{ retry: { attempts: 2, backoff: 5ms..20ms } }"
        wishes.crm = [
          "response:", "  retry_when: (.body | type == \"string\" and startswith(\"sorry\"))",
          "  refuse_when: .body.status == \"error\"",
        ]
        let program = try scene.start(wishes)
        try scene.expectDeadLetters(1)
        try scene.publish(9..<count)
        try scene.expectDelivery(of: count, by: program)
        try scene.expectDeadLetters(2)
        scene.stop(program)
        var letters: [Int: StoredRecord] = [:]
        for letter in try scene.deadLetters() { letters[Payload.number(in: letter.value ?? [], from: 0)] = letter }
        #expect(letters.keys.sorted() == [7, 9])
        let expected = [
          (7, "success_rule", "refuse_when: an error", "{\"status\": \"error\""),
          (
            9, "exhausted", "retry_when '(.body | type == \"string\" and startswith(\"sorry\"))' holds",
            "sorry: try later"
          ),
        ]
        for (number, reason, error, response) in expected {
          let letter = try #require(letters[number])
          #expect(letter.header("topictee.dlq.reason") == reason)
          #expect(letter.header("topictee.dlq.error")?.hasPrefix("the API answered 200: \(error)") == true)
          #expect(letter.header("topictee.dlq.response") == response)
          #expect(letter.header("topictee.dlq.attempts") == "2")
        }
        try scene.expectCommittedToTheEnd()
      }
    }
  }
}
