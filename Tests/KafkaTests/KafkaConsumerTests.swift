import FanOut
import Kafka
import Testing

/// Against the embedded cluster; a join takes it three seconds.
@Suite(.timeLimit(.minutes(1)))
struct KafkaConsumerTests {
  struct Plain: Equatable {
    var key: [UInt8]?
    var value: [UInt8]?
    var headers: [OutgoingHeader]
  }

  @Test func recordsArriveByteForByte() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 1)
    let sent: [Plain] = [
      Plain(key: nil, value: nil, headers: []),
      Plain(key: [], value: [], headers: [OutgoingHeader(name: "", value: [])]),
      Plain(key: [0, 255, 10], value: Array(0...255), headers: [OutgoingHeader(name: "n", value: nil)]),
      Plain(
        key: [1], value: [UInt8](repeating: 7, count: 70_000),
        headers: [
          OutgoingHeader(name: "same", value: [1]), OutgoingHeader(name: "same", value: [2, 0]),
          OutgoingHeader(name: "ü", value: []),
        ]),
    ]
    let sender = try Sender(cluster)
    for (index, one) in sent.enumerated() {
      #expect(
        sender.producer.send(
          topic: "t", key: one.key, value: one.value, headers: one.headers, sink: sender.sink, token: UInt64(index))
          == nil)
    }
    #expect(sender.producer.flush(timeout: .seconds(10)))
    let member = try Member(cluster)
    member.grantMuch()
    #expect(member.wait { $0.records.count == sent.count })
    #expect(member.records.map(Self.plain) == sent)
    #expect(member.records.map(\.offset) == [0, 1, 2, 3])
    #expect(member.records.allSatisfy { $0.timestampMilliseconds > 1_600_000_000_000 })
    #expect(member.records.allSatisfy { $0.assignment == member.assigned.first?.id })

    // And once more through a copy with a header added, as a dead letter goes.
    for record in member.records {
      #expect(
        sender.producer.send(
          topic: "t", copyOf: record, adding: [OutgoingHeader(name: "why", value: [9])], sink: sender.sink,
          token: 100 + UInt64(record.offset)) == nil)
    }
    #expect(member.wait { $0.records.count == 2 * sent.count })
    let expected = sent.map { one in
      Plain(key: one.key, value: one.value, headers: one.headers + [OutgoingHeader(name: "why", value: [9])])
    }
    #expect(member.records.dropFirst(sent.count).map(Self.plain) == expected)
    #expect(sender.reports.wait { $0.count == 8 })
    #expect(sender.reports.all.allSatisfy { $0.error == nil })
    #expect(member.close() == true)
    sender.producer.close(timeout: .seconds(5))
  }

  static func plain(_ record: Record) -> Plain {
    var headers: [OutgoingHeader] = []
    unsafe record.withHeaders { list in
      unsafe list.forEach { field in
        unsafe headers.append(
          OutgoingHeader(name: String(decoding: field.name, as: UTF8.self), value: field.value.map { unsafe Array($0) })
        )
      }
    }
    let key = unsafe record.withKey { unsafe Array($0) }
    let value = unsafe record.withValue { unsafe Array($0) }
    return Plain(key: record.hasKey ? key : nil, value: record.hasValue ? value : nil, headers: headers)
  }

  @Test func readingStopsWithoutCreditAndGoesOnWithIt() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 2)
    let sender = try Sender(cluster)
    sender.send(values: 0..<1000)
    sender.producer.close(timeout: .seconds(10))
    let member = try Member(cluster)
    member.consumer.grant(lane: 0, records: 10, bytes: 1 << 20)
    #expect(member.wait { $0.records.count >= 10 })
    // Two answers of the broker later, the poll thread has turned often enough to have read more.
    for round in 1...2 {
      member.consumer.commit(try #require(member.assigned.first).id, offset: 0, metadata: "")
      #expect(member.wait { $0.commits.count == round })
    }
    #expect(member.records.count == 10)
    member.consumer.grant(lane: 0, records: 90, bytes: 1)
    #expect(member.wait { $0.records.count >= 100 })
    member.consumer.grant(lane: 0, records: 900, bytes: 1 << 30)
    #expect(member.wait { $0.records.count == 1000 })
    let values = member.records.compactMap { Self.plain($0).value.map { String(decoding: $0, as: UTF8.self) } }
    #expect(Set(values) == Set((0..<1000).map(String.init)))
    #expect(member.close() == true)
  }

  @Test func aCommitWithMetadataIsThereForTheNextMember() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 1)
    let sender = try Sender(cluster)
    sender.send(values: 0..<5)
    sender.producer.close(timeout: .seconds(10))
    let first = try Member(cluster)
    #expect(first.wait { !$0.assigned.isEmpty })
    let assignment = try #require(first.assigned.first)
    #expect(assignment.committed == nil)
    first.consumer.commit(assignment.id, offset: 3, metadata: "t1:progress")
    #expect(first.wait { $0.commits == [.committed] })
    #expect(first.close() == true)
    let place = TopicPartition(topic: "t", partition: 0)
    let position = CommittedPosition(offset: 3, metadata: "t1:progress")
    #expect(
      try KafkaAdmin.committedPositions(
        group: "g", partitions: [place], brokers: [cluster.bootstrap], properties: [], timeout: .seconds(5))
        == [place: position])
    let second = try Member(cluster)
    second.grantMuch()
    #expect(second.wait { $0.records.count == 2 })
    #expect(second.assigned.first?.committed == position)
    #expect(second.records.map(\.offset) == [3, 4])
    #expect(second.close() == true)
  }

  /// What comes between a start at the end and the first commit is not passed over by the next start.
  @Test func theEndThatAGroupBeginsAtIsCommittedAtOnce() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 1)
    let sender = try Sender(cluster)
    sender.send(values: 0..<3)
    #expect(sender.reports.wait { $0.count == 3 })
    let first = try Member(cluster, startAt: .latest)
    #expect(first.wait { $0.commits == [.committed] })
    #expect(first.close() == true)
    #expect(first.records.isEmpty)
    sender.send(values: 3..<5)
    #expect(sender.reports.wait { $0.count == 5 })
    let second = try Member(cluster, startAt: .latest)
    second.grantMuch()
    #expect(second.wait { $0.records.count == 2 })
    #expect(second.records.map(\.offset) == [3, 4])
    #expect(second.close() == true)
    sender.producer.close(timeout: .seconds(5))
  }

  @Test func aRevocationIsHeldUntilReleased() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 2)
    let quick = [KafkaProperty(name: "heartbeat.interval.ms", value: "200")]
    let first = try Member(cluster, releaseTimeout: .seconds(8), properties: quick)
    #expect(first.wait { $0.assigned.count == 2 })
    let second = try Member(cluster, properties: quick)
    #expect(first.wait { $0.revoked.count == 2 })
    let held = first.revoked
    // The embedded cluster takes no commit during a rebalance; Kafka does. It is answered, that is the point.
    first.consumer.commit(held[0], offset: 0, metadata: "last words")
    #expect(first.wait { $0.commits.count == 1 })
    #expect(second.assigned.isEmpty)
    for id in held { first.consumer.release(id) }
    // Seldom the embedded cluster lets the first one in again alone; the next revocation, which nobody answers, ends by
    // itself then.
    #expect(first.wait { $0.assigned.count >= 3 })
    #expect(second.wait(seconds: 40) { $0.assigned.count == 1 })
    #expect(first.assigned.last.map { !held.contains($0.id) } == true)
    #expect(first.lost.isEmpty)
    // What belongs to an ended assignment may not be committed any more.
    first.consumer.commit(held[0], offset: 0, metadata: "")
    #expect(first.wait { $0.commits.last == .assignmentGone && $0.commits.count == 2 })
    #expect(second.close() == true)
    #expect(first.close() == true)
  }

  @Test func aLostAssignmentIsToldAtOnce() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 1)
    let member = try Member(cluster, properties: [KafkaProperty(name: "heartbeat.interval.ms", value: "200")])
    #expect(member.wait { $0.assigned.count == 1 })
    let unknownMember: Int32 = 25
    cluster.pushErrors(apiKey: 12, codes: [unknownMember])
    #expect(member.wait { $0.lost.count == 1 })
    #expect(member.lost == member.assigned.prefix(1).map(\.id))
    #expect(member.revoked.isEmpty)
    #expect(member.close() == true)
  }

  @Test(arguments: [
    (Int32(12), CommitResult.metadataRefused), (30, .forbidden("GROUP_AUTHORIZATION_FAILED")),
  ])
  func aCommitsErrorIsMapped(code: Int32, result: CommitResult) throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 1)
    let member = try Member(cluster)
    #expect(member.wait { $0.assigned.count == 1 })
    cluster.pushErrors(apiKey: 8, codes: [code])
    member.consumer.commit(try #require(member.assigned.first).id, offset: 0, metadata: "m")
    #expect(member.wait { $0.commits == [result] })
    #expect(member.close() == true)
  }

  @Test func closingIsBoundedWhenTheBrokerIsSilent() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 1)
    let member = try Member(cluster)
    #expect(member.wait { $0.assigned.count == 1 })
    cluster.setBroker(1, up: false)
    member.consumer.commit(try #require(member.assigned.first).id, offset: 0, metadata: "")
    let clock = ContinuousClock()
    let took = clock.measure { member.close(seconds: 2) }
    #expect(took < .seconds(5))
    #expect(member.closed != nil)
    #expect(member.commits.count == 1)
    #expect(member.commits != [.committed])
  }

  @Test func stopFetchingReadsNothingMore() throws {
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 1)
    let member = try Member(cluster)
    #expect(member.wait { $0.assigned.count == 1 })
    member.consumer.stopFetching()
    member.grantMuch()
    let sender = try Sender(cluster)
    sender.send(values: 0..<5)
    sender.producer.close(timeout: .seconds(10))
    for round in 1...2 {
      member.consumer.commit(try #require(member.assigned.first).id, offset: 0, metadata: "")
      #expect(member.wait { $0.commits.count == round })
    }
    #expect(member.records.isEmpty)
    #expect(member.close() == true)
  }

  @Test func oneThatNeverStartedCloses() throws {
    let consumer = try KafkaConsumer(
      ConsumerConfiguration(brokers: ["127.0.0.1:1"], group: "g", topics: ["t"]), lanes: [{ _ in }], notice: { _ in })
    consumer.close(timeout: .seconds(5))
    consumer.join()
  }

  @Test(arguments: [("enable.auto.commit", "true"), ("no.such.property", "1"), ("session.timeout.ms", "soon")])
  func propertiesThatBreakItAreRefused(name: String, value: String) {
    let error = #expect(throws: KafkaError.self) {
      try KafkaConsumer(
        ConsumerConfiguration(
          brokers: ["127.0.0.1:1"], group: "g", topics: ["t"], properties: [KafkaProperty(name: name, value: value)]),
        lanes: [{ _ in }], notice: { _ in })
    }
    #expect(error?.at == name)
  }
}
