import Payload
import Testing

@Suite struct JQCheckTests {
  @Test(arguments: [
    ".", ".value.total >= 100", "{ref: .value.id, total: ([.value.lines[].price] | add), at: .timestamp}",
    ".body.status == \"error\"", "{env: 1, input: .value, inputs: [], halt: true, import: 1}", ".env.input.stderr",
    ".value | {input, env}", "def env: 1; env", "def f(input): input; f(.)", "\"env \\(.env) $ENV\"", "# env\n.",
    ". as $env | $env", "[limit(3; .[])]", "$__loc__", "now | todate", "debug", "@base64 \"x\\(.value)\"",
    "\".import\"",
    ".\"env\"", ".[\"input\"]", "\n\n  .value\n", "reduce .[] as $x (0; . + $x)", "label $out | break $out",
    "try error(\"x\") catch .", ".value.t | strftime(\"%Y\")", "\"é日🙂\"", "def implode: 1; implode",
  ])
  func whatIsGood(_ program: String) { #expect(JQProgram.check(program) == nil) }

  /// What is refused, and the part of the program that the message is about.
  @Test(arguments: [
    ("env", "env"), ("env.PATH", "env"), ("$ENV", "$ENV"), ("$ENV.PATH", "$ENV"), ("$ ENV", "ENV"), ("input", "input"),
    ("[inputs]", "inputs"), ("first(inputs)", "inputs"), (".value | input_filename", "input_filename"),
    ("input_line_number", "input_line_number"), ("get_search_list", "get_search_list"),
    ("\"m\" | modulemeta", "modulemeta"),
    ("stderr", "stderr"), ("halt", "halt"), ("halt_error", "halt_error"), ("halt_error(3)", "halt_error"),
    ("import \"m\" as m; .", "import"), ("include \"m\"; .", "include"), ("module {}; .", "module"),
    ("# fine\n import \"m\" as $m; .", "import"), ("\"a \\(env)\"", "env"), ("\"a \\(\"b\\($ENV)\")\"", "$ENV"),
    ("@json \"\\(input)\"", "input"), ("{(env.A): 1}", "env"), ("{a: env}", "env"), ("{env: env}", "env"),
    (".[env:3]", "env"),
    ("{$ENV}", "$ENV"), ("def f: env; f", "env"), ("def env(x): x; env", "env"), ("# $ENV\n$ENV", "$ENV"),
    ("def env: 1; input", "input"), ("if true then halt else . end", "halt"), ("\"\\\\\\(env)\"", "env"),
    ("try env catch .", "env"), (".a as [$x, {y: $y}] | env", "env"), ("path(env)", "env"), ("env as $x | 1", "env"),
  ])
  func whatReachesOutIsRefusedAtItsPlace(_ program: String, _ name: String) throws {
    let problem = try #require(JQProgram.check(program))
    #expect(problem.message.contains(" is refused: "))
    #expect(problem.message.prefix { $0 != " " }.hasSuffix(name))
    let range = try #require(problem.range)
    let scalars = Array(program.unicodeScalars)
    #expect(String(String.UnicodeScalarView(scalars[range])) == name)
  }

  @Test(
    arguments: [
      ("", "an empty jq program", nil), (" \n\t", "an empty jq program", nil),
      ("# nothing", "an empty jq program", nil),
      (".a b", "syntax error, unexpected a name, expecting end", 3), (".a |", "syntax error, unexpected end", 3),
      ("{", "syntax error, unexpected end", 0), ("foo(1)", "foo/1 is not defined", 0), ("é | .x | foo", nil, 0),
      ("\"é\" | foo", "foo/0 is not defined", 6), (".a\n  | bar", "bar/0 is not defined", 7),
      ("$foo", "$foo is not defined", 0),
      ("def f(x): x;\nf(1; 2)", "f/2 is not defined", 13), (".a\0", "a NUL character", 2),
      ("%", "syntax error, unexpected '%'", 0),
      ("{(1):2}", "Cannot use number (1) as object key", 1), ("def f: 1;", "syntax error, unexpected end", 8),
      ("'x'", "syntax error, unexpected character", 0), ("break $x", "label $x is not defined", 0),
      ("\"a", nil, 0), (".) | (env", nil, 1),
    ] as [(String, String?, Int?)])
  func whatJQRefusesIsSaidPlainly(_ program: String, _ message: String?, _ start: Int?) throws {
    let problem = try #require(JQProgram.check(program))
    if let message { #expect(problem.message == message) }
    #expect(problem.range?.lowerBound == start, "\(problem)")
    #expect(problem.message.contains("topictee") == false)
    #expect(problem.message.contains("\n") == false)
  }

  /// Any bytes are a program or a problem; nothing traps, and no place lies outside.
  @Test func anyTextIsAProgramOrAProblem() {
    let parts = [
      "\"", "\\(", ")", "(", "$", "ENV", "env", " ", "\n", "#", ".", "|", "{", "}", "[", "]", ":", "a", "1", "@", "é",
      "\\", ";",
      "def ", "as ", "if ", "then ", "end", "reduce ", "::", "?//", "..", "$__loc__", "import ", "\0", "🙂", "\u{0301}",
    ]
    var random = SplitMix(state: 7)
    for _ in 0..<600 {
      let program = (0..<random.next(1...9)).map { _ in parts[random.next(0...(parts.count - 1))] }.joined()
      guard let problem = JQProgram.check(program) else { continue }
      #expect(problem.message.isEmpty == false)
      if let range = problem.range { #expect(range.upperBound <= program.unicodeScalars.count, "\(program)") }
    }
  }
}

/// The same numbers at each run (SplitMix64).
struct SplitMix {
  var state: UInt64

  mutating func next(_ range: ClosedRange<Int>) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return range.lowerBound + Int((z ^ (z >> 31)) % UInt64(range.count))
  }
}
