import FanOut
import HTTPWire
import Payload
import Settings
import Testing

@testable import Destinations

/// What the SDK for Python does not see: it is asked in Tests/Interop.
@Suite struct CloudEventTests {
  private static func settings(
    _ mode: CloudEventSettings.Mode, _ change: (inout DestinationSettings) -> Void = { _ in }
  )
    -> DestinationSettings
  {
    destination {
      var events = CloudEventSettings()
      (events.mode, events.type, events.source) = (mode, "order.placed", "/orders")
      $0.cloudEvents = events
      $0.sendsIdempotencyKey = false
      change(&$0)
    }
  }

  private static let event: [TestHeader] = [
    ("ce_specversion", Array("1.0".utf8)), ("ce_id", Array("A".utf8)), ("ce_source", Array("/s".utf8)),
    ("ce_type", Array("t".utf8)),
  ]
  private static let id = RecordIDs(cluster: "c", topic: "orders", partition: 3).id(ofOffset: 42).string

  private static func lines(_ text: String) -> [String] {
    text.split(separator: "\r\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }.map(String.init)
  }

  private static func body(_ text: String) -> String {
    text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
  }

  @Test func attributesAsHeaders() {
    let text = request(record(value: Array("{}".utf8)), Self.settings(.binary)).text
    #expect(
      Self.lines(text).dropFirst(3) == [
        "Content-Type: application/json", "ce-specversion: 1.0", "ce-id: \(Self.id)", "ce-source: /orders",
        "ce-type: order.placed", "ce-time: 2026-09-21T14:13:20.000Z", "Content-Length: 2",
      ])
  }

  @Test func attributesInTheBody() {
    let text = request(record(value: Array("[1 ]".utf8)), Self.settings(.structured)).text
    #expect(Self.lines(text).dropFirst(3).first == "Content-Type: application/cloudevents+json")
    #expect(
      Self.body(text) == #"{"specversion":"1.0","id":"\#(Self.id)","source":"/orders","type":"order.placed","#
        + #""time":"2026-09-21T14:13:20.000Z","datacontenttype":"application/json","data":[1 ]}"#)
  }

  /// HTTP binding, 3.1.3.2: its own example, and every byte that must not stand in a header.
  @Test func headersAreEncoded() {
    var own = Self.event
    own[1].value = Array("Euro € 😀".utf8)
    own[3].value = Array("\"50%\"\r\n\u{0}\u{7f} ~!".utf8)
    let lines = Self.lines(request(record(value: nil, headers: own), Self.settings(.binary)).text)
    #expect(lines.contains("ce-id: Euro%20%E2%82%AC%20%F0%9F%98%80"))
    #expect(lines.contains("ce-type: %2250%25%22%0D%0A%00%7F%20~!"))
  }

  @Test func whatIsNotThereHasNoTypeAndNoData() {
    #expect(!request(record(value: nil), Self.settings(.binary)).text.contains("Content-Type"))
    let structured = request(record(value: nil), Self.settings(.structured)).text
    #expect(!structured.contains("data") && structured.hasSuffix("Z\"}"))
  }

  /// An event that lacks something is a record like any other.
  @Test(arguments: 0..<4) func halfAnEventIsNone(_ missing: Int) {
    var headers = Self.event
    headers.remove(at: missing)
    let text = request(record(value: Array("{}".utf8), headers: headers), Self.settings(.binary)).text
    #expect(text.contains("\r\nce-id: \(Self.id)\r\n") && text.contains("\r\nce-type: order.placed\r\n"))
    headers = Self.event
    headers[missing].value = []
    #expect(
      request(record(value: Array("{}".utf8), headers: headers), Self.settings(.binary)).text
        .contains("\r\nce-id: \(Self.id)\r\n"))
  }

  @Test func theLastOfEqualNamesCountsAndOddNamesDoNot() {
    let headers =
      Self.event + [
        ("ce_id", Array("B".utf8)), ("ce_", [1]), ("ce_X", [1]), ("ce_a-b", [1]), ("ce_data", [1]), ("ce_y", nil),
        ("ce_datacontenttype", [1]),
      ]
    let lines = Self.lines(request(record(value: nil, headers: headers), Self.settings(.binary)).text)
    #expect(
      lines.filter { $0.hasPrefix("ce-") } == ["ce-specversion: 1.0", "ce-id: B", "ce-source: /s", "ce-type: t"])
  }

  @Test func tooManyAttributes() {
    let headers = Self.event + (0..<300).map { ("ce_a\($0)", [UInt8(ascii: "1")]) }
    guard
      case .unsendable(.template, _)? = request(record(value: nil, headers: headers), Self.settings(.binary)).obstacle
    else {
      Issue.record("sent")
      return
    }
  }

  /// Attributes that are numbers or true and false stay what they are in JSON; a null is none.
  @Test func typesOfAttributes() {
    let value =
      #"{"specversion":"1.0","id":"1","source":"/","type":"t","n":12345678901234567890,"b":true,"z":null,"data":1}"#
    let made = record(
      value: Array(value.utf8), headers: [("content-type", Array("application/cloudevents+json".utf8))])
    let lines = Self.lines(request(made, Self.settings(.binary)).text)
    #expect(lines.contains("ce-n: 12345678901234567890") && lines.contains("ce-b: true"))
    #expect(!lines.contains { $0.hasPrefix("ce-z") || $0.hasPrefix("ce-data") })
    let text = request(made, Self.settings(.structured) { $0.body = .json(.text("x")) }).text
    #expect(
      Self.body(text) == #"{"specversion":"1.0","id":"1","source":"/","type":"t","n":12345678901234567890,"b":true,"#
        + #""datacontenttype":"application/json","data":"x"}"#)
  }

  @Test(arguments: [
    #"{"specversion":"1.0","id":"1","source":"/","type":"t","x":{}}"#,
    #"{"specversion":"1.0","id":"1","source":"/","type":"t","x-y":"1"}"#,
    #"{"specversion":"1.0","id":"1","source":"/","type":"t","x":"\ud800"}"#,
    #"{"specversion":"1.0","id":"1","source":"/","type":"t","data_base64":"%"}"#,
    #"{"specversion":"1.0","id":1,"source":"/","type":"t"}"#,
    #"{"specversion":"1.0","id":"1","id":2,"source":"/","type":"t"}"#,
    #"{"specversion":"1.0","id":"1","id":null,"source":"/","type":"t"}"#,
    #"{"specversion":"1.0","id":"1","source":"/","type":"t","data_base64":5}"#,
    #"{"specversion":"1.0","id":"1","source":"/","type":"t","data":1,"data_base64":"%"}"#,
    #"{"specversion":"1.0","id":"1","source":"/","type":"t","datacontenttype":5}"#,
    #"{"id":"1","source":"/","type":"t"}"#, "nope",
    #"{"specversion":"0.3","id":"1","source":"/","type":"t"}"#,
    "[]", "", "{",
  ])
  func noEvents(_ value: String) {
    let made = record(
      value: Array(value.utf8), headers: [("Content-Type", Array("application/cloudevents+json;charset=utf-8".utf8))])
    for mode in [.binary, .structured] as [CloudEventSettings.Mode] {
      guard case .unsendable(.template, _)? = request(made, Self.settings(mode)).obstacle else {
        Issue.record("sent: \(mode) \(value)")
        continue
      }
    }
    var batch = BatchSettings()
    batch.format = .cloudevents
    let batches = BatchRenderer(Self.settings(.batched) { $0.batch = batch }, RecordView(seed: 0))
    guard case .each(let outcomes)? = batches?.prepare([BatchRenderer.Item(made, context)]),
      case .unsendable(.template, _)? = outcomes.first
    else {
      Issue.record("sent in a batch: \(value)")
      return
    }
  }

  /// What it does not have to be read for goes through as it stands.
  @Test(arguments: [
    #"{"specversion":"1.0","id":"1","source":"/","type":"t","data_base64":"QQ==","x":1,"y":null}"#,
    #" {"specversion":"1.0","id":"1","source":"/","type":"t","data":"\ud800","datacontenttype":null}"#,
    #"{"specversion":"1.0","id":5,"id":"1","source":"/","type":"t","data_base64":null}"#,
  ])
  func eventsGoThroughAsTheyStand(_ value: String) {
    let made = record(
      value: Array(value.utf8), headers: [("content-type", Array("application/cloudevents+json".utf8))])
    let sent = request(made, Self.settings(.structured))
    #expect(sent.obstacle == nil && Self.body(sent.text) == value)
  }

  /// An empty type is none: the event is what its other headers say.
  @Test func anEmptyTypeIsNone() {
    let type: TestHeader = ("content-type", Array("application/cloudevents+json".utf8))
    #expect(CloudEventForm(record(value: nil, headers: [type, ("content-type", [])])) == .structured)
    let value = #"{"specversion":"1.0","id":"1","source":"/","type":"t","datacontenttype":"","data":1}"#
    let lines = Self.lines(request(record(value: Array(value.utf8), headers: [type]), Self.settings(.binary)).text)
    #expect(lines.contains("Content-Type: application/json"))
  }

  @Test func aDataTypeThatNoHeaderCarries() {
    let value = #"{"specversion":"1.0","id":"1","source":"/","type":"t","datacontenttype":"a/b\r","data":1}"#
    let made = record(
      value: Array(value.utf8), headers: [("content-type", Array("application/cloudevents+json".utf8))])
    let failure = request(made, Self.settings(.binary)).obstacle?.failure
    #expect(
      failure?.message
        == "the CloudEvent's datacontenttype holds a character that a header cannot carry: byte 4 is 0x0d")
  }

  @Test(arguments: [
    ("application/cloudevents+json", CloudEventForm.structured), ("Application/CloudEvents+JSON; a=b", .structured),
    ("application/cloudevents+jsonx", .foreign), ("application/cloudevents+avro", .foreign),
    ("application/cloudevents-batch+json", .foreign), ("application/cloudevents", .plain), ("application/json", .plain),
    ("application/cloudeventsx", .plain), ("", .plain),
  ])
  func forms(_ type: String, _ form: CloudEventForm) {
    #expect(CloudEventForm(record(value: nil, headers: [("content-type", Array(type.utf8))])) == form)
    let both = Self.event + [("content-type", Array(type.utf8))]
    #expect(CloudEventForm(record(value: nil, headers: both)) == (form == .plain ? .binary : form))
  }

  @Test(arguments: [
    ("application/json", true), ("text/JSON ; charset=x", true), ("application/vnd.a+json", true), ("json", false),
    ("application/jsonx", false), ("application/json-seq", false), ("text/plain;x=/json", false), ("", false),
  ])
  func typesOfJSON(_ type: String, _ isJSON: Bool) { #expect(CloudEventForm.isJSON(Array(type.utf8)) == isJSON) }

  @Test func itsTemplatesMustGiveSomething() {
    for change in [
      { $0.type = TemplateText(parts: [.reference(.init(.value, path: ["a"]))]) },
      { $0.source = TemplateText(parts: [.reference(.init(.value, path: ["a"]))]) },
      { $0.subject = TemplateText(parts: [.reference(.init(.value, path: ["a"]))]) },
    ] as [(inout CloudEventSettings) -> Void] {
      for value in [#"{"a":""}"#, "{}"] {
        var settings = Self.settings(.binary)
        if var events = settings.cloudEvents {
          change(&events)
          settings.cloudEvents = events
        }
        guard case .unsendable(.template, _)? = request(record(value: Array(value.utf8)), settings).obstacle else {
          Issue.record("sent")
          continue
        }
      }
    }
  }

  @Test func headerLinesAreFoundAndTakenOut() {
    var draft = RequestDraft()
    for (name, value) in [("X-Content-Type", "no"), ("Content-Type-X", "no"), ("CONTENT-TYPE", "a/b"), ("Z", "")] {
      draft.addHeader(name, value)
    }
    #expect(draft.takeHeader("content-type") == Array("a/b".utf8))
    #expect(draft.takeHeader("content-type") == nil)
    #expect(draft.takeHeader("z") == [])
    #expect(text(draft.headers) == "X-Content-Type: no\r\nContent-Type-X: no\r\n")
  }
}
