import Foundation
import Payload
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct XMLEscapeTests {
  static func escaped(_ text: [UInt8], _ place: XMLEscape.Place) -> String? {
    var output = Array("|".utf8)
    let isWritten = unsafe text.withUnsafeBytes { unsafe XMLEscape.append($0, in: place, to: &output) }
    if !isWritten { #expect(output == Array("|".utf8)) }
    return isWritten ? String(decoding: output.dropFirst(), as: UTF8.self) : nil
  }

  @Test(arguments: [
    ("", "", ""), ("plain", "plain", "plain"), ("a<b>&c", "a&lt;b&gt;&amp;c", "a&lt;b&gt;&amp;c"),
    ("]]>", "]]&gt;", "]]&gt;"), ("\"it's\"", "\"it's\"", "&quot;it&#39;s&quot;"),
    ("a\tb\nc\rd", "a\tb\nc&#13;d", "a&#9;b&#10;c&#13;d"), ("é 日本 🙂", "é 日本 🙂", "é 日本 🙂"),
    ("&amp;", "&amp;amp;", "&amp;amp;"),
  ])
  func markupIsWrittenAsReferences(_ text: String, inText: String, inAttribute: String) {
    #expect(Self.escaped(Array(text.utf8), .text) == inText)
    #expect(Self.escaped(Array(text.utf8), .attribute) == inAttribute)
  }

  /// Section 2.2's production [2] for every character of the first plane that UTF-8 can say.
  @Test func whatXMLForbidsIsRefused() {
    for value in UInt32(0)...0xffff {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let isAllowed =
        value == 9 || value == 10 || value == 13 || (0x20...0xd7ff).contains(value) || (0xe000...0xfffd).contains(value)
      let text = Array("a\(Character(scalar))b".utf8)
      #expect((Self.escaped(text, .text) != nil) == isAllowed, "U+\(String(value, radix: 16))")
    }
  }

  @Test(arguments: [[0xff], [0x61, 0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80]] as [[UInt8]])
  func whatIsNotUTF8IsRefused(_ text: [UInt8]) { #expect(Self.escaped(text, .text) == nil) }

  /// Foundation's parser reads back what was written.
  @Test func anotherParserReadsItBack() throws {
    let text = "<a b='c'>&\"\r\n\t]]> 日本 🙂</a>"
    let bytes = Array(text.utf8)
    let inText = try #require(Self.escaped(bytes, .text))
    let inAttribute = try #require(Self.escaped(bytes, .attribute))
    let document = try XMLDocument(xmlString: "<r a=\"\(inAttribute)\">\(inText)</r>", options: .nodePreserveAll)
    let root = try #require(document.rootElement())
    #expect(root.stringValue == text)
    #expect(root.attribute(forName: "a")?.stringValue == text)
  }
}
