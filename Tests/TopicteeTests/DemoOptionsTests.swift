import Testing

@testable import topictee

@Suite struct DemoOptionsTests {
  private static func read(_ options: [String: String]) throws -> DemoOptions { try DemoOptions(options) }

  @Test func withoutOptionsItIsTwentySecondsAtFifty() throws {
    let options = try Self.read([:])
    #expect(options.events == 1000)
    #expect(options.rate == 50)
    #expect(options.publishing == .seconds(20))
    #expect(options.planned == .seconds(20))
  }

  @Test func eventsAreExactAndRaiseThePaceOnlyWhereItMatters() throws {
    let few = try Self.read(["events": "200"])
    #expect((few.events, few.rate, few.publishing) == (200, 50, nil))
    #expect(few.planned == .seconds(4))
    #expect(try Self.read(["events": "20000"]).rate == 1000)
    #expect(try Self.read(["events": "20000", "for": "1m"]).rate == 334)
    #expect(try Self.read(["events": "1000000"]).rate == DemoOptions.rateMax)
    #expect(try Self.read(["events": "20000", "rate": "100/s", "for": "1s"]).rate == 100)
  }

  @Test func aShortRunPublishesAtLeastOneAndALongOneNotMoreThanItsBooksHold() throws {
    #expect(try Self.read(["for": "1ms", "rate": "1/s"]).events == 1)
    #expect(try Self.read(["for": "1h", "rate": "10000/s"]).events == DemoOptions.eventsMax)
  }

  @Test(arguments: [
    ("rate", "abc", "50/s"), ("rate", "50", "50/s"), ("rate", "0/s", "1/s"), ("rate", "10001/s", "10000/s"),
    ("events", "0", "from 1"), ("events", "-3", "from 1"), ("events", "2.5", "whole number"), ("events", "", "200"),
    ("events", "1000001", "1000000"), ("for", "5x", "20s"), ("for", "0", "above 0"), ("for", "61m", "1h"),
    ("for", "\u{1b}[2J", "20s"),
  ]) func whatIsWrongAndWhatIsExpectedStandInOneLine(_ option: String, _ text: String, _ expected: String) {
    let error = #expect(throws: Invocation.UsageError.self) { try Self.read([option: text]) }
    let line = error?.text ?? ""
    #expect(line.hasPrefix("topictee demo: --\(option) '"))
    #expect(line.contains(expected), "\(line)")
    #expect(line.utf8.allSatisfy { (0x20..<0x7f).contains($0) })
  }

  @Test func thePaceHoldsHoweverLateATurnComes() {
    let pace = DemoPace(events: 100, rate: 50)
    #expect(pace.due(after: .zero) == 1)
    #expect(pace.due(after: .milliseconds(999)) == 50)
    #expect(pace.due(after: .seconds(1)) == 51)
    #expect(pace.due(after: .seconds(3600)) == 100)
    // Whoever comes when the next one is due finds it due.
    for sent in 1..<100 { #expect(pace.due(after: pace.next(after: sent) + .microseconds(1)) == sent + 1) }
  }

  @Test func anOutageStandsInTheMiddleOfARunThatIsLongEnough() {
    #expect(DemoRun.outage(in: .seconds(1)) == nil)
    #expect(DemoRun.outage(in: .seconds(20)) == .seconds(8)..<(.seconds(11)))
    #expect(DemoRun.outage(in: .seconds(3600)) == .seconds(1440)..<(.seconds(1444)))
  }
}
