import Testing

@testable import Kafka

@Suite struct PropertyTrialTests {
  @Test func theLibrarysTableIsRead() {
    let table = PropertyTable.ofLibrary
    #expect(table.names.count > 150)
    #expect(table["session.timeout.ms"] == PropertyTable.Row(scope: .consumer, range: "1 .. 3600000"))
    #expect(table["compression.codec"]?.scope == .producer)
    #expect(table["broker.address.family"] == PropertyTable.Row(scope: .both, range: "any, v4, v6"))
    #expect(table["client.id"] == PropertyTable.Row(scope: .both, range: ""))
    #expect(table["Property"] == nil && table[""] == nil)
  }

  @Test func oddLinesAreNoRows() {
    let table = PropertyTable(printed: "## x\na | C | 1 .. 2 | d | e\nb | Q | | \nc|P|-1 .. x|d\n|||\n")
    #expect(table.names == ["a", "c"])
    #expect(table["a"]?.numbers == 1...2 && table["c"]?.numbers == nil)
    #expect(PropertyTable(printed: "").names.isEmpty)
  }

  @Test(
    arguments: [
      ("client.id", "x", nil), ("session.timeout.ms", "6000", nil), ("topic.metadata.refresh.interval.ms", "-1", nil),
      ("sesion.timeout.ms", "6000", .unknown), ("", "", .unknown),
      ("session.timeout.ms", "6000ms", .refused("it takes a whole number, 1 to 3600000")),
      ("session.timeout.ms", "99999999999999999999", .refused("it takes a whole number, 1 to 3600000")),
      ("socket.keepalive.enable", "maybe", .refused("it takes true, false")),
    ] as [(String, String, PropertyTrial.Fault?)])
  func aPropertyIsJudged(_ name: String, _ value: String, _ fault: PropertyTrial.Fault?) {
    #expect(PropertyTrial.fault(of: KafkaProperty(name: name, value: value)) == fault)
  }

  /// Values that the table says nothing of are refused with the library's own words.
  @Test func theLibrarysWordsAreKept() {
    guard case .refused(let words) = PropertyTrial.fault(of: KafkaProperty(name: "builtin.features", value: "magic"))
    else {
      Issue.record("taken")
      return
    }
    #expect(words.contains("builtin.features"))
  }

  @Test func aClientIsTriedWithoutABroker() {
    var consumer = ConsumerConfiguration(brokers: [], group: "g", topics: [])
    #expect(PropertyTrial.fault(of: consumer) == nil)
    consumer.properties = [KafkaProperty(name: "max.poll.interval.ms", value: "10")]
    #expect(PropertyTrial.fault(of: consumer)?.isRefusedProperty == true)
    #expect(PropertyTrial.fault(of: ProducerConfiguration(brokers: [])) == nil)
    let linger = ProducerConfiguration(
      brokers: [], properties: [KafkaProperty(name: "message.timeout.ms", value: "1")], lingerMilliseconds: 10)
    #expect(PropertyTrial.fault(of: linger)?.cause.contains("linger.ms") == true)
  }
}
