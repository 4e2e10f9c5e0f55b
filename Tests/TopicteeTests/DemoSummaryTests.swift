import Bridging
import Testing

@testable import topictee

@Suite struct DemoSummaryTests {
  /// One order, accepted by crm, and by erp unless it is lost.
  private static func summary(isLost: Bool = false, twice: Bool = false) -> DemoSummary {
    let body = Array(DemoOrder(id: 1, customers: 20).json.utf8)
    var topic = TopicBook()
    topic.add(body, partition: 0, offset: 0, isOwn: true)
    var books = (crm: APIBook(), erp: APIBook())
    _ = books.crm.answer(body, rules: .crm, customers: 20)
    for _ in 0..<(isLost ? 0 : twice ? 2 : 1) { _ = books.erp.answer(body, rules: .erp, customers: 20) }
    return DemoSummary(
      elapsed: .milliseconds(4230), published: 1, unpublished: 0, outside: 0,
      apis: [DemoSummary.API(name: "crm", books.crm), DemoSummary.API(name: "erp", books.erp)], reasons: [:],
      deadTopic: "orders.dead",
      partitions: [DemoFacts.Partition(name: "orders[0]", end: 1, watermark: 1, committed: 1)],
      audit: DemoAudit(
        topic, source: "orders", committed: [0: 1],
        accepted: [("crm", books.crm.acceptedBodies), ("erp", books.erp.acceptedBodies)]),
      isCutShort: false, isSettled: true, ending: .done)
  }

  @Test func whatHeldIsSaidAndTheCodeIsZero() {
    let summary = Self.summary()
    #expect(summary.exitCode == 0)
    #expect(summary.text.contains("1 events published, 0 from outside, in 4.2 s"))
    #expect(summary.text.contains("reached crm and erp, once, or is in orders.dead"))
    #expect(summary.text.split(separator: "\n").allSatisfy { $0.count < 80 })
  }

  @Test func aLostRecordIsNamedAndTheCodeIsOne() {
    let summary = Self.summary(isLost: true)
    #expect(summary.exitCode == 1)
    #expect(summary.text.contains("lost: 1 committed, but neither at erp nor in orders.dead: orders[0]@0"))
    #expect(!summary.text.contains("every committed record"))
  }

  @Test func aDuplicateIsCountedAndBreaksNoPromise() {
    let summary = Self.summary(twice: true)
    #expect(summary.exitCode == 0)
    #expect(summary.audit.accounts.map(\.duplicates) == [0, 1])
    #expect(summary.text.contains("reached crm and erp or is in orders.dead"))
  }

  @Test func brokenOrderUnpublishedAndUnsettledAreFailures() {
    var summary = Self.summary()
    summary.apis[1].outOfOrder = 2
    #expect(summary.exitCode == 1)
    #expect(summary.text.contains("order: 2 orders reached erp"))
    summary = Self.summary()
    summary.unpublished = 3
    #expect(summary.exitCode == 1)
    summary = Self.summary()
    summary.isSettled = false
    #expect(summary.exitCode == 1)
    summary.isCutShort = true
    #expect(summary.exitCode == 0)
  }

  @Test func aDrainThatWasCutShortHasTheContractsCode() {
    var summary = Self.summary()
    summary.ending = .interrupted
    #expect(summary.exitCode == 75)
  }
}
