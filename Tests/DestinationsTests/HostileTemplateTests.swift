import FanOut
import HTTPWire
import Testing

@testable import Destinations
@testable import Settings

/// Records that are no text, hold nothing, or hold very much.
@Suite struct HostileTemplateTests {
  /// A destination that refers to something in every place.
  static func everywhere(_ reference: String) -> [String: DestinationSettings] {
    let text = template(reference)
    return [
      "path": destination { $0.target = TargetTemplate(path: template("/\(reference)"), query: nil) },
      "query": destination { $0.query = [("q", text)] }, "header": destination { $0.headers = [("X-H", text)] },
      "json": destination { $0.body = .json(.list([.text(text)])) },
      "text in json": destination { $0.body = .json(.list([.text(template("x \(reference)"))])) },
      "soap": destination { $0.body = .soap(template("<a>\(reference)</a>"), version: .v1_2) },
      "form": destination { $0.body = .form([.init("f", text)]) }, "text": destination { $0.body = .text(text) },
    ]
  }

  static func rendered(_ record: Record, _ renderer: RequestRenderer) -> [UInt8] {
    var buffer = ByteBuffer()
    guard renderer.prepare(record, context) == nil else { return [] }
    renderer.write(record, context, into: &buffer)
    return unsafe buffer.withBytes { unsafe Array($0) }
  }

  static let notUTF8: [[UInt8]] = [
    [0xff], [0xc0, 0xae, 0xc0, 0xae], [0xed, 0xa0, 0x80], [0x61, 0xc3], [0xf4, 0x90, 0x80, 0x80],
  ]

  @Test(arguments: notUTF8) func whatIsNotUTF8Fails(_ bytes: [UInt8]) {
    let records = [
      "${key}": record("1", key: bytes), "${value}": record(value: bytes),
      "${headers.h}": record("1", headers: [("h", bytes)]),
      #"${key | default("x") | json}"#: record("1", key: bytes),
    ]
    for (reference, record) in records {
      for (place, settings) in Self.everywhere(reference) {
        #expect(request(record, settings).templateProblem == "\(reference) is not UTF-8", "\(place)")
      }
    }
    // Within JSON it makes the whole value no JSON.
    let value = Array("{\"a\":1,\"b\":\"".utf8) + bytes + Array("\"}".utf8)
    for (place, settings) in Self.everywhere("${value.a}") {
      #expect(
        request(record(value: value), settings).templateProblem == "${value.a} of a value that is not JSON", "\(place)")
    }
  }

  @Test func aTombstoneHasNoValue() {
    let tombstone = record(value: nil)
    for (place, settings) in Self.everywhere("${value.a}") {
      #expect(request(tombstone, settings).templateProblem == "${value.a} of a record without a value", "\(place)")
    }
    for (place, settings) in Self.everywhere("${value}") {
      let made = request(tombstone, settings)
      if place == "json" { #expect(made.body == "[null]") } else { #expect(made.templateProblem == "${value} is null") }
    }
    for (place, settings) in Self.everywhere("${key}") where place != "json" {
      #expect(request(tombstone, settings).templateProblem == "${key} is null", "\(place)")
    }
    for (place, settings) in Self.everywhere(#"${value | default("none")}"#) {
      #expect(request(tombstone, settings).obstacle == nil, "\(place)")
    }
  }

  @Test(arguments: [
    "", " ", "{", "{\"a\":1}}", "{\"a\":1} x", "{\"a\":01}", "{\"a\":NaN}", "{'a':1}", "\u{feff}{\"a\":1}",
    "{\"a\":1,}",
    String(repeating: "[", count: 100_000),
    "{\"a\":1,\"b\":" + String(repeating: "[", count: 2_000) + String(repeating: "]", count: 2_000) + "}",
  ]) func aValueIsJSONAsAWhole(_ value: String) {
    for (place, settings) in Self.everywhere("${value.a}") {
      #expect(request(record(value), settings).templateProblem == "${value.a} of a value that is not JSON", "\(place)")
    }
  }

  /// 5 MiB: everything of it comes through, and the same again after a small one.
  @Test func muchIsRenderedWhole() throws {
    let count = 5 << 20
    let big = record("{\"a\":\"" + String(repeating: "\\n", count: count / 2) + "\",\"id\":7}")
    for (place, settings) in Self.everywhere("${value.a}") where place != "header" {
      let made = request(big, settings)
      #expect(
        made.obstacle == nil && made.bytes.count > (place == "text" || place == "soap" ? count / 2 : count), "\(place)")
    }
    let settings = destination {
      $0.body = .json(.map([.init("all", .text("x")), .init("a", .text(template("${value.a}")))]))
    }
    let renderer = RequestRenderer(settings, RecordView())
    for record in [big, record(#"{"a":1}"#), big, record(#"{"a":"b"}"#)] {
      #expect(renderer.prepare(record, context) == nil)
    }
    #expect(
      request(big, destination { $0.headers = [("X-H", template("${value.a}"))] }).templateProblem
        == "${value.a} holds a control character, which no header can")
  }

  /// A failure leaves nothing behind for the next record.
  @Test func afterAFailureComesAWholeRequest() {
    let settings = destination {
      $0.target = TargetTemplate(path: template("/o/${value.id}"), query: template("x=${value.x}"))
      $0.headers = [("X-H", template("${value.h}"))]
      $0.body = .json(.map([.init("id", .text(template("${value.id}"))), .init("b", .text(template("${value.b}")))]))
      $0.compressesBody = false
    }
    let good = record(#"{"id":1,"x":2,"h":3,"b":4}"#)
    let expected = request(good, settings).bytes
    let view = RecordView()
    let renderer = RequestRenderer(settings, view)
    for bad in [
      #"{}"#, #"{"id":1}"#, #"{"id":1,"x":2}"#, #"{"id":1,"x":2,"h":3}"#, #"{"id":1,"x":2,"h":"\n","b":4}"#, "text",
    ] {
      #expect(renderer.prepare(record(bad), context) != nil)
      #expect(Self.rendered(good, renderer) == expected)
    }
  }

  /// One view serves all destinations of a lane, and is not confused by records that come in turns.
  @Test func recordsMayComeInTurns() {
    let view = RecordView()
    let first = RequestRenderer(destination { $0.body = .text(template("${value.n}${id}")) }, view)
    let second = RequestRenderer(destination { $0.body = .text(template("${id}${value.n}")) }, view)
    let records = (0..<3).map { record("{\"n\":\($0)}") }
    for turn in [0, 0, 1, 0, 2, 2, 1] {
      for renderer in [first, second, first] {
        let made = String(decoding: Self.rendered(records[turn], renderer), as: UTF8.self)
        let id = RequestRendererTests.id
        #expect(made.hasSuffix("\r\n\r\n" + (renderer === first ? "\(turn)\(id)" : "\(id)\(turn)")))
      }
    }
  }
}
