import Foundation
import Telemetry
import Testing

/// The line as Foundation's parser, which is not ours, reads it.
func parse(_ line: [UInt8]) throws -> [String: Any] {
  try #require(JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
}

@Suite struct LogLineTests {
  @Test func everyFieldStandsUnderTheContractsName() throws {
    let fields = LogFields(
      topic: "orders", partition: 3, offset: 9_007_199_254_740_993, destination: "crm", attempt: 2, status: 503,
      durationMilliseconds: 12.34, error: "http: cut off")
    let line = LogLine.render(.warn, "held", fields, .json, atMilliseconds: 1_790_000_000_123)
    let expected =
      #"{"ts":"2026-09-21T14:13:20.123Z","level":"warn","msg":"held","topic":"orders","partition":3,"#
      + #""offset":9007199254740993,"destination":"crm","attempt":2,"status":503,"duration_ms":12.3,"#
      + #""error":"http: cut off"}"# + "\n"
    #expect(String(decoding: line, as: UTF8.self) == expected)
    #expect(try parse(line).count == 11)
  }

  @Test func whatIsNotThereDoesNotStandInTheLine() throws {
    let line = try parse(LogLine.render(.info, "started", LogFields(), .json, atMilliseconds: 0))
    #expect(Set(line.keys) == ["ts", "level", "msg"])
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300])
  func aDurationThatJSONCannotSayIsNull(_ duration: Double) throws {
    let line = try parse(
      LogLine.render(.info, "m", LogFields(durationMilliseconds: duration), .json, atMilliseconds: 0))
    #expect(line["duration_ms"] is NSNull)
  }

  @Test(arguments: LogLevel.allCases) func levelsHaveTheConfigsNames(_ level: LogLevel) throws {
    #expect(LogLevel(name: level.name) == level)
    #expect(LogLevel(name: level.name.uppercased()) == nil)
    #expect(
      try parse(LogLine.render(level, "m", LogFields(), .json, atMilliseconds: 0))["level"] as? String == level.name)
  }

  @Test func readableLinesQuoteOnlyWhatNeedsIt() {
    let fields = LogFields(topic: "orders", destination: "a b", attempt: 1, error: "x=\"1\"\u{1B}[2J")
    let line = LogLine.render(.warn, "said \"no\"\nthen", fields, .readable, atMilliseconds: 3_723_004)
    #expect(
      String(decoding: line, as: UTF8.self)
        == "01:02:03.004 warn  said \"no\"\\nthen topic=orders destination=\"a b\" attempt=1 error=\"x=\\\"1\\\"\\u001b[2J\"\n"
    )
  }
}
