import FanOut
import Kafka
import Testing

@Suite(.timeLimit(.minutes(1)))
struct KafkaAdminTests {
  @Test func theClusterAndItsTopicsAreKnown() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("one", partitions: 1)
    try cluster.createTopic("three", partitions: 3)
    #expect(
      try !KafkaAdmin.clusterID(brokers: [cluster.bootstrap], properties: [], timeout: .seconds(5), patience: .zero)
        .isEmpty)
    #expect(
      try KafkaAdmin.partitionCounts(
        of: ["one", "three"], brokers: [cluster.bootstrap], properties: [], timeout: .seconds(5))
        == ["one": 1, "three": 3])
  }

  @Test func oneClientTellsAll() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("three", partitions: 3)
    let facts = try KafkaAdmin.clusterFacts(
      of: ["three"], brokers: [cluster.bootstrap], properties: [], timeout: .seconds(5))
    #expect(facts.partitions == ["three": 3])
    #expect(
      try facts.id
        == KafkaAdmin.clusterID(brokers: [cluster.bootstrap], properties: [], timeout: .seconds(5), patience: .zero))
  }

  @Test func aBrokerThatIsNotThereIsNamedWithTheReason() {
    let error = #expect(throws: KafkaError.self) {
      try KafkaAdmin.partitionCounts(of: ["t"], brokers: ["127.0.0.1:1"], properties: [], timeout: .seconds(1))
    }
    #expect(error?.at == "127.0.0.1:1")
    #expect(error?.cause.contains("Connection refused") == true)
  }

  /// The suite's time limit is a twentieth of the timeout.
  @Test func brokersThatRefuseAreGivenUpSoon() {
    let error = #expect(throws: KafkaError.self) {
      try KafkaAdmin.clusterID(
        brokers: ["127.0.0.1:1"], properties: [], timeout: .seconds(1200), patience: .milliseconds(500))
    }
    #expect(error?.at == "127.0.0.1:1")
    #expect(error?.cause.contains("Connection refused") == true)
  }

  @Test func aBrokerThatIsSlowHasItsTime() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    cluster.setRoundTrip(1, milliseconds: 1500)
    #expect(
      try !KafkaAdmin.clusterID(brokers: [cluster.bootstrap], properties: [], timeout: .seconds(50), patience: .zero)
        .isEmpty)
    // One of two does not answer at all.
    #expect(
      try !KafkaAdmin.clusterID(
        brokers: ["127.0.0.1:1", cluster.bootstrap], properties: [], timeout: .seconds(50), patience: .zero
      ).isEmpty)
  }

  @Test func writingIsNotProvedWhereSettingsCannotBeRead() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 1)
    let answer = try KafkaAdmin.proveWritable(
      topic: "t", brokers: [cluster.bootstrap], properties: [], timeout: .seconds(20))
    guard case .unproven(let reason) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(reason.contains("max.message.bytes"))
    // A broker said no: nobody waited for the controller that the embedded cluster does not have.
    #expect(reason.contains("_UNSUPPORTED_FEATURE"))
  }

  @Test func aSecretIsNotShown() {
    #expect(KafkaProperty(name: "sasl.password", value: "x", isSecret: true).description == "sasl.password=***")
    #expect(KafkaProperty(name: "client.id", value: "x").description == "client.id=x")
  }
}
