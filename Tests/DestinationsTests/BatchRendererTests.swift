import FanOut
import HTTPWire
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
}
