import FanOut
import HTTPWire
import Testing

@testable import Destinations

@Suite struct TraceContextTests {
  static let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
  /// SplitMix64's first number from 0, as its authors' C program gives it.
  static let next = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-e220a8397b1dcdaf-01\r\n"

  static func lines(_ headers: [(String, String?)]) -> String {
    var buffer = ByteBuffer()
    var ids = TraceIDs(seed: 0)
    let record = record(value: [], headers: headers.map { ($0.0, $0.1.map { Array($0.utf8) }) })
    TraceContext.append(of: record, &ids, to: &buffer)
    return text(buffer)
  }

  @Test func goesOn() {
    #expect(Self.lines([("TraceParent", Self.valid)]) == Self.next)
    #expect(Self.lines([("other", Self.valid)]) == "")
    #expect(Self.lines([]) == "")
  }

  @Test func everyRequestHasItsOwnParent() {
    var ids = TraceIDs(seed: 7)
    #expect(Set((0..<1_000).map { _ in ids.next() }).count == 1_000)
    #expect(!Set((0..<1_000).map { _ in ids.next() }).contains(0))
  }

  /// Only the two flags that have a meaning are passed on.
  @Test(arguments: [("00", "00"), ("01", "01"), ("02", "02"), ("ff", "03"), ("fc", "00")])
  func flags(_ given: String, _ sent: String) {
    #expect(Self.lines([("traceparent", Self.valid.dropLast(2) + given)]).hasSuffix("-\(sent)\r\n"))
  }

  @Test func laterVersionsAreReadAsThisOne() {
    let rest = Self.valid.dropFirst(2)
    #expect(Self.lines([("traceparent", "cc\(rest)")]) == Self.next)
    #expect(Self.lines([("traceparent", "01\(rest)-what-comes-later")]) == Self.next)
  }

  @Test(arguments: [
    "", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
    "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.",
    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
    "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
    "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", " \(valid)", "\(valid)\r\n",
    "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
  ])
  func noTrace(_ value: String) {
    #expect(Self.lines([("traceparent", value), ("tracestate", "a=1")]) == "")
  }

  @Test func twoParentsOrNoneAreNoTrace() {
    #expect(Self.lines([("traceparent", Self.valid), ("traceparent", Self.valid)]) == "")
    #expect(Self.lines([("traceparent", nil)]) == "")
    #expect(Self.lines([("tracestate", "a=1")]) == "")
  }

  @Test(arguments: [
    ("a=1", "a=1"), ("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
    ("fw529a3039@dt=FfAgBg==", nil), ("t*/_-x@v=a b", "t*/_-x@v=a b"), (" a=1 ,\tb=2,,", " a=1 ,\tb=2,,"), ("", nil),
    (",", nil), ("a", nil), ("=1", nil), ("a=", nil), ("A=1", nil), ("a=1,b=\r\nX: 1", nil), ("a=é", nil),
    ((0..<33).map { "k\($0)=1" }.joined(separator: ","), nil),
    ((0..<32).map { "k\($0)=1" }.joined(separator: ","), (0..<32).map { "k\($0)=1" }.joined(separator: ",")),
    (String(repeating: "k", count: 257) + "=1", nil),
  ])
  func state(_ given: String, _ sent: String?) {
    let expected = Self.next + (sent.map { "tracestate: \($0)\r\n" } ?? "")
    #expect(Self.lines([("traceparent", Self.valid), ("tracestate", given)]) == expected)
  }

  @Test func severalStatesAreOne() {
    #expect(
      Self.lines([
        ("tracestate", "a=1"), ("traceparent", Self.valid), ("x", "y"), ("tracestate", ""), ("tracestate", "b=2"),
      ])
        == Self.next + "tracestate: a=1,b=2\r\n")
    #expect(Self.lines([("traceparent", Self.valid), ("tracestate", "a=1"), ("tracestate", nil)]) == Self.next)
  }
}
