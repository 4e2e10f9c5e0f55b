import Testing

/// The rules are worth what this reads.
@Suite struct SourceTextTests {
  @Test func commentsAndLiteralsAreNoCode() {
    let text = SourceText(
      #"""
      let a = "{ // no comment \" { \(b("}{")) }" // a } comment
      /* { /* nested { */ { */ let c = #"\" {"#
      """#)
    #expect(text.braceBalance == 0)
    #expect(!text.code.contains(UInt8(ascii: "{")))
    #expect(text.codeLines.count == 2)
    #expect(text.commentLines[0].contains("a } comment"))
    #expect(!text.commentLines[0].contains("no comment"))
    #expect(text.codeLines[1].contains("let c ="))
  }

  @Test func multilineLiteralsKeepTheLines() {
    let text = SourceText("let a = \"\"\"\n  { \"quoted\" {\n  \"\"\"\nfunc f() {\n  g()\n}\n")
    #expect(text.functions == [.init(line: 4, lineCount: 3)])
  }

  @Test func twoQuotesInARawLiteralAreNoMultilineLiteral() {
    let text = SourceText("let a = (#\"\"\"\"#, \"\")\nfunc f() {}\n")
    #expect(text.functions == [.init(line: 2, lineCount: 1)])
  }

  @Test func functionsAreCountedFromTheirNameToTheirBrace() {
    let text = SourceText(
      """
      protocol P {
        func required(_ body: () -> Void = {})
        init(a: Int)
        func last() async throws(E)
      }
      struct S: P {
        let x = T.init { 1 }
        init(a: Int) { self.init() }
        func outer(
          _ body: () -> Void = { print("}") }
        ) async throws(E) -> [Int] where T: Q {
          func inner() {
            if a { b() }
          }
        }
      }
      """)
    #expect(
      text.functions == [.init(line: 8, lineCount: 1), .init(line: 9, lineCount: 7), .init(line: 12, lineCount: 3)])
  }

  @Test func importsAreFoundWithTheirModifiers() {
    let text = SourceText(
      "import A\nprivate import B\n#if canImport(C)\n  import C\n#endif\n@testable import D\nimport struct E.F\n// import G\n"
    )
    #expect(text.imports == ["A", "B", "C", "D", "E"])
  }
}
