import Foundation
import Payload
import Testing

@Suite struct JSONDocumentTests {
  let document = JSONDocument()

  /// The bytes of what a dotted path finds, as they stand in the text.
  func raw(_ text: String, _ path: String...) -> String? {
    guard read(text), let value = document.find(JSONPath(path)) else { return nil }
    return unsafe document.withBytes(of: value) { unsafe String(decoding: $0, as: UTF8.self) }
  }

  func read(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return unsafe bytes.withUnsafeBytes { unsafe document.read(copying: $0) }
  }

  func says(_ string: String) -> String? {
    guard read(string), let value = document.root else { return nil }
    return unsafe document.withText(of: value) { text in
      guard let text = unsafe text else { return nil }
      return unsafe String(validating: text, as: UTF8.self)
    }
  }

  @Test(arguments: [
    "12345678901234567890123", "1e400", "-1e-400", "1.50", "-0", "0.1e+01", "true", "false", "null",
    "\"a\\u0041\\n\"", "\"\"", "[ 1 , 2 ]", "{ \"b\" : 1,\n\"a\":2 }", "[]", "{}",
  ]) func whatIsFoundKeepsItsBytes(_ value: String) {
    #expect(raw(" \(value) ") == value)
    #expect(raw("{\"a\" : [ 0 , \(value)\n] ,\"b\":1}", "a", "1") == value)
    #expect(raw("{\"x\":1,\"a\":{\"b\":\(value)}}", "a", "b") == value)
  }

  @Test func pathsFindMembersAndItems() {
    let text = #"{"a":{"b":[10,{"c":"x"},[]]},"0":"zero","":{"":1},"é":2,"a.b":3}"#
    #expect(raw(text) == text)
    #expect(raw(text, "a", "b", "0") == "10")
    #expect(raw(text, "a", "b", "1", "c") == "\"x\"")
    #expect(raw(text, "0") == "\"zero\"")
    #expect(raw(text, "", "") == "1")
    #expect(raw(text, "é") == "2")
    #expect(raw(text, "a.b") == "3")
  }

  @Test(arguments: [
    ["x"], ["a", "3"], ["a", "-1"], ["a", "01"], ["a", "+0"], ["a", "0", "x"], ["a", "b"],
    ["a", "99999999999999999999"],
    ["s", "0"], ["n", "x"], ["e", "0"], ["o", "x"], ["A"], ["a "], ["aa"], [""], ["s", "length"],
  ]) func nothingIsThere(_ path: [String]) {
    #expect(read(#"{"a":[1,2,3],"s":"abc","n":null,"e":[],"o":{}}"#))
    #expect(document.find(JSONPath(path)) == nil)
  }

  @Test func theLastOfEqualNamesCounts() {
    #expect(raw(#"{"a":1,"b":2,"a":3}"#, "a") == "3")
    #expect(raw(#"{"a":1,"\u0061":2}"#, "a") == "2")
    #expect(raw(#"{"\u0061":1,"a":{"x":[]}, "b":0}"#, "a", "x") == "[]")
  }

  @Test func namesMayBeWrittenWithEscapes() {
    #expect(raw(#"{"\u00e9\n":1,"\ud83d\ude00":2,"\/\"":3,"\ud83d":4,"ab\u0063d":5}"#, "é\n") == "1")
    #expect(raw(#"{"\u00e9\n":1,"\ud83d\ude00":2,"\/\"":3,"\ud83d":4}"#, "😀") == "2")
    #expect(raw(#"{"\u00e9\n":1,"\ud83d\ude00":2,"\/\"":3,"\ud83d":4}"#, "/\"") == "3")
    #expect(raw(#"{"ab\u0063d":5}"#, "abc") == nil)
    #expect(raw(#"{"ab\u0063d":5}"#, "abcde") == nil)
    #expect(raw(#"{"ab\u0063d":5}"#, "abcd") == "5")
  }

  @Test(arguments: [
    (#""""#, ""), (#""abc""#, "abc"), (#""é€𝄞""#, "é€𝄞"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
    (#""\u0041\u00e9\u20AC\ud834\uDD1E\u0000""#, "Aé€𝄞\u{0}"), (#""a\u0062c""#, "abc"), ("12", "12"),
    ("[1, 2]", "[1, 2]"),
  ]) func whatAStringSays(text: String, said: String) { #expect(says(text) == said) }

  @Test(arguments: [
    #""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\u0041""#, #""\ud800\ud800""#,
    #""\udc00\ud800""#, #""a\ud83d""#, #""\ud83d\u""#.replacingOccurrences(of: #"\u""#, with: #"\\u""#),
  ]) func halfAPairSaysNothing(_ text: String) {
    #expect(read(text))
    #expect(says(text) == nil)
  }

  @Test func itemsComeInTheirOrderUntilEnough() {
    func items(_ text: String, atMost: Int = .max) -> [String] {
      var found: [String] = []
      guard read(text), let root = document.root else { return ["no JSON"] }
      document.forEachItem(of: root) { item in
        unsafe found.append(document.withBytes(of: item) { unsafe String(decoding: $0, as: UTF8.self) })
        return found.count < atMost
      }
      return found
    }
    #expect(items(#"[1, {"a":[2]} ,[3,4],"x"]"#) == ["1", #"{"a":[2]}"#, "[3,4]", "\"x\""])
    #expect(items("[1,2,3]", atMost: 2) == ["1", "2"])
    #expect(items("[]") == [])
    #expect(items("{\"a\":1}") == [])
    #expect(items("1") == [])
  }

  @Test func members() {
    func members(_ text: String, atMost: Int = .max) -> [String] {
      var found: [String] = []
      guard read(text), let root = document.root else { return ["no JSON"] }
      document.forEachMember(of: root) { name, value in
        let parts = [name, value].map { part in
          unsafe document.withBytes(of: part) { unsafe String(decoding: $0, as: UTF8.self) }
        }
        found.append(parts.joined(separator: "="))
        return found.count < atMost
      }
      return found
    }
    let text = #"{"a" : 1, "b":{"c":[2,{"d":3}]},"a":"x" ,"\u0062":[ ], "":null}"#
    #expect(
      members(text) == ["\"a\"=1", #""b"={"c":[2,{"d":3}]}"#, #""a"="x""#, #""\u0062"=[ ]"#, "\"\"=null"])
    #expect(members(text, atMost: 2).count == 2)
    #expect(members("{}") == [] && members("{ }") == [] && members("[1]") == [] && members("\"a\"") == [])
  }

  /// Texts of growing and falling size through one object: what one leaves behind is not seen by the next.
  @Test func memoryIsUsedAgain() {
    for count in [1, 100, 5_000_000, 3, 70_000, 0, 2_000_000, 10] {
      let value = String(repeating: "x", count: count)
      #expect(raw("{\"a\":\"\(value)\",\"b\":[\(count)]}", "b", "0") == "\(count)")
      #expect(says("\"\\n\(value)\"") == "\n\(value)")
      #expect(!read("[\(value)"))
      #expect(document.root == nil && document.find(JSONPath(["a"])) == nil)
    }
    #expect(raw("[" + String(repeating: "0,", count: 300_000) + "7]", "300000") == "7")
  }

  /// What stands behind a text is not part of it, whatever it is.
  @Test(arguments: [UInt8(ascii: "\""), UInt8(ascii: "}"), UInt8(ascii: "0"), 0xff])
  func thePaddingDoesNotMatter(_ filler: UInt8) {
    for (text, isJSON) in [
      ("{\"a\":12}", true), ("12", true), ("\"a", false), ("[1", false), ("tru", false), ("", false),
    ] {
      let bytes = Array(text.utf8) + [UInt8](repeating: filler, count: JSONDocument.padding)
      unsafe bytes.withUnsafeBytes { bytes in
        let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<text.utf8.count])
        #expect(unsafe document.read(padded: part) == isJSON, "\(text)")
        guard let root = document.root else { return }
        let found = unsafe document.withBytes(of: root) { unsafe String(decoding: $0, as: UTF8.self) }
        #expect(found == text)
      }
    }
  }
}
