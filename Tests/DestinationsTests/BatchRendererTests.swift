import FanOut
import HTTPWire
import Payload
import Settings
import Testing

@testable import Destinations

@Suite struct BatchRendererTests {
  private func items(_ values: [String?]) -> [BatchRenderer.Item] {
    values.map { BatchRenderer.Item(record(value: $0.map { Array($0.utf8) }), context) }
  }

  private func settings(
    _ format: BatchSettings.Format = .ndjson, _ change: (inout DestinationSettings) -> Void = { _ in }
  ) -> DestinationSettings {
    destination {
      $0.batch = BatchSettings()
      $0.batch?.format = format
      change(&$0)
    }
  }

  private func text(_ renderer: BatchRenderer) -> String {
    var buffer = ByteBuffer()
    renderer.write(into: &buffer)
    return unsafe buffer.withBytes { unsafe String(decoding: $0, as: UTF8.self) }
  }

  private let unsendable = Outcome.unsendable(
    .template, AttemptFailure(message: "the value is not JSON, as the items of a batch are"))

  @Test func theWholeRequest() throws {
    let renderer = try #require(BatchRenderer(settings { $0.headers = [("X-Region", "eu")] }, RecordView()))
    #expect(renderer.prepare(items(["{\"id\":\n1}", "2"])) == nil)
    let key = try #require(RecordID.joint(renderer.ids)).string
    #expect(
      text(renderer) == """
        POST /orders?from=kafka HTTP/1.1\r
        Host: api.example:8080\r
        X-Region: eu\r
        Content-Type: application/x-ndjson\r
        User-Agent: topictee\r
        Idempotency-Key: \(key)\r
        Content-Length: 11\r
        \r
        {"id":1}
        2

        """)
    #expect(renderer.prepare(items(["{\"id\":\n1}", "2"])) == nil)
    #expect(text(renderer).contains("Idempotency-Key: \(key)\r\n"), "the same batch again")
  }

  @Test func aTypeOfTheFileStands() throws {
    let renderer = try #require(
      BatchRenderer(
        settings(.jsonArray) {
          $0.headers = [("content-type", "application/vnd.orders+json"), ("idempotency-key", "k")]
        }, RecordView()))
    #expect(renderer.prepare(items(["1", "[2]"])) == nil)
    let request = text(renderer)
    #expect(request.hasSuffix("\r\n\r\n[1,[2]]"))
    #expect(request.contains("content-type: application/vnd.orders+json\r\n"))
    #expect(!request.contains("application/json") && !request.contains("Idempotency-Key"))
  }

  /// What is no JSON would spoil the whole body: it is named, and the others go without it.
  @Test func aValueThatIsNotJSONIsNamed() throws {
    let renderer = try #require(BatchRenderer(settings(), RecordView()))
    #expect(
      renderer.prepare(items(["1", "{", nil, "", "{}", "\u{feff}1", "1 2"]))
        == .each([.stale, unsendable, unsendable, unsendable, .stale, unsendable, unsendable]))
    #expect(renderer.prepare(items(["1", "{}"])) == nil)
    #expect(text(renderer).hasSuffix("\r\n\r\n1\n{}\n"), "nothing is left of the one before")
  }

  @Test func itemsAreWhatTheBodySays() throws {
    let id = TemplateText.Reference(.value, path: ["id"])
    let renderer = try #require(
      BatchRenderer(
        settings(.jsonArray) {
          $0.body = .json(.map([.init("ref", .text(TemplateText(parts: [.reference(id)])))]))
        }, RecordView()))
    #expect(renderer.prepare(items(["{\"id\":12345678901234567890}", "{\"id\":\"a\"}"])) == nil)
    #expect(text(renderer).hasSuffix("\r\n\r\n[{\"ref\":12345678901234567890},{\"ref\":\"a\"}]"))
    guard case .each(let outcomes)? = renderer.prepare(items(["{\"id\":1}", "{}"])) else {
      Issue.record("a record without the field went through")
      return
    }
    #expect(outcomes[0] == .stale)
    guard case .unsendable(.template, let failure) = outcomes[1] else {
      Issue.record("\(outcomes[1])")
      return
    }
    #expect(failure.message.contains("${value.id}"))
  }

  @Test func theBodyIsCompressedAsAWhole() throws {
    let renderer = try #require(BatchRenderer(settings { $0.compressesBody = true }, RecordView()))
    #expect(renderer.prepare(items(Array(repeating: "{\"id\": 1}", count: 200))) == nil)
    let request = text(renderer)
    #expect(request.contains("Content-Encoding: gzip\r\n"))
    #expect(request.utf8.count < 400)
  }

  @Test func oneRecordHasItsOwnKey() throws {
    let renderer = try #require(BatchRenderer(settings(), RecordView()))
    #expect(renderer.prepare(items(["1"])) == nil)
    #expect(text(renderer).contains("Idempotency-Key: \(RequestRendererTests.id)\r\n"))
    #expect(BatchRenderer(destination(), RecordView()) == nil, "a request each")
  }

  /// Each record's own event in one array: of JSON, of bytes that are none, of nothing.
  @Test func eventsInOneBody() throws {
    let renderer = try #require(
      BatchRenderer(
        settings(.cloudevents) {
          $0.cloudEvents = CloudEventSettings()
          $0.cloudEvents?.mode = .batched
          $0.cloudEvents?.type = "shop.order.placed"
          $0.cloudEvents?.source = "/orders"
        }, RecordView()))
    #expect(renderer.prepare(items(["{\"id\":1}", "\u{1}", nil])) == nil)
    let request = text(renderer)
    #expect(request.contains("Content-Type: application/cloudevents-batch+json\r\n"))
    let bytes = Array(request.utf8)
    let end = try #require(bytes.indices.first { bytes[$0...].starts(with: "\r\n\r\n".utf8) })
    let body = Array(bytes[(end + 4)...])
    let document = JSONDocument()
    try #require(unsafe body.withUnsafeBytes { unsafe document.read(copying: $0) })
    var events: [[String?]] = []
    document.forEachItem(of: try #require(document.root)) { event in
      events.append(
        ["id", "type", "datacontenttype", "data", "data_base64"].map { name in
          document.find(JSONPath([name]), in: event).flatMap { value in
            unsafe document.withText(of: value) { text in unsafe text.map { unsafe String(decoding: $0, as: UTF8.self) }
            }
          }
        })
      return true
    }
    let (id, type) = (RequestRendererTests.id, "shop.order.placed")
    #expect(
      events == [
        [id, type, "application/json", "{\"id\":1}", nil],
        [id, type, "application/octet-stream", nil, "AQ=="],
        [id, type, nil, nil, nil],
      ])
  }

  /// What signs and lets in is of the whole request.
  @Test func aBatchIsSignedAsOne() throws {
    let secret = "whsec_" + Base64.text(Array("0123456789abcdef0123456789abcdef".utf8))
    let signed = settings {
      $0.signing = .standardWebhooks(secrets: [Secret(secret)])
      $0.auth = .bearer(Secret("t0k3n"))
    }
    let renderer = try #require(BatchRenderer(signed, RecordView(), try Credentials(signed)))
    #expect(renderer.prepare(items(["1", "2"])) == nil)
    let id = try #require(RecordID.joint(renderer.ids)).string
    let key = HMACKey(.sha256, key: Array("0123456789abcdef0123456789abcdef".utf8))
    let code = unsafe Array("\(id).\(context.wallMilliseconds / 1_000).1\n2\n".utf8).withUnsafeBytes {
      unsafe key.code($0)
    }
    let signature = unsafe code.withBytes { unsafe Base64.text(Array($0)) }
    let request = text(renderer)
    #expect(request.contains("webhook-id: \(id)\r\n"))
    #expect(request.contains("webhook-signature: v1,\(signature)\r\n"))
    #expect(request.contains("Authorization: Bearer t0k3n\r\n"))
  }
}
