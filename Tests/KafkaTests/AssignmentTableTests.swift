import FanOut
import Testing

@testable import Kafka

struct AssignmentTableTests {
  @Test func partitionsSpreadOverLanesAndEpochsAreFresh() {
    var table = AssignmentTable()
    let entries = (0..<5).map { table.add(TopicPartition(topic: "t", partition: $0), lanes: 2) }
    #expect(entries.map(\.lane) == [0, 1, 0, 1, 0])
    table.remove([entries[0].id, entries[2].id])
    let again = table.add(TopicPartition(topic: "t", partition: 0), lanes: 2)
    #expect(again.lane == 0)
    #expect(again.id > entries[4].id)
    #expect(table.lane(of: entries[2].id) == 0)
    #expect(table.entry(entries[2].id) == nil)
    #expect(table.lane(of: AssignmentID(epoch: 99)) == nil)
  }
}

struct LaneCreditTests {
  @Test func wakesOnlyForAUsefulAmount() {
    let credit = LaneCredit()
    #expect(credit.grant(records: 80, bytes: 8000))
    #expect(credit.available(takesCrumbs: false)?.records == 80)
    // There is credit: nobody waits for more.
    #expect(!credit.grant(records: 1, bytes: 1))
    credit.take(records: 81, bytes: 8001)
    #expect(credit.available(takesCrumbs: false) == nil)
    #expect(!credit.grant(records: 9, bytes: 900))
    #expect(credit.available(takesCrumbs: false) == nil)
    #expect(credit.available(takesCrumbs: true)?.records == 9)
    credit.take(records: 9, bytes: 900)
    #expect(!credit.grant(records: 9, bytes: 999))
    #expect(credit.grant(records: 1, bytes: 1))
  }
}

struct CommitErrorsTests {
  @Test(arguments: [
    (Int32(0), CommitResult.committed), (12, .metadataRefused), (28, .metadataRefused), (22, .assignmentGone),
    (25, .assignmentGone), (82, .assignmentGone), (29, .forbidden("TOPIC_AUTHORIZATION_FAILED")),
    (30, .forbidden("GROUP_AUTHORIZATION_FAILED")), (27, .unknown("REBALANCE_IN_PROGRESS")),
    (-180, .unknown("_WAIT_COORD")),
  ])
  func codesMeanWhatTheTableSays(code: Int32, result: CommitResult) {
    #expect(CommitResult.result(ofCode: code) == result)
  }
}
