import Payload
import Testing

/// Whatever the program does with whatever input: a result, or a failure.
@Suite struct JQHostileTests {
  static let programs = [
    ".", ".value", ".value | keys", ".value | to_entries", ".value | tostring | ascii_downcase", ".value | tonumber",
    ".value | todate", ".value | implode",
    ".value | explode", ".value | fromjson", ".value | @base64d", ".value | @csv", ".value | @sh", ".value | @uri",
    ".value[0]", ".value[-1:]", ".value.a.b.c",
    ".value | gmtime", ".value | gmtime | mktime", ".value | strptime(\"%Y-%m-%dT%H:%M:%SZ\")",
    ".value | test(\"(a+)+$\")", ".value | split(\",\")", ".value | sort_by(.a)",
    ".value | group_by(.a)", ".value | flatten", ".value | paths", ".value | leaf_paths", ".value % -1", ".value % 0",
    ".value / 0", ".value * 2", ".value | length",
    ".value | indices(\"\")", ".value | splits(\"a\")", ".value | ltrimstr(\"a\")", ".value | min",
    ".value | from_entries", ".value | with_entries(.value = 1)",
    ".value | transpose", ".value | combinations", ".value | tojson | fromjson", ".value | del(.[0])",
    ".value | .[1:nan]", ".value | getpath([\"a\", 0])",
    ".value | setpath([\"a\", 0]; 1)", ".value | delpaths([[\"a\"], [0]])", ".value | walk(.)", ".value | tostream",
    "[.value | ..] | length", ".value | recurse",
    ".value as [$a, {b: $c}] | [$a, $c]", ".value | .[.value]?", ".value | significand", ".value | pow(.; 2)",
    ".value | log", ".value | floor | tostring", ".value | @html",
    ".value | ascii", ".value | input_line_number?", ".value | join(\",\")", ".value | any", ".value | all",
    ".value | reverse", ".value | unique", ".value | inside(.)",
    ".value | contains(\"a\")", ".value | startswith(\"a\")", ".value | sub(\"a\"; \"b\")",
    ".value | gsub(\"\"; \"b\")", ".value | error", "try error(.value) catch .",
    "label $f | .value, break $f", ".value | limit(1; .[])", "reduce .value[]? as $x (0; . + 1)",
    ".value | strftime(.)", ".value | dateadd(\"seconds\"; 1)", ".value | todate?",
  ]
  static let values = [
    "", "null", "true", "0", "-1", "1e18", "-1e18", "1e300", "9223372036854775807", "12345678901234567890", "\"\"",
    "\"a\"", "\"aaaaaaaaaaaaaaaaaaaaaab\"", "\"\\u0000\"",
    "\"\\ud800\"", "\"=\"", "\"2015-03-05T23:51:47Z\"", "\"%s%n%d\"", "[]", "[[]]", "[1,\"a\",null]", "[1114112]",
    "[55296,-1]", "[1e10,1e10,1e10,1e10,1e10,1e10,1e10,1e10]",
    "[2015,2,5,23,51,47,4,63]", "[-5,-5,-5,-5,-5,-5,-5,-5]", "{}", "{\"a\":{\"b\":{\"c\":1}}}", "{\"a\":[1],\"a\":2}",
    "[{\"a\":1},{\"a\":null}]", "[{\"key\":null,\"value\":1}]",
    "[[1,2],[3,4]]", "{\"start\":0,\"end\":1}", "[nan]", "{\"\":\"\"}", "not json", "\u{fffd}", "[\"a\",0]",
  ]

  @Test(arguments: programs) func nothingTraps(_ text: String) throws {
    // What one version of jq does not know is a problem, and no program.
    guard let program = try? JQProgram(text, for: .output) else { return #expect(JQProgram.check(text) != nil) }
    let identity = try JQProgram(".value", for: .output)
    for value in Self.values.map({ Array($0.utf8) }) + [
      [0xff], [0x22, 0xc3, 0x22], [UInt8](repeating: 0x5b, count: 50_000),
    ] {
      let input = JQProgramTests.input(value)
      _ = program.holds(for: input)
      guard case .success(let bytes) = program.json(of: input, bytesMax: 4_096) else { continue }
      #expect(bytes.count <= 4_096)
      // Every result is JSON, and jq reads it as what it wrote.
      #expect(Self.again(bytes, by: identity) == Self.plain(bytes), "\(text) of \(value)")
    }
  }

  /// What jq makes of what it wrote; the same where it would round a number of it.
  static func again(_ bytes: [UInt8], by identity: JQProgram) -> String {
    switch identity.json(of: JQProgramTests.input(bytes), bytesMax: 1 << 20) {
    case .success(let text): plain(text)
    case .failure(let failure): failure.message.contains("round") ? plain(bytes) : failure.message
    }
  }

  /// jq 1.7 writes the exponent of a number that it read in capitals, that of one it computed not.
  static func plain(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self).lowercased() }

  /// Bytes at random, cut from and put into what is JSON.
  @Test func anyBytesAreAnInput() throws {
    let program = try JQProgram("[.value, (.value | tojson), ([.value | ..] | length)]", for: .output)
    let identity = try JQProgram(".value", for: .output)
    var random = SplitMix(state: 11)
    for _ in 0..<3_000 {
      var value = Array(Self.values[random.next(0...(Self.values.count - 1))].utf8)
      for _ in 0..<random.next(0...3) {
        let at = random.next(0...value.count)
        switch random.next(0...2) {
        case 0: value.insert(UInt8(random.next(0...255)), at: at)
        case 1: value.insert(contentsOf: Self.values[random.next(0...(Self.values.count - 1))].utf8, at: at)
        default: if at < value.count { value.remove(at: at) }
        }
      }
      guard case .success(let bytes) = program.json(of: JQProgramTests.input(value), bytesMax: 1 << 20) else {
        continue
      }
      #expect(Self.again(bytes, by: identity) == Self.plain(bytes), "\(value)")
    }
  }
}
