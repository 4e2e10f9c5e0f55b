import Foundation
import Testing

@testable import Destinations
@testable import Settings

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Texts of every kind of character, through each place and back by a parser that is not ours.
@Suite struct RoundTripTests {
  /// Without U+FEFF, which Foundation's readers drop where a string begins with it.
  private static let pieces = [
    "a", "Z", "7", " ", "/", "\\", "\"", "'", "<", ">", "&", "]]>", "%", "+", "=", "?", "#", ";", ":", "{", "}", "[",
    "${x}", ".", "..",
    "\n", "\r\n", "\t", "\u{0}", "\u{1}", "\u{1b}", "\u{7f}", "\u{80}", "é", "€", "𝄞", "😀", "\u{301}", "\u{200b}",
    "\u{2028}",
    "\u{fffd}", "\u{fffe}", "\u{d7ff}", "\u{e000}", "\u{10ffff}",
  ]

  private static func text(_ random: inout TestRandom) -> String {
    (0..<random.next(below: 8)).reduce(into: "") { text, _ in text += pieces[random.next(below: pieces.count)] }
  }

  /// As a string of JSON with some characters as escapes.
  private static func written(_ text: String, _ random: inout TestRandom) -> String {
    var out = "\""
    for unit in text.utf16 {
      let mustEscape = unit < 0x20 || unit == 0x22 || unit == 0x5c || unit >= 0xd800 && unit < 0xe000
      if mustEscape || random.next(below: 4) == 0 {
        let digits = String(unit, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      } else if let scalar = Unicode.Scalar(unit) {
        out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  private static func decoded(_ text: String, isForm: Bool = false) -> String? {
    (isForm ? text.replacing("+", with: " ") : text).removingPercentEncoding
  }

  private static func xmlText(_ body: String) throws -> (text: String, attribute: String) {
    let root = try #require(XMLDocument(data: Data(body.utf8)).rootElement())
    let element = try #require(root.elements(forName: "soap:Body").first?.elements(forName: "a").first)
    return (element.stringValue ?? "", element.attribute(forName: "b")?.stringValue ?? "")
  }

  /// A key is text as it is; the value writes the same text in JSON.
  @Test func everyPlaceKeepsTheText() throws {
    var random = TestRandom(state: 0x7e41)
    let text = template("<${value.s}|${key}>")
    var inXML = 0
    var inHeader = 0
    for round in 0..<1_500 {
      let (key, value) = (Self.text(&random), Self.text(&random))
      let made = record("{\"s\":\(Self.written(value, &random))}", key: Array(key.utf8))
      let both = "<\(value)|\(key)>"
      func sent(_ change: (inout DestinationSettings) -> Void) -> MadeRequest { request(made, destination(change)) }

      let json = sent { $0.body = .json(.map([.init("k", .text(text)), .init("l", .text(template("${value.s}")))])) }
      let object = try JSONSerialization.jsonObject(with: Data(json.body.utf8)) as? [String: String]
      #expect(object.map(bytes) == bytes(["k": both, "l": value]), "round \(round)")

      let form = sent { $0.body = .form([.init("k", text)]) }
      #expect(Self.decoded(String(form.body.dropFirst(2)), isForm: true).map(bytes) == bytes(both), "round \(round)")
      let path = sent { $0.target = TargetTemplate(path: template("/x%3C${value.s}%7C${key}%3E"), query: nil) }
      #expect(path.target.flatMap { Self.decoded($0) }.map(bytes) == bytes("/x" + both), "round \(round)")
      #expect(path.target?.utf8.filter { $0 == UInt8(ascii: "/") }.count == 1)
      let query = sent { $0.query = [("k", text)] }
      #expect(
        query.target.flatMap { Self.decoded(String($0.dropFirst(21))) }.map(bytes) == bytes(both), "round \(round)")

      let soap = sent { $0.body = .soap(template("<a b=\"${key}\">${value.s}</a>"), version: .v1_1) }
      let isXML = !(key + value).unicodeScalars.contains {
        $0.value < 0x20 && ![9, 10, 13].contains($0.value) || $0.value == 0xfffe
      }
      #expect((soap.obstacle == nil) == isXML, "round \(round)")
      if isXML {
        let read = try Self.xmlText(soap.body)
        #expect(bytes(read.text) == bytes(value), "round \(round)")
        #expect(bytes(read.attribute) == bytes(key), "round \(round)")
        inXML += 1
      }
      let header = sent { $0.headers = [("X-H", text)] }
      let isOneLine = !both.unicodeScalars.contains { $0.value < 0x20 && $0.value != 9 || $0.value == 0x7f }
      #expect((header.obstacle == nil) == isOneLine, "round \(round)")
      if isOneLine {
        #expect(header.header("X-H").map(bytes) == bytes(both), "round \(round)")
        inHeader += 1
      }
    }
    #expect(inXML > 300 && inHeader > 300)
  }
}

/// Equal as bytes: strings that are canonically equivalent count as equal in Swift.
private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
private func bytes(_ object: [String: String]) -> [String: [UInt8]] { object.mapValues { Array($0.utf8) } }
