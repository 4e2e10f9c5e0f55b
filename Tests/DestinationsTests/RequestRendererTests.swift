import FanOut
import HTTPWire
import Settings
import Testing

@testable import Destinations

@Suite struct RequestRendererTests {
  static func render(_ record: Record, _ settings: DestinationSettings = destination()) -> String {
    request(record, settings).text
  }

  static let id = RecordIDs(cluster: "c", topic: "orders", partition: 3).id(ofOffset: 42).string

  static func contentType(_ record: Record, _ settings: DestinationSettings = destination()) -> String? {
    render(record, settings).split(separator: "\r\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
      .first { $0.hasPrefix("Content-Type: ") }.map { String($0.dropFirst(14)) }
  }

  @Test func theWholeRequest() {
    let text = Self.render(
      record(value: Array("{\"id\": 1}".utf8)),
      destination {
        $0.method = .put
        $0.headers = [("X-Region", "eu"), ("X-Empty", "")]
      })
    #expect(
      text == """
        PUT /orders?from=kafka HTTP/1.1\r
        Host: api.example:8080\r
        X-Region: eu\r
        X-Empty: \r
        User-Agent: topictee\r
        Idempotency-Key: \(Self.id)\r
        Content-Type: application/json\r
        Content-Length: 9\r
        \r
        {"id": 1}
        """)
  }

  /// A GET and a DELETE have no body, and say nothing of one.
  @Test(arguments: HTTPMethod.allCases) func theMethodDecidesWhetherTheValueIsSent(_ method: HTTPMethod) {
    let isSent = method != .get && method != .delete
    for isCompressed in [false, true] {
      let text = Self.render(
        record(value: Array("[1]".utf8)),
        destination {
          $0.method = method
          $0.compressesBody = isCompressed
        })
      #expect(text.hasPrefix("\(method.rawValue) /orders?from=kafka HTTP/1.1\r\nHost: api.example:8080\r\n"))
      #expect(isSent || text.hasSuffix("User-Agent: topictee\r\nIdempotency-Key: \(Self.id)\r\n\r\n"))
      #expect(text.contains("Content-") == isSent)
      if isSent && !isCompressed { #expect(text.hasSuffix("Content-Length: 3\r\n\r\n[1]")) }
    }
  }

  @Test func theKeyMayBeLeftOut() {
    for isCompressed in [false, true] {
      let text = Self.render(
        record(value: nil),
        destination {
          $0.sendsIdempotencyKey = false
          $0.compressesBody = isCompressed
        })
      #expect(!text.isEmpty && !text.contains("Idempotency-Key"))
    }
  }

  @Test func theValueIsSentByteForByte() {
    for value in [
      Array(0...255), [], Array("\r\n\r\nGET / HTTP/1.1\r\n\r\n".utf8), [UInt8](repeating: 7, count: 900 * 1024),
    ] {
      let renderer = RequestRenderer(destination(), RecordView())
      let made = record(value: value)
      var buffer = ByteBuffer()
      #expect(renderer.prepare(made, context) == nil)
      renderer.write(made, context, into: &buffer)
      let bytes = unsafe buffer.withBytes { unsafe Array($0) }
      #expect(bytes.suffix(value.count) == value[...])
      let head = String(decoding: bytes.dropLast(value.count), as: UTF8.self)
      #expect(head.hasSuffix("\r\nContent-Length: \(value.count)\r\n\r\n"))
      #expect(head.components("\r\n\r\n") == 2)
    }
  }

  @Test func theKeyOfARecord() {
    let line = "\r\nIdempotency-Key: \(Self.id)\r\n"
    #expect(Self.render(record(value: nil)).contains(line))
    #expect(!Self.render(record(value: nil), destination { $0.sendsIdempotencyKey = false }).contains("Idempotency"))
    let own = Self.render(record(value: nil), destination { $0.headers = [("idempotency-key", "mine")] })
    #expect(own.contains("\r\nidempotency-key: mine\r\n") && !own.contains("Idempotency-Key"))
  }

  @Test func aTraceGoesOn() {
    let traced = record(value: nil, headers: [("traceparent", Array(TraceContextTests.valid.utf8))])
    #expect(Self.render(traced).contains("\r\n\(TraceContextTests.next)"))
    let own = Self.render(traced, destination { $0.headers = [("Traceparent", "mine")] })
    #expect(own.contains("\r\nTraceparent: mine\r\n") && !own.contains("traceparent"))
  }

  @Test func aTombstoneHasNoBody() {
    let text = Self.render(record(value: nil))
    #expect(text.hasSuffix("Content-Type: application/octet-stream\r\nContent-Length: 0\r\n\r\n"))
  }

  @Test(arguments: [
    ("{\"a\": [1]}", "application/json"), (" 12 ", "application/json"), ("null", "application/json"),
    ("", "application/octet-stream"), ("hello", "application/octet-stream"), ("{\"a\": }", "application/octet-stream"),
    ("<a/>", "application/octet-stream"), ("\u{0}", "application/octet-stream"),
  ]) func theTypeFollowsFromTheValue(value: String, type: String) {
    #expect(Self.contentType(record(value: Array(value.utf8))) == type)
  }

  static let ownTypes: [(headers: [TestHeader], type: String)] = [
    ([("content-type", Array("text/csv".utf8))], "text/csv"),
    ([("Content-Type", Array("text/csv; charset=utf-8".utf8))], "text/csv; charset=utf-8"),
    ([("CONTENT-TYPE", Array("a/b".utf8)), ("content-type", Array("c/d".utf8))], "c/d"),
    ([("content-type", Array("a/b".utf8)), ("content-type", nil)], "a/b"),
    ([("content-type", nil)], "application/json"), ([("content-type", [])], "application/json"),
    ([("content-type", Array(" \t".utf8))], "application/json"),
    ([("content-type", Array("a/b".utf8)), ("content-type", [])], "a/b"),
    ([("content-typ", Array("a/b".utf8)), ("x-content-type", Array("c/d".utf8))], "application/json"),
    ([("content\rtype", Array("a/b".utf8))], "application/json"),
    ([("", Array("a/b".utf8))], "application/json"),
  ]

  @Test(arguments: ownTypes.indices) func theRecordsOwnTypeComesFirst(_ row: Int) {
    let made = record(value: Array("{}".utf8), headers: Self.ownTypes[row].headers)
    #expect(request(made, destination()).obstacle == nil)
    #expect(Self.contentType(made) == Self.ownTypes[row].type)
  }

  @Test(arguments: ["Content-Type", "content-type"]) func theDestinationsTypeComesBeforeAll(name: String) {
    let settings = destination { $0.headers = [(name, "application/xml")] }
    let made = record(value: Array("{}".utf8), headers: [("content-type", Array("bad\r\nX: 1".utf8))])
    #expect(request(made, settings).obstacle == nil)
    let text = Self.render(made, settings)
    #expect(text.contains("\r\n\(name): application/xml\r\n"))
    #expect(text.lowercased().components("content-type") == 2)
    #expect(!text.contains("bad"))
  }

  @Test(arguments: ["user-agent", "User-Agent"]) func theUserAgentMayBeSet(name: String) {
    let text = Self.render(record(value: nil), destination { $0.headers = [(name, "orders/1")] })
    #expect(text.contains("\r\n\(name): orders/1\r\n"))
    #expect(!text.contains("topictee"))
  }

  @Test(arguments: [
    ("a/b\r\nX-Evil: 1", "byte 4 is 0x0d"), ("a/b\n", "byte 4 is 0x0a"), ("\r", "byte 1 is 0x0d"),
    ("a\u{0}b", "byte 2 is 0x00"), ("a/b\u{7f}", "byte 4 is 0x7f"), ("a/\u{1b}", "byte 3 is 0x1b"),
    ("a/é", "byte 3 is 0xc3"),
  ]) func aTypeThatIsNoHeaderStandsInTheWay(type: String, what: String) {
    let made = record(value: Array("{}".utf8), headers: [("content-type", Array(type.utf8))])
    guard case .unsendable(.unsafe, let failure) = request(made, destination()).obstacle else {
      Issue.record("sent: \(type.debugDescription)")
      return
    }
    #expect(failure.status == 0)
    #expect(
      failure.message == "the record's content-type header holds a character that a header cannot carry: \(what)")
    #expect(request(made, destination { $0.method = .get }).obstacle == nil, "a GET sends no type")
  }

  @Test func otherHeadersOfTheRecordStayBehind() {
    let made = record(
      value: Array("{}".utf8),
      headers: [
        ("Host", Array("evil".utf8)), ("Authorization", Array("evil".utf8)), ("x", Array("evil\r\nevil: 1".utf8)),
      ])
    #expect(request(made, destination()).obstacle == nil)
    #expect(!Self.render(made).contains("evil"))
  }
}

extension String {
  /// How many parts `separator` makes of it.
  fileprivate func components(_ separator: String) -> Int { ranges(of: separator).count + 1 }
}
