import Testing

extension EndToEndTests {
  /// `topictee publish`.
  @Suite struct PublishTests {
    private static let lines = ["{\"id\": 1}", "{\"id\":2,\"name\":\"é\"}", "[]", "\"three\"", "null"]

    private static func check(
      _ scene: Scene, key: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let records = try scene.broker.readAll(scene.topic, partitions: scene.partitions)
      #expect(
        records.map { String(decoding: $0.value ?? [], as: UTF8.self) } == lines, sourceLocation: sourceLocation)
      #expect(records.allSatisfy { $0.key == key.map { Array($0.utf8) } }, sourceLocation: sourceLocation)
      #expect(records.allSatisfy { $0.headers.isEmpty }, sourceLocation: sourceLocation)
    }

    @Test func fromAFileByTheConfig() throws {
      try Scene.play(partitions: 1) { scene in
        let config = try scene.file("bridge.yaml", scene.config())
        let file = try scene.file("events.jsonl", Self.lines.joined(separator: "\n") + "\n")
        let result = try Program.run(["publish", config, file])
        #expect(result.ending == .exit(0), "\(result.errors)")
        #expect(result.output == "published 5 records to \(scene.topic)\n")
        try Self.check(scene)
      }
    }

    @Test func fromStandardInputWithAKey() throws {
      try Scene.play(partitions: 1) { scene in
        let input = Self.lines.joined(separator: "\r\n\n\n")
        let result = try Program.run(
          ["publish", "--brokers", scene.broker.address, "--topic", scene.topic, "--key", "c 42"], input: input)
        #expect(result.ending == .exit(0), "\(result.errors)")
        #expect(result.output == "published 5 records to \(scene.topic)\n")
        try Self.check(scene, key: "c 42")
      }
    }

    @Test func toAnotherTopicThanTheConfigs() throws {
      try Scene.play(partitions: 1) { scene in
        let config = try scene.file("bridge.yaml", scene.config())
        let result = try Program.run(["publish", config, "--topic=\(scene.dead)"], input: "{}")
        #expect(result.ending == .exit(0), "\(result.errors)")
        #expect(result.output == "published 1 record to \(scene.dead)\n")
        #expect(try scene.broker.readAll(scene.topic, partitions: 1).isEmpty)
        #expect(try scene.deadLetters().map(\.value) == [Array("{}".utf8)])
      }
    }

    @Test func whatIsPublishedIsDelivered() throws {
      try Scene.play(partitions: 1) { scene in
        let program = try scene.start()
        let result = try Program.run(
          ["publish", "--brokers", scene.broker.address, "--topic", scene.topic],
          input: Self.lines.joined(separator: "\n"))
        #expect(result.ending == .exit(0), "\(result.errors)")
        for server in [scene.crm, scene.erp] {
          #expect(server.wait(seconds: 60) { $0.accepted == 5 }, "\(program.lastWords)")
          let bodies = server.journal.read { $0.exchanges.map { String(decoding: $0.request.body, as: UTF8.self) } }
          #expect(bodies.sorted() == Self.lines.sorted())
        }
        scene.stop(program)
      }
    }

    @Test(.enabled(if: TestBroker.isReal, TestBroker.makesTopics)) func aMissingTopicIsNamed() throws {
      try Scene.play(partitions: 1) { scene in
        let result = try Program.run(
          ["publish", "--brokers", scene.broker.address, "--topic", scene.topic + "-none"], input: "{}")
        #expect(result.ending == .exit(69))
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(scene.topic + "-none") && result.errors.contains("UNKNOWN_TOPIC_OR_PART"))
      }
    }

    @Test func aMissingFileIsNamed() throws {
      try Scene.play(partitions: 1) { scene in
        let result = try Program.run(
          ["publish", "--brokers", scene.broker.address, "--topic", scene.topic, "/nonexistent/events.jsonl"])
        #expect(result.ending == .exit(64))
        #expect(result.errors.contains("/nonexistent/events.jsonl"))
        #expect(try scene.broker.readAll(scene.topic, partitions: 1).isEmpty)
      }
    }

    @Test(.enabled(if: TestBroker.isReal, TestBroker.takesAnySize)) func whatTheBrokerDoesNotTakeIsSaid() throws {
      try Scene.play(partitions: 1) { scene in
        let big = "\"" + String(repeating: "x", count: 1_200_000) + "\""
        let result = try Program.run(
          ["publish", "--brokers", scene.broker.address, "--topic", scene.topic], input: "{}\n\(big)\n[]\n")
        #expect(result.ending != .exit(0))
        #expect(result.errors.contains("MSG_SIZE_TOO_LARGE"), "\(result.errors)")
      }
    }
  }
}
