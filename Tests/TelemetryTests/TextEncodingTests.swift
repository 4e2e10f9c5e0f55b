import Foundation
import Telemetry
import Testing

@Suite struct TextEncodingTests {
  @Test(arguments: [
    ("", #""""#), ("plain", #""plain""#), ("q\"b\\s/", #""q\"b\\s/""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
    ("\0\u{1}\u{1F}", #""\u0000\u0001\u001f""#), ("\u{7F}\u{80}\u{9F}", #""\u007f\u0080\u009f""#),
    ("\u{2028}\u{2029}", #""\u2028\u2029""#), ("\u{A0}é漢🎉", "\"\u{A0}é漢🎉\""), ("\r\n", #""\r\n""#),
  ])
  func stringsAreEscaped(_ text: String, _ expected: String) throws {
    var out: [UInt8] = []
    JSONText.append(text, to: &out)
    #expect(String(decoding: out, as: UTF8.self) == expected)
    let parsed = try JSONSerialization.jsonObject(with: Data(out), options: .fragmentsAllowed) as? String
    #expect(parsed.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
  }

  @Test func everyScalarOfTheFirstPlaneComesBack() throws {
    let all = String(String.UnicodeScalarView((0...0xFFFF as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)))
    var out: [UInt8] = []
    JSONText.append(all, to: &out)
    #expect(!out.contains { $0 < 0x20 || $0 == 0x7F })
    let parsed = try JSONSerialization.jsonObject(with: Data(out), options: .fragmentsAllowed) as? String
    #expect(parsed.map { Array($0.unicodeScalars) } == Array(all.unicodeScalars))
  }

  @Test(
    arguments: [
      [0xFF], [0xC3], [0x61, 0xE2, 0x82, 0x62], [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xF4, 0x90, 0x80, 0x80], [0x80],
    ] as [[UInt8]])
  func bytesThatAreNotUTF8BecomeReplacementCharacters(_ bytes: [UInt8]) throws {
    var out: [UInt8] = []
    JSONText.append(bytes: bytes, to: &out)
    let parsed = try #require(
      JSONSerialization.jsonObject(with: Data(out), options: .fragmentsAllowed) as? String)
    #expect(parsed.unicodeScalars.contains("\u{FFFD}"))
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
    (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    (Int64.min, "0000-01-01T00:00:00.000Z"), (Int64.max, "9999-12-31T23:59:59.999Z"),
  ])
  func timesAreRFC3339(_ milliseconds: Int64, _ expected: String) {
    var out: [UInt8] = []
    Timestamp.append(milliseconds: milliseconds, to: &out)
    #expect(String(decoding: out, as: UTF8.self) == expected)
  }

  @Test func daysOfSixHundredYearsAreFoundationsDays() {
    let formatter = ISO8601DateFormatter()
    for day in stride(from: -110_000, through: 110_000, by: 7) {
      var out: [UInt8] = []
      Timestamp.append(milliseconds: Int64(day) * 86_400_000, to: &out)
      let date = Date(timeIntervalSince1970: Double(day) * 86_400)
      let ours = String(decoding: out, as: UTF8.self)
      // Foundation changes to the Julian calendar before 1582; these years are all after it.
      if ours.replacing(".000Z", with: "Z") != formatter.string(from: date) {
        Issue.record("day \(day): \(ours)")
        return
      }
    }
  }
}
