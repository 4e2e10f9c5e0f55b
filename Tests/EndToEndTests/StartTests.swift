import Testing

extension EndToEndTests {
  /// What is wrong with Kafka is said at the start: exit code 69, and an error that names it.
  @Suite struct StartTests {
    /// Within 15 seconds, and before anything was delivered.
    private static func expectUnavailable(
      _ scene: Scene, _ config: String? = nil, naming words: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let clock = ContinuousClock()
      var log = ""
      let took = try clock.measure {
        let program = try scene.run(config ?? scene.config())
        let ending = program.waitForEnd(seconds: 30)
        program.end()
        log = program.log
        #expect(ending == .exit(69), "\(log)", sourceLocation: sourceLocation)
      }
      #expect(took < .seconds(15), sourceLocation: sourceLocation)
      let errors = log.split(separator: "\n").filter { $0.contains("\"level\":\"error\"") }
      #expect(errors.count == 1, "\(log)", sourceLocation: sourceLocation)
      for word in words { #expect(errors.first?.contains(word) == true, "\(log)", sourceLocation: sourceLocation) }
      #expect(scene.crm.journal.read { $0.exchanges.isEmpty }, sourceLocation: sourceLocation)
    }

    @Test(.enabled(if: TestBroker.isReal, TestBroker.makesTopics)) func theDeadLetterTopicIsMissing() throws {
      try Scene.play(deadPartitions: nil) { scene in
        try scene.publish(0..<10)
        try Self.expectUnavailable(scene, naming: [scene.dead, "UNKNOWN_TOPIC_OR_PART"])
        #expect(try scene.broker.committed(scene.group, scene.topic, partitions: 4).allSatisfy { $0 == nil })
      }
    }

    @Test(.enabled(if: TestBroker.isReal, TestBroker.makesTopics)) func theSourceTopicIsMissing() throws {
      try Scene.play { scene in
        let other = scene.topic + "-none"
        let config = scene.config().replacing("topic: \(scene.topic)\n", with: "topic: \(other)\n")
        try Self.expectUnavailable(scene, config, naming: [other, "UNKNOWN_TOPIC_OR_PART"])
      }
    }

    @Test(.enabled(if: TestBroker.isReal, TestBroker.makesTopics)) func oneOfTwoSourceTopicsIsMissing() throws {
      try Scene.play { scene in
        let other = scene.topic + "-none"
        let config = scene.config().replacing(
          "topic: \(scene.topic)\n", with: "topics: [\(scene.topic), \(other)]\n")
        try scene.publish(0..<10)
        try Self.expectUnavailable(scene, config, naming: [other])
      }
    }

    @Test func noBrokerCanBeReached() throws {
      try Scene.play { scene in
        let (socket, port) = try Loopback.listen()
        Loopback.close(socket)
        let config = scene.config().replacing(scene.broker.address, with: "127.0.0.1:\(port)")
        try Self.expectUnavailable(scene, config, naming: ["127.0.0.1:\(port)", "Connection refused"])
      }
    }

    @Test(.enabled(if: OwnBroker.isAvailable, "needs TOPICTEE_TEST_KAFKA_TOOL: the broker must know who may write"))
    func theDeadLetterTopicIsNotWritable() throws {
      // Without this the tests' own user, who has no name, may do anything.
      let own = try OwnBroker(settings: "super.users=User:nobody")
      defer { own.end() }
      try Scene.play(own.broker) { scene in
        try scene.publish(0..<10)
        // Where somebody may do something, others may do nothing.
        try own.admin(
          "acls",
          [
            "--topic", scene.dead, "--add", "--force", "--allow-principal", "User:ANONYMOUS", "--operation", "Describe",
            "--operation", "DescribeConfigs",
          ])
        try Self.expectUnavailable(scene, naming: [scene.dead, "TOPIC_AUTHORIZATION_FAILED"])
      }
    }
  }
}
