import Testing

@testable import Settings

@Suite struct ValueParsersTests {
  @Test(arguments: [
    ("0", Duration.zero), ("250ms", .milliseconds(250)), ("15s", .seconds(15)), ("2m", .seconds(120)),
    ("1h", .seconds(3600)),
    ("0s", .zero), ("007s", .seconds(7)), ("100000h", .seconds(360_000_000)),
  ]) func durations(_ text: String, _ value: Duration) { #expect(DurationText.parse(text) == value) }

  @Test(arguments: [
    "", " ", "s", "15", "1.5s", "-1s", "+1s", "15 s", "15S", "15sec", "1d", "100001h", "9223372036854775807h",
    "99999999999999999999s", "1h30m", "٣s", "0x10s",
  ]) func noDurations(_ text: String) { #expect(DurationText.parse(text) == nil) }

  @Test(arguments: [("0", 0), ("512", 512), ("512B", 512), ("64KiB", 65536), ("16MiB", 16 << 20), ("2GiB", 2 << 30)])
  func sizes(_ text: String, _ value: Int) { #expect(SizeText.parse(text) == value) }

  @Test(arguments: [
    "", "KiB", "64KB", "64kib", "1.5MiB", "-1", "64 KiB", "9223372036854775807KiB", "99999999999999999999", "1TiB",
  ])
  func noSizes(_ text: String) { #expect(SizeText.parse(text) == nil) }

  @Test(arguments: [("50/s", 50), ("0/s", 0), ("1000000/s", 1_000_000)])
  func rates(_ text: String, _ value: Int) { #expect(RateText.parse(text) == value) }

  @Test(arguments: [
    "", "/s", "50", "50/", "50/m", "50 /s", "-1/s", "1.5/s", "50/s/s", "50s", "99999999999999999999/s",
  ])
  func noRates(_ text: String) { #expect(RateText.parse(text) == nil) }

  @Test(arguments: [
    ("200ms..30s", Duration.milliseconds(200), Duration.seconds(30)), ("1s..1s", .seconds(1), .seconds(1)),
    ("0..1m", .zero, .seconds(60)),
  ]) func backoffs(_ text: String, _ min: Duration, _ max: Duration) throws {
    #expect(try BackoffRange.parse(text) == BackoffRange(min: min, max: max))
  }

  @Test(arguments: ["", "..", "1s", "1s..", "..1s", "1s...2s", "1s-2s", "1s .. 2s", "1s..2s..3s", "a..b"])
  func noBackoffs(_ text: String) { #expect(throws: BackoffRange.Problem.malformed) { try BackoffRange.parse(text) } }

  @Test func backoffsDoNotShrink() {
    #expect(throws: BackoffRange.Problem.reversed) { try BackoffRange.parse("2s..1s") }
  }

  @Test(arguments: [
    ("2xx", StatusPart.include(200...299)), ("409", .include(409...409)), ("500-599", .include(500...599)),
    ("!501", .exclude(501...501)),
    ("!5xx", .exclude(500...599)), ("100", .include(100...100)), ("599", .include(599...599)),
  ]) func statuses(_ text: String, _ part: StatusPart) { #expect(StatusPart.parse(text) == part) }

  @Test(arguments: [
    "", "!", "!!501", "99", "600", "6xx", "0xx", "2XX", "20x", "2x", "599-500", "500-", "-500", "500-600", "20 0",
    "2000", "٢xx",
  ])
  func noStatuses(_ text: String) { #expect(StatusPart.parse(text) == nil) }

  @Test func statusSets() {
    var set = StatusSet([200...299, 409...409])
    #expect(set.contains(200) && set.contains(299) && set.contains(409))
    #expect(!set.contains(199) && !set.contains(300) && !set.contains(-1) && !set.contains(.max) && !set.contains(.min))
    #expect(set.description == "2xx,409")
    set.remove(204...204)
    #expect(set.description == "200-203,205-299,409" && !set.contains(204))
    set = StatusSet([600...900, 0...99])
    #expect(set.isEmpty && set.description == "")
    #expect(StatusSet([100...599]).description == "1xx,2xx,3xx,4xx,5xx" && StatusSet([599...599]).contains(599))
  }

  @Test func suggestions() {
    let known = ["timeout", "retry", "method", "url", "headers"]
    #expect(Suggestion.closest(to: "timout", among: known) == "timeout")
    #expect(Suggestion.closest(to: "Timeout", among: known) == "timeout")
    #expect(Suggestion.closest(to: "rtery", among: known) == "retry")
    #expect(Suggestion.closest(to: "ulr", among: known) == "url")
    #expect(Suggestion.closest(to: "body", among: known) == nil)
    #expect(Suggestion.closest(to: "", among: known) == nil)
    #expect(Suggestion.closest(to: "warn", among: ["debug", "info", "warning"]) == "warning")
    #expect(Suggestion.closest(to: "User", among: ["username", "password"]) == "username")
    #expect(Suggestion.closest(to: "SCRAM", among: ["SCRAM-SHA-256", "SCRAM-SHA-512"]) == nil, "which one?")
    #expect(Suggestion.closest(to: "wa", among: ["warning"]) == nil)
    #expect(Suggestion.distance(Array("abcd".utf8), Array("acbd".utf8)) == 1)
  }

  @Test(arguments: [
    "1", "-1", "+1", "1.5", ".5", "1.", "1e3", "1.5E-3", "0x1F", "0o17", ".inf", "-.inf", ".nan", "007",
  ])
  func numbers(_ text: String) { #expect(PlainScalar.isNumber(text)) }

  @Test(arguments: ["", "-", "+", ".", "1e", "1e+", "1_000", "0x", "0o8", "e3", "1.2.3", "10s", "localhost", "inf"])
  func noNumbers(_ text: String) { #expect(!PlainScalar.isNumber(text)) }
}
