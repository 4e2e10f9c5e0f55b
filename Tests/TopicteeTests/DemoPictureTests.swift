import Testing

@testable import topictee

@Suite struct DemoPictureTests {
  static let plain = TextStyle(isColoured: false, isUnicode: false)

  static var facts: DemoFacts {
    var facts = DemoFacts()
    facts.broker = "127.0.0.1:40123"
    facts.stage = .publishing
    facts.elapsed = .milliseconds(7900)
    (facts.rate, facts.published, facts.planned) = (50, 120, 1000)
    facts.destinations = [
      DemoFacts.Destination(name: "crm", delivered: 120),
      DemoFacts.Destination(name: "erp", delivered: 80, inFlight: 4, retried: 12, deadLetters: 3),
    ]
    facts.partitions = (0..<4).map {
      DemoFacts.Partition(name: "orders[\($0)]", end: 30, watermark: Int64(20 + $0), committed: 15)
    }
    facts.events = (1...12).map { "\($0).0 s  event \($0)" }
    return facts
  }

  private static func lines(
    _ facts: DemoFacts = facts, columns: Int = 109, rows: Int = 39, style: TextStyle = plain
  ) -> [String] {
    DemoPicture(style: style, columns: columns, rows: rows).lines(facts)
  }

  private static func cells(_ lines: [String], _ name: String) -> [String] {
    lines.first { $0.hasPrefix(name) }?.split(separator: " ").map(String.init) ?? []
  }

  @Test func everyNumberStandsInItsColumn() {
    let lines = Self.lines()
    #expect(lines[0].contains("127.0.0.1:40123"))
    #expect(lines[1] == "publishing 50/s, 120 of 1000")
    #expect(Self.cells(lines, "crm").prefix(6) == ["crm", "120", "0", "0", "0", "0"])
    #expect(Self.cells(lines, "erp").prefix(6) == ["erp", "80", "4", "33", "12", "3"])
    #expect(Self.cells(lines, "orders[2]").prefix(5) == ["orders[2]", "30", "22", "15", "15"])
    #expect(lines.last == "12.0 s  event 12")
  }

  @Test func barsShowTheShare() {
    let lines = Self.lines()
    #expect(Self.cells(lines, "crm").last == String(repeating: "#", count: 30))
    #expect(
      Self.cells(lines, "orders[0]").last == String(repeating: "#", count: 15) + String(repeating: ".", count: 15))
  }

  @Test func anOutageIsSaidWithWhatIsHeld() {
    #expect(!Self.lines().contains { $0.contains("outage") })
    var facts = Self.facts
    facts.destinations[1].isDown = true
    #expect(Self.lines(facts).contains("erp: outage, holding 37; the other goes on"))
    #expect(DemoPicture.plainLine(facts).contains("erp (outage) delivered 80, in flight 4, waiting 33"))
  }

  @Test(arguments: [(79, 23), (109, 39), (40, 10), (20, 3), (0, 0), (300, 100)])
  func itFitsTheTerminal(_ columns: Int, _ rows: Int) {
    var facts = Self.facts
    facts.destinations[1].isDown = true
    facts.events.append(String(repeating: "x", count: 500))
    let lines = Self.lines(facts, columns: columns, rows: rows)
    #expect(lines.count <= rows)
    #expect(lines.allSatisfy { $0.count <= columns })
    if rows == 23 {
      #expect(lines.contains { $0.hasPrefix("erp:") && $0.hasSuffix("the other goes on") })
      #expect(lines.last?.hasPrefix("xxx") == true)
    }
  }

  @Test func nothingThatCameFromOutsideMovesTheCursor() {
    var facts = Self.facts
    facts.events = ["\u{1b}[2Jred\r\n\u{7}ü"]
    let lines = Self.lines(facts)
    #expect(lines.last == ".[2Jred.....")
    #expect(lines.allSatisfy { line in line.utf8.allSatisfy { $0 >= 0x20 } })
    #expect(OneLine.of([0, 9, 65, 200], max: 10) == "..A.")
    #expect(OneLine.of("abcdef", max: 5) == "ab...")
    #expect(OneLine.of("abcde", max: 5) == "abcde")
    #expect(OneLine.of("abcde", max: 0) == "")
  }

  @Test func stagesSayWhatIsWaitedFor() {
    var facts = Self.facts
    facts.isHeldBack = true
    #expect(facts.stageText == "published 120 of 1000, waiting for the slower API")
    facts.stage = .forming
    #expect(facts.stageText.contains("the group is forming"))
    facts.partitions = []
    #expect(DemoPicture.plainLine(facts) == "7 s: \(facts.stageText)")
  }

  @Test func coloursAndBlocksOnlyWhereTheyAreWanted() {
    let unicode = ["TERM": "xterm", "LANG": "C.UTF-8"]
    let style = TextStyle.of(unicode, isTerminal: true)
    #expect(style == TextStyle(isColoured: true, isUnicode: true))
    #expect(style?.paint(.red, "x") == "\u{1b}[31mx\u{1b}[0m")
    #expect(TextStyle.of(["TERM": "xterm"], isTerminal: true)?.isUnicode == false)
    #expect(TextStyle.of(unicode.merging(["LC_ALL": "C"]) { $1 }, isTerminal: true)?.isUnicode == false)
    #expect(TextStyle.of(unicode.merging(["NO_COLOR": ""]) { $1 }, isTerminal: true) != nil)
    #expect(TextStyle.of(unicode.merging(["NO_COLOR": "1"]) { $1 }, isTerminal: true) == nil)
    #expect(TextStyle.of(unicode.merging(["TERM": "dumb"]) { $1 }, isTerminal: true) == nil)
    #expect(TextStyle.of(["LANG": "C.UTF-8"], isTerminal: true) == nil)
    #expect(TextStyle.of(unicode, isTerminal: false) == nil)
  }
}
