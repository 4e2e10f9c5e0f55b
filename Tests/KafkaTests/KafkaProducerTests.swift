import FanOut
import Kafka
import Testing

@Suite(.timeLimit(.minutes(1)))
struct KafkaProducerTests {
  @Test func eachSinkHearsOfItsOwnTokens() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 3)
    let sender = try Sender(cluster)
    let others = Inbox<DeliveryReport>()
    let other = sender.producer.addSink { for report in $0 { others.add(report) } }
    sender.send(values: 0..<100)
    #expect(sender.producer.send(topic: "t", key: nil, value: nil, headers: [], sink: other, token: 7) == nil)
    #expect(sender.producer.flush(timeout: .seconds(10)))
    #expect(sender.reports.wait { $0.count == 100 })
    #expect(others.wait { $0.count == 1 })
    #expect(Set(sender.reports.all.map(\.token)) == Set(0..<100))
    #expect(others.all.map(\.token) == [7])
    sender.producer.close(timeout: .seconds(5))
    #expect(sender.producer.send(topic: "t", key: nil, value: nil, headers: [], sink: 0, token: 0)?.name == "_STATE")
  }

  @Test func theBrokersRefusalIsReported() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 1)
    let sender = try Sender(cluster)
    cluster.pushErrors(apiKey: 0, codes: [29])
    sender.send(values: 0..<1)
    #expect(sender.reports.wait { $0.count == 1 })
    #expect(sender.reports.all.first?.error?.name == "TOPIC_AUTHORIZATION_FAILED")
    #expect(sender.reports.all.first?.error?.at == "t[0]")
    #expect(sender.reports.all.first?.error?.cause.isEmpty == true, "the record's value is not for the log")
    sender.producer.close(timeout: .seconds(5))
  }

  @Test func whatIsTooLargeForTheUsersLimitIsRefusedAtOnce() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    let sender = try Sender(cluster, properties: [KafkaProperty(name: "message.max.bytes", value: "1000000")])
    let big = [UInt8](repeating: 1, count: 1_000_001)
    let error = sender.producer.send(topic: "t", key: nil, value: big, headers: [], sink: sender.sink, token: 1)
    #expect(error?.isTooLarge == true)
    #expect(error?.at == "t")
    sender.producer.close(timeout: .seconds(5))
    #expect(sender.reports.all.isEmpty)
  }

  @Test func aFullQueueIsAnError() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    cluster.setBroker(1, up: false)
    let sender = try Sender(cluster, properties: [KafkaProperty(name: "queue.buffering.max.messages", value: "1")])
    sender.send(values: 0..<1)
    let error = sender.producer.send(topic: "t", key: nil, value: nil, headers: [], sink: sender.sink, token: 1)
    #expect(error?.isQueueFull == true)
    sender.producer.close(timeout: .milliseconds(100))
  }

  @Test func closingReportsWhatWasNotAcknowledged() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 1)
    let sender = try Sender(cluster)
    cluster.setBroker(1, up: false)
    sender.send(values: 0..<3)
    #expect(!sender.producer.flush(timeout: .milliseconds(50)))
    sender.producer.close(timeout: .milliseconds(100))
    #expect(Set(sender.reports.all.map(\.token)) == [0, 1, 2])
    #expect(sender.reports.all.allSatisfy { $0.error != nil })
  }

  @Test func acknowledgementsCannotBeTurnedOff() {
    let error = #expect(throws: KafkaError.self) {
      try KafkaProducer(
        ProducerConfiguration(brokers: ["127.0.0.1:1"], properties: [KafkaProperty(name: "acks", value: "1")]),
        notice: { _ in })
    }
    #expect(error?.at == "acks")
  }
}
