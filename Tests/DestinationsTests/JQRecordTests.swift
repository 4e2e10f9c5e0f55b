import FanOut
import Payload
import Settings
import Testing

@testable import Destinations

/// jq programs about a record: `when` and `body.jq`.
@Suite struct JQRecordTests {
  static let id = RecordIDs(cluster: "c", topic: "orders", partition: 3).id(ofOffset: 42).string

  static func made(_ program: String, _ record: Record, _ change: (inout DestinationSettings) -> Void = { _ in })
    -> MadeRequest
  {
    request(
      record,
      destination { settings in
        settings.body = .jq(JQText(program))
        change(&settings)
      })
  }

  @Test(
    arguments: [
      (".value", "{\"b\": 2, \"a\": [1.50]}", nil), (".value.b", "{\"b\": 2}", "2"), (".value", "text", "\"text\""),
      (".value", "", "\"\""), (".value.a // \"none\"", "{}", "\"none\""),
      (
        "{ref: .value.id, total: ([.value.lines[].price] | add), at: .timestamp}",
        "{\"id\":\"A\",\"lines\":[{\"price\":1.5},{\"price\":2}]}", "{\"ref\":\"A\",\"total\":3.5,\"at\":1790000000000}"
      ),
      ("[.topic, .partition, .offset, .timestamp, .attempt]", "1", "[\"orders\",3,42,1790000000000,1]"),
      (
        "keys_unsorted", "1",
        "[\"value\",\"key\",\"headers\",\"topic\",\"partition\",\"offset\",\"timestamp\",\"id\",\"attempt\"]"
      ),
      ("[.key, .headers]", "1", "[null,{}]"), (".id", "1", nil),
    ] as [(String, String, String?)])
  func bodies(_ program: String, _ value: String, _ expected: String?) {
    let made = Self.made(program, record(value: Array(value.utf8)))
    let expected =
      expected
      ?? (program == ".id"
        ? "\"\(Self.id)\"" : JQInput.keepsDigits ? "{\"b\":2,\"a\":[1.50]}" : "{\"b\":2,\"a\":[1.5]}")
    #expect(made.body == expected)
    #expect(made.header("Content-Type") == "application/json")
    #expect(made.header("Content-Length") == "\(expected.utf8.count)")
  }

  @Test func theFilesOwnTypeStands() {
    let made = Self.made(".value", record(value: [0x31])) { $0.headers = [("content-type", "text/plain")] }
    #expect(made.header("Content-Type") == "text/plain" && made.body == "1")
  }

  @Test func noValueIsNullAndTheLastOfEqualHeadersCounts() {
    let headers: [TestHeader] = [("a", Array("1".utf8)), ("a", Array("2".utf8)), ("n", nil), ("", Array("e".utf8))]
    #expect(
      Self.made("[.value, .headers]", record(value: nil, headers: headers)).body == "[null,{\"a\":\"2\",\"\":\"e\"}]")
  }

  @Test(arguments: [
    ("empty", "1", "no result"), (".value.a", "1", "an error"), ("error(\"secret\")", "1", "an error"),
    (
      ".value", "[" + String(repeating: "[", count: 200) + String(repeating: "]", count: 201),
      "value is nested deeper than 100"
    ),
    ("[range(3000000)] | map(\"xxxxxx\")", "1", "a result of more than 16777216 bytes"),
    (".value", "[1e999]", "the input holds a number that this jq would round"),
  ])
  func whatHasNoBodyIsAFailureOfTheRecord(_ program: String, _ value: String, _ message: String) {
    let made = Self.made(program, record(value: Array(value.utf8)))
    #expect(made.templateProblem == "body.jq: \(message)")
  }

  @Test func bytesThatAreNoUTF8AreNotAltered() {
    #expect(
      Self.made(".value", record(value: [0xff])).templateProblem
        == "body.jq: a result with text of the input that is not UTF-8")
    let headers: [TestHeader] = [("h", [0xc3])]
    #expect(Self.made(".headers.h", record(value: [0x31], headers: headers)).templateProblem != nil)
    #expect(Self.made(".value", record(value: [0x31], headers: headers)).body == "1")
  }

  // MARK: when

  static func filter(_ programs: [String?]) -> WhenFilter? {
    WhenFilter(programs.map { text in destination { $0.when = text.map { JQText($0) } } }, RecordView())
  }

  @Test func eachDestinationIsAskedOnceForARecord() {
    let filter = Self.filter([nil, ".value.total >= 100", "false", ".headers.region == \"eu\"", "null", "0"])
    func skipped(_ value: String, _ headers: [TestHeader] = []) -> UInt64? {
      filter?.skipped(record(value: Array(value.utf8), headers: headers), context)
    }
    #expect(skipped("{\"total\": 100}") == 0b011100)
    #expect(skipped("{\"total\": 99}", [("region", Array("eu".utf8))]) == 0b010110)
    #expect(Self.filter([nil, nil]) == nil)
  }

  @Test(arguments: ["empty", "error", ".value.a", ".value[0].b"])
  func whatHasNoAnswerIsNotSkippedButEndsAsADeadLetter(_ program: String) throws {
    let filter = try #require(Self.filter(["true", program]))
    let bad = record(value: Array("\"x\"".utf8))
    #expect(filter.skipped(bad, context) == 0)
    #expect(filter.obstacle(to: bad, 0, context) == nil)
    // Whatever comes between, and however often.
    _ = filter.skipped(record(value: Array("{\"a\": true}".utf8)), context)
    for _ in 0..<2 {
      guard case .unsendable(.template, let failure)? = filter.obstacle(to: bad, 1, context) else {
        Issue.record("no obstacle")
        return
      }
      #expect(failure.message.hasPrefix("when: "))
    }
  }

  @Test func whatHasAnAnswerIsSentThoughOthersHaveNone() throws {
    let filter = try #require(Self.filter([".value.a"]))
    _ = filter.skipped(record(value: [0x31]), context)
    #expect(filter.obstacle(to: record(value: Array("{\"a\": true}".utf8)), 0, context) == nil)
  }

  @Test func theAttemptIsTheFirstWhenItIsAskedAgain() throws {
    let filter = try #require(Self.filter(["if .attempt == 1 then error else true end"]))
    var second = context
    second.attempt = 2
    #expect(filter.skipped(record(value: [0x31]), context) == 0)
    #expect(filter.obstacle(to: record(value: [0x31]), 0, second) != nil)
  }

  @Test func largeIntegersAreComparedInAConditionAndNotRefused() throws {
    let filter = try #require(Self.filter([".value > 5"]))
    #expect(filter.skipped(record(value: Array("12345678901234567890".utf8)), context) == 0)
    #expect(filter.obstacle(to: record(value: [0x31]), 0, context) == nil)
  }

  // MARK: Slow programs

  @Test func slowRunsAreCountedAndToldOnce() {
    let meter = JQMeter()
    #expect(meter.time("crm") { 7 } == 7)
    meter.note("crm", JQMeter.slow)
    #expect(meter.hasNews == false && meter.takeNews().isEmpty)
    meter.note("erp", JQMeter.slow + 1)
    meter.note("erp", JQMeter.slow + 9)
    meter.note("erp", JQMeter.slow + 2)
    let news = meter.takeNews()
    #expect(news.map(\.destination) == ["erp"])
    #expect(news.first?.1.runs == 3 && news.first?.1.longest == JQMeter.slow + 9)
    #expect(meter.takeNews().isEmpty)
    meter.note("erp", JQMeter.slow + 5)
    let later = meter.takeNews().first?.1
    #expect(later?.runs == 4 && later?.longest == JQMeter.slow + 5)
  }
}
