import FanOut
import Testing

extension EndToEndTests {
  /// `crm` has jq programs, `erp` none.
  @Suite struct JQTests {
    /// Of a body such as `{"n":30}`.
    private static func number(_ body: [UInt8]) -> Int {
      Int(String(decoding: body.filter { (0x30...0x39).contains($0) }, as: UTF8.self)) ?? -1
    }

    /// Every third record is for `crm`. One of them has no answer to `when`, one no body, and four get answers that the
    /// rules are about.
    @Test func whenBodyAndRules() throws {
      let count = 300
      try Scene.play { scene in
        scene.crm.answer { request in
          switch Self.number(request.body) {
          case 30: .response(200, body: "{\"status\": \"error\"}")
          case 33: .response(200, body: "{\"code\": \"busy\"}")
          case 36: .response(409, body: "{}")
          case 39: .response(200, body: "no JSON")
          default: .response(200, body: "{\"status\": \"ok\"}")
          }
        }
        // One at a time fails for ever: two would wait for others to show that the API does its work.
        try scene.publish(0..<39)
        var wishes = Scene.Wishes()
        wishes.defaults = "{ retry: { attempts: 3, backoff: 5ms..20ms }, breaker: { for: 100ms } }"
        wishes.crm = [
          "when: (if .value.n == \"00000042\" then error else .value.n end | tonumber) % 3 == 0",
          "body: { jq: 'if .value.n == \"00000045\" then empty else {n: (.value.n | tonumber)} end' }",
          "response:",
          "  retry_when: .body.code? == \"busy\"",
          "  refuse_when: .body.status == \"error\"",
          "  accept_when: .status == 409",
        ]
        let program = try scene.start(wishes)
        try scene.expectDeadLetters(2)
        try scene.publish(39..<count)
        try scene.expectDelivery(of: count, to: [scene.erp], by: program)
        // Each third, but two that get no request, and two that get three.
        #expect(scene.crm.wait(seconds: 60) { $0.exchanges.count >= count / 3 - 2 + 4 }, "\(program.lastWords)")
        try scene.expectDeadLetters(5)
        scene.stop(program)
        let bodies = scene.crm.journal.read { $0.exchanges.map(\.request.body) }
        let numbers = bodies.map(Self.number)
        #expect(Set(numbers) == Set((0..<count).filter { $0 % 3 == 0 && $0 != 42 && $0 != 45 }))
        #expect(bodies.allSatisfy { $0 == Array("{\"n\":\(Self.number($0))}".utf8) })
        for number in Set(numbers) {
          #expect(numbers.count { $0 == number } == ([33, 39].contains(number) ? 3 : 1), "\(number)")
        }
        let letters = try scene.deadLetters()
        let found = letters.map { letter in
          let words = ["reason", "attempts", "error"].map { letter.header("topictee.dlq.\($0)") ?? "" }
          return "\(Payload.number(in: letter.value ?? [], from: 0)) \(words.joined(separator: " "))"
        }.sorted()
        let expected = [
          "30 success_rule 1 the API answered 200: refuse_when '.body.status == \"error\"' holds",
          "33 exhausted 3 the API answered 200: retry_when '.body.code? == \"busy\"' holds",
          "39 success_rule 3 the API answered 200: retry_when: no result",
          "42 template 0 when: an error", "45 template 0 body.jq: no result",
        ]
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) { #expect(found.hasPrefix(expected), "\(found)") }
        try scene.expectCommittedToTheEnd()
      }
    }

    /// The same in batches: what has no answer to `when` or no body leaves its neighbours to go on, and so does the record
    /// that a rule about a whole response was right about.
    @Test func inBatchesABadRecordLeavesItsNeighbours() throws {
      let count = 300
      try Scene.play { scene in
        let accepted = Watched<[Int]>([])
        scene.crm.answer { request in
          let lines = request.body.split(separator: UInt8(ascii: "\n"))
          let numbers = lines.map { Self.number(Array($0)) }
          if numbers.contains(30) { return .response(200, body: "{\"status\": \"error\"}") }
          accepted.change { $0 += numbers }
          return .response(200, body: "{\"status\": \"ok\"}")
        }
        try scene.publish(0..<count)
        var wishes = Scene.Wishes()
        wishes.crm = [
          "when: (if .value.n == \"00000042\" then error else .value.n end | tonumber) % 3 == 0",
          "body: { jq: 'if .value.n == \"00000045\" then empty else {n: (.value.n | tonumber)} end' }",
          "batch: { records: 20, wait: 20ms, format: ndjson }",
          "response: { refuse_when: .body.status == \"error\" }",
        ]
        let program = try scene.start(wishes)
        try scene.expectDelivery(of: count, to: [scene.erp], by: program)
        let expected = (0..<count).filter { $0 % 3 == 0 && ![30, 42, 45].contains($0) }
        #expect(accepted.wait(seconds: 60) { $0.count >= expected.count }, "\(program.lastWords)")
        try scene.expectDeadLetters(3)
        scene.stop(program)
        #expect(accepted.read { $0.sorted() } == expected)
        let letters = try scene.deadLetters().map { letter in
          "\(Payload.number(in: letter.value ?? [], from: 0)) \(letter.header("topictee.dlq.reason") ?? "")"
        }
        #expect(letters.sorted() == ["30 success_rule", "42 template", "45 template"])
        try scene.expectCommittedToTheEnd()
      }
    }

    /// While it runs its lane does nothing else.
    /// The lane's thread never comes back: the stop ends all the same, and the record is there for the next run.
    @Test func aProgramWithoutEndDoesNotHoldUpAStop() throws {
      try Scene.play { scene in
        try scene.publish(0..<1)
        var wishes = Scene.Wishes()
        wishes.crm = ["when: 'def f: f; if .value.n == \"00000000\" then f else true end'"]
        (wishes.top, wishes.sessionMilliseconds) = (["drain: 1s"], 6_000)
        let program = try scene.start(wishes)
        #expect(program.waitForPartitions(4), "\(program.lastWords)")
        // What is read after the record, and not by its lane, is delivered.
        try scene.publish(1..<100)
        try scene.expectDelivery(of: 1, to: [scene.erp], by: program)
        program.terminate()
        #expect(program.waitForEnd() == .exit(75), "\(program.lastWords)")
        program.end()
        #expect(program.log.contains("the drain does not end"), "\(program.lastWords)")
        let next = try scene.start()
        try scene.expectDelivery(of: 100, by: next)
        scene.stop(next)
        try scene.expectCommittedToTheEnd()
      }
    }

    @Test func aSlowProgramIsTold() throws {
      let count = 50
      try Scene.play { scene in
        try scene.publish(0..<count)
        var wishes = Scene.Wishes()
        // Some hundred times what is called slow.
        let slow = "reduce range(8000000) as $i (0; . + 1)"
        wishes.crm = ["when: 'if .value.n == \"00000042\" then (\(slow)) else true end'"]
        let program = try scene.start(wishes)
        try scene.expectDelivery(of: count, by: program)
        #expect(program.waitForLog("a jq program took"), "\(program.lastWords)")
        scene.stop(program)
        #expect(program.log.contains("; runs longer than 50 ms so far: "), "\(program.lastWords)")
        for server in [scene.crm, scene.erp] { scene.deliveries(server, count: count).expectExactlyOnce() }
        try scene.expectCommittedToTheEnd()
      }
    }
  }
}
