import FanOut
import HTTPWire
import Payload
import Settings
import Testing

@testable import Destinations

@Suite struct BatchBodyTests {
  private func body(_ format: BatchSettings.Format, _ items: [String]) -> String {
    let body = BatchBody(format)
    var buffer = ByteBuffer()
    for (i, item) in items.enumerated() {
      unsafe Array(item.utf8).withUnsafeBytes { unsafe body.append($0, isFirst: i == 0, to: &buffer) }
    }
    body.end(&buffer)
    return unsafe buffer.withBytes { unsafe String(decoding: $0, as: UTF8.self) }
  }

  @Test func oneLineAnItem() {
    #expect(BatchBody(.ndjson).contentType == "application/x-ndjson")
    #expect(body(.ndjson, ["{\"a\": 1}", "2", "\"x\""]) == "{\"a\": 1}\n2\n\"x\"\n")
  }

  /// As people write it, with line ends of every kind: still one line, and still the same JSON.
  @Test func lineEndsBetweenTokensGo() throws {
    let pretty = "\r\n{\n  \"a\": [\r1,\n2\n],\r\n\"b\": \"c\\nd\u{2028}\"\n}\n\n"
    let text = body(.ndjson, [pretty, pretty])
    let lines = text.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(text == "{  \"a\": [1,2],\"b\": \"c\\nd\u{2028}\"}\n{  \"a\": [1,2],\"b\": \"c\\nd\u{2028}\"}\n")
    let document = JSONDocument()
    for line in lines {
      let isJSON = unsafe Array(line.utf8).withUnsafeBytes { unsafe document.read(copying: $0) }
      #expect(isJSON)
    }
  }

  @Test(arguments: [BatchSettings.Format.jsonArray, .cloudevents]) func oneArrayOfAll(_ format: BatchSettings.Format) {
    #expect(body(format, ["1"]) == "[1]")
    #expect(body(format, ["{}", " [\n] ", "null"]) == "[{}, [\n] ,null]")
    #expect(
      BatchBody(format).contentType
        == (format == .jsonArray ? "application/json" : "application/cloudevents-batch+json"))
  }

  /// What simdjson takes for one JSON text may stand beside others: a byte order mark could not.
  @Test func noTextWithAByteOrderMarkIsJSON() {
    let isJSON = unsafe ([0xef, 0xbb, 0xbf] + Array("{}".utf8)).withUnsafeBytes {
      unsafe JSONDocument().read(copying: $0)
    }
    #expect(!isJSON)
  }
}
