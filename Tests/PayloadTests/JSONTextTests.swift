import Foundation
import Payload
import Testing

/// Which texts are JSON.
@Suite struct JSONTextTests {
  let document = JSONDocument()

  func isJSON(_ bytes: [UInt8]) -> Bool { unsafe bytes.withUnsafeBytes { unsafe document.read(copying: $0) } }

  static let valid = [
    "{}", "[]", "0", "-0", "-1", "10", "1.5", "-0.0", "1e5", "1E+05", "2.5e-10", "12345678901234567890123456789",
    "true", "false", "null", "\"\"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", "\"\\ud83d\\uDE00\"",
    "\"\\ud800\"",
    "\"é €𝄞\"", " \t\r\n1 \n", "[1,2]", "[ 1 , [ ] , { } ]", "{\"a\":1}",
    "{ \"a\" : [ { \"b\" : null } ] , \"c\" : \"\" }",
    "{\"a\":1,\"a\":2}", "{\"\":0}", "1e400", "-1e-400", "12345678901234567890123", "[[[[[]]]]]", "\"\u{7f}\"",
    "[-1.0e+0]",
  ]

  static let invalid = [
    "", " ", "\n", "{", "}", "[", "]", "[}", "{]", "[]]", "{}}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{,}",
    "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{1:1}", "{\"a\":1 \"b\":2}", "{\"a\":1", "{\"a\"",
    "{\"a\":",
    "01", "-", "-01", "+1", ".5", "1.", "1.e5", "1e", "1e+", "0x10", "1_000", "NaN", "Infinity", "-Infinity", "tru",
    "truE",
    "truee", "nul", "nulll", "True", "'a'", "\"", "\"a", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u\"",
    "\"a\tb\"", "\"a\nb\"", "\"a\u{0}b\"", "1 1", "{} {}", "1,", "//1", "[1]//", "\u{feff}1", "1\u{0}", "\u{a0}1",
    "\"\\", "[\"", "a", "1\"a\"", "\"a\"1", "\"a\"\"b\"", "[1\"a\"]", "[\"a\"1]", "[true\"a\"]", "\\\"a\"", "[1\u{c}]",
    "[1\u{1a}2]", "\u{c}1", "{\"a\"\u{1a}1}", "[\"a\"\\]", "{\"a\\\":1}", "{\"\\q\":1}", "[[1}]", "{\"a\":[}]",
  ]

  @Test(arguments: valid) func isAText(_ text: String) { #expect(isJSON(Array(text.utf8))) }

  @Test(arguments: invalid) func isNone(_ text: String) { #expect(!isJSON(Array(text.utf8))) }

  @Test(
    arguments: [
      [0x22, 0x80, 0x22], [0x22, 0xc3, 0x22], [0x22, 0xc0, 0xaf, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xff, 0x22], [0x5b, 0xff, 0x5d],
    ] as [[UInt8]]) func stringsAreUTF8(_ bytes: [UInt8])
  { #expect(!isJSON(bytes)) }

  @Test func hostileDepthEndsInNo() {
    func nested(_ open: String, _ inner: String, _ close: String, _ depth: Int) -> [UInt8] {
      Array((String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)).utf8)
    }
    #expect(isJSON(nested("[", "1", "]", 1_024)))
    #expect(!isJSON(nested("[", "1", "]", 1_025)))
    #expect(isJSON(nested("{\"a\":", "1", "}", 1_024)))
    #expect(!isJSON(nested("{\"a\":", "1", "}", 1_025)))
    #expect(!isJSON([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)))
  }

  /// Where Foundation's parser is known to differ from the grammar: it takes a comma before a closing bracket, and refuses numbers that
  /// no double can hold. (It refuses lone surrogates too, which no text below has.)
  static func isOutsideOfComparison(_ text: String) -> Bool {
    text.filter { !$0.isWhitespace }.contains(",]") || text.filter { !$0.isWhitespace }.contains(",}")
      || text.contains(/[eE][+-]?[0-9]{3}/)
  }

  @Test func agreesWithFoundationOnMutatedTexts() {
    var random = TestRandom(state: 0x5eed)
    let letters = Array("{}[]\",:\\ue truefalsn01.-+\u{9}\n".utf8)
    let seeds = Self.valid.filter { !$0.contains("ud8") }.map { Array($0.utf8) }
    var agreed = [false: 0, true: 0]
    for _ in 0..<20_000 {
      var text = seeds[random.next(below: seeds.count)]
      for _ in 0...random.next(below: 2) {
        let at = random.next(below: text.count + 1)
        switch random.next(below: 3) {
        case 0: text.insert(letters[random.next(below: letters.count)], at: at)
        case 1: if at < text.count { text.remove(at: at) }
        default: if at < text.count { text[at] = letters[random.next(below: letters.count)] }
        }
      }
      let shown = String(decoding: text, as: UTF8.self)
      if Self.isOutsideOfComparison(shown) { continue }
      let theirs = (try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)) != nil
      let ours = isJSON(text)
      #expect(ours == theirs, "\(shown.debugDescription)")
      agreed[ours, default: 0] += 1
    }
    // Both answers came up often enough to mean something.
    #expect(agreed.values.allSatisfy { $0 > 1_000 })
  }
}

/// SplitMix64, so that a failure comes again.
struct TestRandom {
  var state: UInt64

  mutating func next(below count: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ (z >> 31)) % UInt64(count))
  }
}
