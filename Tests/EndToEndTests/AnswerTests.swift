import Testing

extension EndToEndTests {
  /// `crm` gets every third record in a kind of body whose answers speak for themselves; `erp` gets all as they are.
  @Suite struct AnswerTests {
    struct Kind: Sendable, CustomTestStringConvertible {
      let testDescription: String
      /// With `${value.n}` once.
      let body: String
      let success: String
      /// For a request that is wrong, and what a dead letter says of it.
      let wrong: String
      let verdict: String
      /// For a request that may be better the next time.
      let broken: String
      let trouble: String
      /// What a body that is none of its kind is called.
      let nonsense: String
    }

    private static func envelope(_ body: String) -> String {
      "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>\(body)</s:Body></s:Envelope>"
    }
    private static func fault(_ code: String, _ text: String) -> String {
      envelope("<s:Fault><faultcode>s:\(code)</faultcode><faultstring>\(text)</faultstring></s:Fault>")
    }

    static let kinds: [Kind] = [
      Kind(
        testDescription: "soap", body: "soap: '<Order xmlns=\"urn:erp\"><N>${value.n}</N></Order>'",
        success: envelope("<placed/>"), wrong: fault("Client", "no such customer"),
        verdict: "soap:Fault Client: no such customer", broken: fault("Server", "busy"),
        trouble: "soap:Fault Server: busy", nonsense: "no SOAP answer: no SOAP envelope"),
      Kind(
        testDescription: "graphql",
        body:
          "graphql: { query: \"mutation($n: String!) { reserve(n: $n) { ok } }\", variables: { n: \"${value.n}\" } }",
        success: "{\"data\":{\"reserve\":{\"ok\":true}}}",
        wrong:
          "{\"data\":null,\"errors\":[{\"message\":\"no such item\",\"extensions\":{\"code\":\"BAD_USER_INPUT\"}}]}",
        verdict: "GraphQL errors, BAD_USER_INPUT: no such item",
        broken: "{\"data\":null,\"errors\":[{\"message\":\"away\"}]}", trouble: "GraphQL errors: away",
        nonsense: "a response that is no JSON object"),
      Kind(
        testDescription: "json-rpc",
        body: "json: { jsonrpc: \"2.0\", method: place, id: 1, params: { n: \"${value.n}\" } }",
        success: "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1}",
        wrong: "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,\"message\":\"no such customer\"}}",
        verdict: "JSON-RPC error -32602: no such customer",
        broken: "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,\"message\":\"busy\"}}",
        trouble: "JSON-RPC error -32000: busy", nonsense: "a response that is no JSON object"),
      Kind(
        testDescription: "chat", body: "chat: { model: m, prompt: \"${value.n}\" }",
        success: "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"x\"}}]}",
        // An API of this kind says so with its status; here a rule of the file does.
        wrong: "{\"error\":{\"message\":\"no such model\",\"code\":\"model_not_found\"}}",
        verdict: "refuse_when '.body.error.code? == \"model_not_found\"' holds",
        broken: "{\"error\":{\"message\":\"overloaded\"}}", trouble: "an error object: overloaded",
        nonsense: "a response that is no JSON object"),
    ]

    /// The eight digits of `${value.n}`, which nothing else in the body has.
    private static func number(_ body: [UInt8]) -> Int {
      var run: [UInt8] = []
      for byte in body {
        if (0x30...0x39).contains(byte) { run.append(byte) } else { run = [] }
        if run.count == 8 { return Int(String(decoding: run, as: UTF8.self)) ?? -1 }
      }
      return -1
    }

    private static func wishes(_ kind: Kind) -> Scene.Wishes {
      var wishes = Scene.Wishes()
      wishes.defaults = "{ retry: { attempts: 3, backoff: 5ms..20ms }, breaker: { for: 100ms } }"
      wishes.crm = ["when: (.value.n | tonumber) % 3 == 0", "body: { \(kind.body) }"]
      if kind.testDescription == "chat" {
        wishes.crm += ["response:", "  refuse_when: .body.error.code? == \"model_not_found\""]
      }
      return wishes
    }

    /// Each third record once, but those that fail; two that fail together may be tried more often.
    private static func isDone(_ asked: [Int: Int], _ count: Int) -> Bool {
      let chosen = (0..<count).filter { $0 % 3 == 0 }
      return asked.count == chosen.count
        && chosen.allSatisfy { number in
          switch number {
          case 33: asked[number] == 3
          case 36, 39: asked[number] ?? 0 >= 3
          default: asked[number] == 1
          }
        }
    }

    @Test(arguments: kinds) func whatIsWrongAndWhatIsBrokenThoughTheStatusIs200(_ kind: Kind) throws {
      let count = 150
      try Scene.play { scene in
        let asked = Watched<[Int: Int]>([:])
        scene.crm.answer { request in
          let number = Self.number(request.body)
          let times = asked.change { asked in
            asked[number, default: 0] += 1
            return asked[number] ?? 0
          }
          return switch number {
          case 30: .response(200, body: kind.wrong)
          case 33 where times < 3: .response(200, body: kind.broken)
          case 36: .response(200, body: kind.broken)
          case 39: .response(200, body: "<html>Please log in</html>")
          // More than is kept: its status decides, where no rule asks.
          case 42 where kind.testDescription != "chat":
            .response(200, body: kind.success + String(repeating: " ", count: 1 << 20))
          default: .response(200, body: kind.success)
          }
        }
        // One at a time fails for ever: two would wait for others to show that the API does its work.
        try scene.publish(0..<39)
        let program = try scene.start(Self.wishes(kind))
        try scene.expectDeadLetters(2)
        try scene.publish(39..<count)
        try scene.expectDelivery(of: count, to: [scene.erp], by: program)
        #expect(asked.wait(seconds: 60) { Self.isDone($0, count) }, "\(asked.read { $0 }); \(program.lastWords)")
        try scene.expectDeadLetters(3)
        scene.stop(program)
        #expect(asked.read { Self.isDone($0, count) })
        scene.deliveries(scene.erp, count: count).expectExactlyOnce()
        try Self.check(scene.deadLetters(), kind, scene.payload)
        try scene.expectCommittedToTheEnd()
      }
    }

    private static func check(_ letters: [StoredRecord], _ kind: Kind, _ payload: Payload) throws {
      let hasRule = kind.testDescription == "chat"
      let expected = [
        (30, "success_rule", 1...1, kind.verdict, kind.wrong), (36, "exhausted", 3...100, kind.trouble, kind.broken),
        // A rule is asked first, and finds no `error` in a string.
        (39, "exhausted", 3...100, kind.nonsense, "<html>Please log in</html>"),
      ]
      #expect(letters.count == expected.count)
      for (number, reason, attempts, error, response) in expected {
        let letter = letters.first { $0.value == payload.value(number) }
        let found = try #require(letter, "no letter of \(number)")
        #expect(found.key == payload.key(number))
        #expect(found.header("topictee.dlq.destination") == "crm")
        #expect(found.header("topictee.dlq.attempts").flatMap(Int.init).map(attempts.contains) == true)
        #expect(found.header("topictee.dlq.status") == "200")
        #expect(found.header("topictee.dlq.response") == response)
        if hasRule, number == 39 {
          #expect(found.header("topictee.dlq.reason") == "success_rule")
          #expect(found.header("topictee.dlq.error")?.hasPrefix("the API answered 200: refuse_when: ") == true)
        } else {
          #expect(found.header("topictee.dlq.reason") == reason)
          #expect(found.header("topictee.dlq.error") == "the API answered 200: \(error)")
        }
      }
    }
  }
}
