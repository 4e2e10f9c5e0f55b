import Testing

@testable import topictee

@Suite struct DemoAuditTests {
  private static func key(_ text: String) -> BodyKey { BodyKey(Array(text.utf8)) }

  /// Partition 0 holds a, b, a; partition 1 holds c.
  private static var topic: TopicBook {
    var book = TopicBook()
    for (offset, text) in ["a", "b", "a"].enumerated() {
      book.add(Array(text.utf8), partition: 0, offset: Int64(offset), isOwn: true)
    }
    book.add(Array("c".utf8), partition: 1, offset: 0, isOwn: false)
    return book
  }

  private static func audit(
    _ topic: TopicBook, committed: [Int32: Int64] = [0: 3, 1: 1], _ accepted: [String: Int]
  ) -> DemoAudit {
    let bodies = Dictionary(uniqueKeysWithValues: accepted.map { (key($0.key), $0.value) })
    return DemoAudit(topic, source: "orders", committed: committed, accepted: [("erp", bodies)])
  }

  @Test func equalBodiesAreCountedNotMixedUp() {
    let audit = Self.audit(Self.topic, ["a": 2, "b": 1, "c": 1])
    #expect(audit.lostCount == 0)
    #expect(audit.accounts.map(\.duplicates) == [0])
    #expect(audit.uncommitted == 0)
  }

  @Test func aCommittedRecordThatIsNowhereIsLostAndNamed() {
    let audit = Self.audit(Self.topic, ["a": 1, "c": 1])
    #expect(audit.lostCount == 2)
    #expect(audit.accounts[0].lost == ["orders[0]@1", "orders[0]@2"])
  }

  @Test func aDeadLetterIsAsGoodAsAnAcceptanceButOnlyForItsApi() {
    var topic = Self.topic
    topic.addLetter(Array("b".utf8), destination: "erp", reason: "rejected")
    #expect(Self.audit(topic, ["a": 2, "c": 1]).lostCount == 0)
    #expect(topic.letterCount == 1)
    #expect(topic.reasons == ["erp": ["rejected": 1]])
    var other = Self.topic
    other.addLetter(Array("b".utf8), destination: "crm", reason: "rejected")
    #expect(Self.audit(other, ["a": 2, "c": 1]).lostCount == 1)
  }

  @Test func whatIsNotCommittedIsNotLost() {
    let audit = Self.audit(Self.topic, committed: [0: 1], ["a": 1])
    #expect(audit.lostCount == 0)
    #expect(audit.uncommitted == 3)
  }

  @Test func whatCameTwiceIsADuplicate() {
    var topic = Self.topic
    topic.addLetter(Array("c".utf8), destination: "erp", reason: "exhausted")
    let audit = Self.audit(topic, ["a": 3, "b": 1, "c": 1, "unknown": 1])
    #expect(audit.lostCount == 0)
    #expect(audit.accounts[0].duplicates == 3)
  }

  @Test func manyLostOnesAreCountedAndAFewNamed() {
    var topic = TopicBook()
    for offset in 0..<100 { topic.add(Array("\(offset)".utf8), partition: 2, offset: Int64(offset), isOwn: true) }
    let audit = Self.audit(topic, committed: [2: 100], [:])
    #expect(audit.lostCount == 100)
    #expect(audit.accounts[0].lost.count == DemoAudit.namesMax)
    #expect(topic.ends == [2: 100])
    #expect((topic.own, topic.outside) == (100, 0))
  }
}
