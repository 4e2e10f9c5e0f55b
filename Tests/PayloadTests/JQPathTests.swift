import Testing

@testable import Payload

/// A way to a scalar gives what jq gives.
@Suite struct JQPathTests {
  private static let texts = [
    "{\"a\":1}", "{\"a\":{\"b\":[true,{\"c\":\"x\"}]}}", "{\"a\":null}", "{}", "null", "[1,2]", "\"a\"", "3", "[]",
    "{\"a\":[]}", "{\"a\":\"s\",\"a\":\"last\"}", "{\"0\":1,\"a\":{\"0\":2}}", "{\"a\":{\"b\":[]}}", "[[7]]",
    "{\"a\":[[0,5]]}",
  ]
  private static let programs = [
    ".a", " .a ", ".a.b", ".a.b[0]", ".a.b[1].c", ".a[0]", ".a[0][1]", ".a_1", ".a.b[00]", ".a.and",
  ]

  @Test(arguments: programs) func itGivesWhatJQGives(_ text: String) throws {
    let path = try #require(JQPath(text))
    let program = try JQProgram(text, for: .output)
    for json in Self.texts {
      let document = JSONDocument()
      var input = JQInput()
      #expect(unsafe Array(json.utf8).withUnsafeBytes { unsafe document.read(copying: $0) })
      unsafe Array(json.utf8).withUnsafeBytes { unsafe input.become($0) }
      let own = path.scalar(in: document).map { String(decoding: $0, as: UTF8.self) }
      switch program.json(of: input, bytesMax: 1_000) {
      case .success(let found):
        let found = String(decoding: found, as: UTF8.self)
        #expect(own == (found.first == "[" || found.first == "{" ? nil : found), "\(text) of \(json)")
      case .failure: #expect(own == nil, "\(text) of \(json)")
      }
    }
  }

  @Test(arguments: [
    ".", "", "[0]", ".[0]", ".a[-1]", ".a[]", ".a[0", ".a?", ".a|.b", ".a .b", "..", ".a..b", ".\"a\"", ".1", ".é", "a",
    ".a[1e3]", ".a[99999999999999999999]", ".a # b",
  ])
  func anyOtherProgramIsJQs(_ text: String) { #expect(JQPath(text) == nil) }
}
