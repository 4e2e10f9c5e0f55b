import Payload
import Testing

@Suite struct JQProgramTests {
  /// `value` as a record's value would be given; `text` and `number` beside it.
  static func input(_ value: [UInt8]) -> JQInput {
    var input = JQInput()
    unsafe value.withUnsafeBytes { unsafe input.set("value", toJSON: $0) }
    input.set("text", to: "t")
    input.set("number", to: 42)
    return input
  }

  static func json(_ program: String, _ value: [UInt8], bytesMax: Int = 10_000) throws -> Result<String, JQFailure> {
    let program = try JQProgram(program, for: .output)
    return program.json(of: input(value), bytesMax: bytesMax).map { String(decoding: $0, as: UTF8.self) }
  }

  static func message(_ result: Result<String, JQFailure>) -> String? {
    if case .failure(let failure) = result { failure.detail.isEmpty ? failure.message : failure.detail } else { nil }
  }

  @Test(
    arguments: [
      (".value", "{\"b\": 1, \"a\" : [true,null,\"x\"]}", "{\"b\":1,\"a\":[true,null,\"x\"]}"),
      (".", "1", "{\"value\":1,\"text\":\"t\",\"number\":42}"),
      (".value", "not json", "\"not json\""), (".value", "", "\"\""), (".value", "{\"a\":1,\"a\":2}", "{\"a\":2}"),
      (".value, 2", "1", "1"),
      (".value", "nan", "\"nan\""), (".value", "[1,]", "\"[1,]\""), (".value", "1 2", "\"1 2\""),
      (".value", "'a'", "\"'a'\""), (".value", "01", "\"01\""),
      (".value", "\"\\u0000\\b\\t\\n\\f\\r\\u001f\\\"\\\\/é🙂\"", "\"\\u0000\\b\\t\\n\\f\\r\\u001f\\\"\\\\/é🙂\""),
      (".value", "\"\\ud83d\\ude42\"", "\"🙂\""),
      (".value | keys", "{\"b\":1,\"a\":2}", "[\"a\",\"b\"]"), ("{(.text): .number}", "0", "{\"t\":42}"),
      ("[.value[] | . * 2]", "[1,2.5]", "[2,5]"),
      ("$__loc__.line", "0", "1"), ("$ENV", "0", nil), ("try error(\"x\") catch .", "0", "\"x\""),
      (".value | tojson", "[1]", "\"[1]\""),
      (".value | todate", "0", "\"1970-01-01T00:00:00Z\""), (".value | strftime(\"%Y\")", "86400", "\"1970\""),
      ("debug | .number", "0", "42"),
      (".number | tonumber", "0", "42"), (".value | tonumber", "\"12\"", "12"), (".value | fromjson", "\"[1]\"", "[1]"),
      ("[limit(3; repeat(1))]", "0", "[1,1,1]"),
    ] as [(String, String, String?)])
  func results(_ program: String, _ value: String, _ expected: String?) throws {
    guard let expected else { return #expect(JQProgram.check(program) != nil) }
    #expect(try Self.json(program, Array(value.utf8)) == .success(expected))
  }

  @Test(
    arguments: [
      ("empty", "0", "no result"), (".value.a", "1", nil),
      ("error(\"bad\\nthing\")", "0", "bad thing"),
      ("error({a: 1})", "0", "{\"a\":1}"), ("\"x\" * 500 | error", "0", nil), (".value | implode", "[\"a\"]", nil),
      (".value[1:nan]", "[1]", nil),
      (".value | todate", "1e18", "strftime: a time beyond the calendar"),
      (".value | date", "-1e300", "strftime: a time beyond the calendar"),
      ("nan | todateiso8601", "0", "strftime: a time beyond the calendar"),
      (". as $r | 0 | strftime($r.value)", "1", "strftime: the format is no text"),
      ("now | strflocaltime(null)", "0", "strflocaltime: the format is no text"), (".value | fromjson", "\"{\"", nil),
      ("{} | .[0]", "0", nil),
    ] as [(String, String, String?)])
  func failures(_ program: String, _ value: String, _ expected: String?) throws {
    let result = try Self.json(program, Array(value.utf8))
    // What one jq minds another does not; none traps.
    guard let expected else { return }
    #expect(Self.message(result) == expected)
  }

  @Test(arguments: [
    ("true", true), ("false", false), ("null", false), ("0", true), ("\"\"", true), ("[]", true),
    ("false, true", false),
  ])
  func onlyFalseAndNullDoNotHold(_ program: String, _ expected: Bool) throws {
    #expect(try JQProgram(program, for: .condition).holds(for: Self.input([])) == .success(expected))
  }

  @Test(arguments: ["empty", "error", "error(null)", ".value.a"]) func aConditionWithoutAResultFails(_ program: String)
    throws
  {
    guard case .failure = try JQProgram(program, for: .condition).holds(for: Self.input([0x31])) else {
      Issue.record("no failure")
      return
    }
  }

  @Test func resultsAreBounded() throws {
    let value = Array("[1,2,3,4,5]".utf8)
    #expect(try Self.json(".value", value, bytesMax: 11) == .success("[1,2,3,4,5]"))
    #expect(Self.message(try Self.json(".value", value, bytesMax: 10)) == "a result of more than 10 bytes")
    #expect(Self.message(try Self.json("\"x\" * 100", value, bytesMax: 101)) == "a result of more than 101 bytes")
    // 2^60 items in 60 small arrays that are one another's parts.
    let bomb = try Self.json("reduce range(60) as $i (1; [., .])", value)
    #expect(Self.message(bomb) == "a result of more than 10000 bytes")
    let deep = try Self.json("reduce range(300) as $i (1; [.])", value)
    #expect(Self.message(deep) == "a result that is nested deeper than 100")
    #expect(try Self.json("reduce range(100) as $i (1; [.]) | tojson | length", value) == .success("201"))
  }

  @Test(arguments: ["[", "{\"a\":"]) func depthIsBounded(_ open: String) throws {
    func nested(_ depth: Int) -> [UInt8] {
      let close = open == "[" ? "]" : "}"
      return Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
    }
    #expect(try Self.json(".number", nested(100)) == .success("42"))
    #expect(try Self.json(".value", nested(100)) == .success(String(decoding: nested(100), as: UTF8.self)))
    for depth in [101, 2_000, 100_000] {
      #expect(Self.message(try Self.json(".number", nested(depth))) == "value is nested deeper than 100")
      #expect(try JQProgram(".number", for: .condition).holds(for: Self.input(nested(depth))) != .success(true))
    }
    // No JSON at all is a string, however deep it goes.
    #expect(
      try Self.json(".value | length", Array(String(repeating: open, count: 1_000).utf8))
        == .success("\(open.utf8.count * 1_000)"))
  }

  /// What jq 1.6 would never end with.
  @Test(arguments: [
    (".value | gsub(\"^\"; \"b\")", "x", ["\"bx\""]), (".value | gsub(\"\"; \"-\")", "ab", ["\"-a-b\"", "\"-a-b-\""]),
    (".value | indices(\"\")", "ab", ["[]"]), (".value | index(\"\")", "ab", ["null"]),
    (".value | rindex(\"\")", "ab", ["null"]),
    (".value | scan(\"a*\")", "é", ["\"\""]),
    (".value | [match(\"\"; \"g\").offset]", "日本", ["[0,1]", "[0,0,1,1,1,1]", "[0,0,0,1,1,1]"]),
    ("[.value | splits(\"x*\")] | length", "日本", ["7", "3"]),
    (".value | [match([\"b*\", \"g\"])] | length", "é", ["2", "1"]),
    (".value | gsub(\"\\\\b\"; \"-\")", "日本", ["\"-日本\"", "\"-日---本--\""]),
    (".value | sub(\"b*\"; \"-\"; \"g\")", "ab", ["\"-a-\"", "\"-a--\""]),
  ])
  func whatWouldNeverEnd(_ program: String, _ value: String, _ expected: [String]) throws {
    let result = try Self.json(program, Array(value.utf8))
    // What newer ones make of it differs from version to version.
    if case .success(let text) = result, !JQInput.keepsDigits { #expect(expected.contains(text), "\(text)") }
    #expect(JQInput.keepsDigits == false || Self.message(result) == nil)
  }

  @Test(arguments: [
    (".value | gsub(\"b\"; \"c\")", "abab", "\"acac\""), (".value | sub(\"b\"; \"c\")", "abab", "\"acab\""),
    (".value | index(\"b\")", "abab", "1"),
    (".value | gsub(\"(?<x>[ab])\"; \"<\\(.x)>\")", "ab", "\"<a><b>\""),
    (".value | gsub(\"B\"; \"c\"; \"i\")", "abab", "\"acac\""),
    (".value | rindex(\"b\")", "abab", "3"), (".value | indices(\"b\")", "abab", "[1,3]"),
    (".value | sub(\"^\"; \"c\")", "ab", "\"cab\""),
    ("[.value | scan(\"[a-z]\")]", "aéb", "[\"a\",\"b\"]"), ("[.value | splits(\", *\")]", "é, b", "[\"é\",\"b\"]"),
    (".value | capture(\"(?<x>é+)\").x", "aéé", "\"éé\""), (".value | [match(\"é\"; \"g\").offset]", "éaé", "[0,2]"),
    (".value | split(\"b\"; null)", "ébé", "[\"é\",\"é\"]"),
    (".value | gsub(\"\\\\s*$\"; \"\")", "é ", "\"é\""), (".value | gsub(\"é\"; \"e\")", "été", "\"ete\""),
    (".value | match(\"é\").length", "é", "1"),
    (".value | indices(1)", "[1,2,1]", "[0,2]"), (".value | index([2,1])", "[1,2,1]", "1"),
    (".value | gsub(\"\\\\s+$\"; \"\")", "a ", "\"a\""),
  ])
  func textIsSearchedAndReplacedAsEver(_ program: String, _ value: String, _ expected: String) throws {
    #expect(try Self.json(program, Array(value.utf8)) == .success(expected))
  }

  /// Only the first result counts, and the program is run again: also one that jq 1.6 cannot be stopped in.
  @Test(arguments: [
    ("[.value | paths] | length", "5"), (".value | paths", "[\"a\"]"), ("path(..)", "[]"),
    (".value | paths(scalars)", "[\"a\",0]"),
    ("first(.value | paths)", "[\"a\"]"), (".value.a[]", "1"),
    ("label $f | path(.value[]) | ., break $f", "[\"value\",\"a\"]"),
    ("repeat(1)", "1"), ("range(1e12)", "0"), (".number # a comment", "42"), (".number # a comment \\", "42"),
    ("getpath([\"number\"], [\"text\"])", "42"), ("try (.number, error(\"x\")) catch 0", "42"),
    (".value | tostream", "[[\"a\",0],1]"),
    ("def first(f): 7; first(1)", "7"), (".number, error(\"x\")", "42"),
    ("path(.value.a[]) as $p | $p", "[\"value\",\"a\",0]"),
  ])
  func onlyTheFirstResultCounts(_ text: String, _ expected: String) throws {
    let program = try JQProgram(text, for: .output)
    let value = Array("{\"a\":[1,2,{\"b\":3}]}".utf8)
    for _ in 0..<5 {
      #expect(program.json(of: Self.input(value), bytesMax: 100) == .success(Array(expected.utf8)))
    }
  }

  /// A state is used again after jq broke down in it, and after it was left amid a computation.
  @Test func aProgramGoesOnAfterABreakdown() throws {
    let program = try JQProgram(
      "if .value == 1 then 9e18 % -1 elif .value == 2 then (1, error(\"x\")) else .value % 3 end", for: .output)
    for _ in 0..<200 {
      _ = program.json(of: Self.input(Array("1".utf8)), bytesMax: 100)
      #expect(program.json(of: Self.input(Array("2".utf8)), bytesMax: 100) == .success(Array("1".utf8)))
      #expect(program.json(of: Self.input(Array("7".utf8)), bytesMax: 100) == .success(Array("1".utf8)))
    }
  }
}
