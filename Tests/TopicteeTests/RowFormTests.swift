import Foundation
import Kafka
import Settings
import Testing

@testable import Bridging
@testable import FanOut

/// Rows as they are written, and as they are read back.
@Suite struct RowFormTests {
  private static func bytes(_ text: String?) -> [UInt8]? { text.map { Array($0.utf8) } }

  private func record(key: [UInt8]?) -> Record {
    unsafe (key ?? []).withUnsafeBytes { bytes in
      unsafe Record.make(
        assignment: AssignmentID(epoch: 1), offset: 42, timestampMilliseconds: 1_790_000_000_000,
        key: key == nil ? nil : bytes, headers: UnsafeRawBufferPointer(start: nil, count: 0), value: nil)
    }
  }

  private func layout(keepsStatus: Bool = true) throws -> RowLayout {
    var settings = BridgeSettings()
    settings.destinations = try ["crm", "erp", "fraud"].map {
      DestinationSettings(name: $0, url: try EndpointURL.parse("http://api.example.com/"))
    }
    var results = ResultsSettings()
    results.topic = "orders.results"
    var keep = ResultsSettings.Keep(destination: "crm")
    keep.status = keepsStatus
    results.keep = [keep]
    settings.results = results
    return try #require(RowLayout(settings))
  }

  private func row(
    _ columns: [ResultRow.Column], key: [UInt8]? = Self.bytes("c1"), keepsStatus: Bool = true
  ) throws -> OutgoingRow {
    OutgoingRow(
      record: record(key: key), place: TopicPartition(topic: "orders", partition: 0), row: ResultRow(columns: columns),
      layout: try layout(keepsStatus: keepsStatus))
  }

  private func column(
    _ ending: ResultRow.Ending, status: UInt16 = 0, attempts: Int = 1, microseconds: Int64? = nil, body: String = ""
  ) -> ResultRow.Column {
    var column = ResultRow.Column(ending)
    (column.status, column.attempts, column.body) = (status, attempts, Array(body.utf8))
    column.duration = microseconds.map { Nanoseconds(count: $0 * 1_000) }
    return column
  }

  private func text(_ row: OutgoingRow, _ form: RowForm = .whole) -> String {
    String(decoding: form.value(of: row), as: UTF8.self)
  }

  private var contracts: [ResultRow.Column] {
    [
      column(.delivered, status: 201, microseconds: 12_500, body: "\"A-17\""),
      column(.deadLettered(.rejected), status: 400, microseconds: 3_100), column(.skipped),
    ]
  }

  @Test func theContractsExample() throws {
    #expect(
      text(try row(contracts))
        == """
        {"topic":"orders","partition":0,"offset":42,"timestamp":1790000000000,"key":"c1","destinations":{\
        "crm":{"outcome":"delivered","status":201,"attempts":1,"duration_ms":12.5,"body":"A-17"},\
        "erp":{"outcome":"dead_lettered","reason":"rejected","status":400,"attempts":1,"duration_ms":3.1},\
        "fraud":{"outcome":"skipped"}}}
        """)
  }

  @Test func statusOnlyWhereThereWasAResponseAndItIsAskedFor() throws {
    let template = column(.deadLettered(.template), attempts: 0)
    let columns = [column(.delivered, status: 204, microseconds: 7), template, column(.pending)]
    let found = text(try row(columns, keepsStatus: false))
    #expect(found.contains("\"crm\":{\"outcome\":\"delivered\",\"attempts\":1,\"duration_ms\":0.007}"))
    #expect(found.contains("\"erp\":{\"outcome\":\"dead_lettered\",\"reason\":\"template\",\"attempts\":0}"))
    #expect(found.contains("\"fraud\":{\"outcome\":\"pending\"}"))
    #expect(text(try row([column(.restored), template, template])).contains("\"crm\":{\"outcome\":\"settled\"}"))
  }

  @Test(arguments: [
    (bytes("a\"b\n\u{1b}"), "\"key\":\"a\\\"b\\n\\u001b\""), (nil, "\"key\":null"), ([], "\"key\":\"\""),
    ([0xff, 0x00, 0x41], "\"key_base64\":\"/wBB\""),
  ])
  func keys(_ key: [UInt8]?, _ expected: String) throws {
    let found = text(try row(contracts, key: key))
    #expect(found.contains(expected + ",\"destinations\""))
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(found.utf8)) }
  }

  @Test func whatIsTooLargeLosesBodiesFirstAndThenALongKey() throws {
    let row = try row(contracts, key: Array(repeating: UInt8(ascii: "k"), count: 2_000))
    #expect(text(row, .alone) == text(row, .whole))
    let lean = text(row, .lean)
    #expect(lean.contains("\"duration_ms\":12.5,\"body_length\":6}") && lean.contains("\"key\":\"kkk"))
    let pointer = text(row, .pointer)
    #expect(pointer.contains("\"key_length\":2000,") && !pointer.contains("kkk") && pointer.utf8.count < 600)
    #expect(RowForm.pointer.next == nil)
    #expect(text(try self.row(contracts), .pointer).contains("\"key\":\"c1\""))
  }

  @Test func aRowIsReadBackAsItWasWritten() throws {
    let found = try #require(StoredRowReader().read(RowForm.whole.value(of: try row(contracts))))
    #expect(found.topic == "orders" && found.partition == "0" && found.offset == "42" && found.key == .text("c1"))
    #expect(
      found.columns["crm"]
        == StoredRow.Column(
          outcome: "delivered", status: "201", attempts: "1", durationMilliseconds: "12.5", body: "\"A-17\"",
          bodyText: "A-17"))
    #expect(found.columns["erp"]?.reason == "rejected" && found.columns["fraud"]?.outcome == "skipped")
    let bare = try row(contracts, key: [0xff])
    #expect(StoredRowReader().read(RowForm.whole.value(of: bare))?.key == .base64("/w=="))
  }

  /// Whoever may write to the topic may have written it.
  @Test(arguments: [
    "", "null", "[]", "{", "{\"topic\":\"t\"}", "{\"topic\":1,\"partition\":0,\"offset\":0,\"destinations\":{}}",
    "{\"topic\":\"t\",\"partition\":\"0\",\"offset\":0,\"destinations\":{}}",
    "{\"topic\":\"t\",\"partition\":0,\"offset\":0,\"destinations\":[]}",
  ])
  func whatIsNoRowIsNone(_ text: String) {
    #expect(StoredRowReader().read(Array(text.utf8)) == nil)
  }

  @Test func strangeColumnsAreLeftOut() {
    let text = """
      {"topic":"t","partition":0,"offset":0,"destinations":
      {"a":1,"b":{"outcome":2},"c":{"outcome":"delivered","status":"x","body":[1, 2]},"\\ud800":{"outcome":"x"}}}
      """
    let row = StoredRowReader().read(Array(text.utf8))
    #expect(row?.columns.keys.sorted() == ["c"] && row?.key == StoredRow.Key.none)
    #expect(row?.columns["c"] == StoredRow.Column(outcome: "delivered", body: "[1, 2]", bodyText: "[1, 2]"))
  }
}
