import Payload
import Testing

/// The contract: integers go through unchanged or not at all. jq 1.6 knows doubles only, 1.7 keeps the digits of what it
/// passes on; each line holds for both.
@Suite struct JQNumberTests {
  static let large = [
    "12345678901234567890", "-12345678901234567890", "9007199254740993", "100000000000000000000", "-9007199254740993",
    "123456789012345678901234567890123456789012345678901234567890",
  ]

  @Test(arguments: [
    "0", "-1", "9007199254740992", "-9007199254740992", "1.5", "0.1", "-0.25", "123456789.012345",
    "0.30000000000000004", "1e-7",
  ])
  func whatADoubleHoldsGoesThrough(_ number: String) throws {
    #expect(
      try JQProgramTests.json(".value.n", Array("{\"n\": \(number)}".utf8))
        == .success(number == "1e-7" && JQInput.keepsDigits ? "1E-7" : number == "1e-7" ? "1e-07" : number))
  }

  @Test(arguments: large) func aLargeIntegerGoesThroughUnchangedOrNotAtAll(_ number: String) throws {
    let value = Array("{\"a\": [{\"n\": \(number)}], \"b\": 1}".utf8)
    for (program, expected) in [
      (".value", "{\"a\":[{\"n\":\(number)}],\"b\":1}"), (".value.a[0].n", number), (".value.b", "1"),
      (".value.a[0].n | tostring", "\"\(number)\""),
      ("\"id-\\(.value.a[0].n)\"", "\"id-\(number)\""), ("[.value.a[0].n] | @csv", "\"\(number)\""),
      (".value.a | tojson", "\"[{\\\"n\\\":\(number)}]\""),
      ("[.value.a[0].n, 1] | sort | map(select(. != 1))", "[\(number)]"),
    ] {
      let result = try JQProgramTests.json(program, value)
      if JQInput.keepsDigits {
        #expect(result == .success(expected), "\(program)")
      } else {
        #expect(JQProgramTests.message(result) == "the input holds a number that this jq would round", "\(program)")
      }
    }
  }

  @Test(arguments: large) func whatIsComputedFromOneDoesNotGoOut(_ number: String) throws {
    let value = Array("{\"n\": \(number), \"m\": 1000}".utf8)
    for program in [
      ".value.n + 0", "-.value.n", ".value.n * 10", "\"x\\(.value.n | floor)\"", "[.value.n, .value.n] | add",
      "{a: .value.n, b: (.value.n * 1)}",
    ] {
      guard case .failure = try JQProgramTests.json(program, value) else {
        Issue.record("\(program) of \(number)")
        continue
      }
    }
    // A condition may: it sends nothing.
    #expect(
      try JQProgram("(.value.n > 5) or (.value.n < -5)", for: .condition).holds(for: JQProgramTests.input(value))
        == .success(true))
    if JQInput.keepsDigits { #expect(try JQProgramTests.json(".value.m * 2", value) == .success("2000")) }
  }

  @Test(arguments: large) func neitherIsATextsIntegerRounded(_ number: String) throws {
    let value = Array("{\"n\": \"\(number)\"}".utf8)
    #expect(try JQProgramTests.json(".value.n", value) == .success("\"\(number)\""))
    for program in [".value.n | tonumber", ".value.n | fromjson", "\"[\\(.value.n)]\" | fromjson | .[0]"] {
      switch try JQProgramTests.json(program, value) {
      case .success(let text): #expect(text == number, "\(program)")
      case .failure: #expect(JQInput.keepsDigits == false, "\(program)")
      }
    }
  }

  @Test(arguments: ["1e400", "-1e400", "1.5e999999999999999999999", "1e-400"]) func whatNoDoubleReachesFails(
    _ number: String
  ) throws {
    let result = try JQProgramTests.json(".value", Array("[\(number)]".utf8))
    #expect(JQProgramTests.message(result) == "the input holds a number that this jq would round")
  }

  /// JSON has no such numbers; jq would write `null` and the largest double.
  @Test(arguments: ["nan", "infinite", "-infinite", "[1e300 * 1e300]", "{a: [nan]}", "[.value, infinite]"])
  func whatIsNoNumberOfJSONDoesNotGoOut(_ program: String) throws {
    #expect(
      JQProgramTests.message(try JQProgramTests.json(program, [0x31]))
        == "a result with a number that JSON does not have (nan or infinite)")
    #expect(try JQProgram(program, for: .condition).holds(for: JQProgramTests.input([])) == .success(true))
  }

  @Test func aFractionOfManyDigitsGoesThroughUnchangedOrNotAtAll() throws {
    let value = Array("{\"n\": 3.14159265358979323846264}".utf8)
    switch try JQProgramTests.json(".value.n", value) {
    case .success(let text): #expect(text == "3.14159265358979323846264")
    case .failure: #expect(JQInput.keepsDigits == false)
    }
  }

  @Test func anOffsetThatADoubleDoesNotHoldFails() throws {
    var input = JQInput()
    input.set("offset", to: 1 << 53 + 1)
    #expect(
      try JQProgram(".offset", for: .output).json(of: input, bytesMax: 100) != .success(Array("9007199254740992".utf8)))
  }

  /// Many of them cost no more than their length.
  @Test func aMegabyteOfThemIsReadAtOnce() throws {
    let numbers = (0..<40_000).map { "9876543210987654\(1_234_567 + $0)" }.joined(separator: ",")
    let result = try JQProgramTests.json(".value", Array("[\(numbers)]".utf8), bytesMax: 1 << 22)
    if JQInput.keepsDigits { #expect(result == .success("[\(numbers)]")) }
    guard case .failure = try JQProgramTests.json(".value | map(. + 1)", Array("[\(numbers)]".utf8), bytesMax: 1 << 22)
    else {
      Issue.record("rounded")
      return
    }
  }

  // MARK: Text

  @Test(
    arguments: [
      [0x22, 0xff, 0x22], [0xff, 0xfe], [0x61, 0xc3],
    ] as [[UInt8]])
  func textThatIsNoUTF8DoesNotGoOutAltered(_ value: [UInt8]) throws {
    #expect(
      JQProgramTests.message(try JQProgramTests.json(".value", value))
        == "a result with text of the input that is not UTF-8")
    #expect(try JQProgramTests.json(".number", value) == .success("42"))
    #expect(
      try JQProgram(".value | length > 0", for: .condition).holds(for: JQProgramTests.input(value)) == .success(true))
  }

  @Test(arguments: ["\"\\ud800\"", "[\"\\udc00x\"]", "\"\\ud83d\\u0041\""]) func halfACharacterIsNone(_ value: String)
    throws
  {
    let result = try JQProgramTests.json(".number", Array(value.utf8))
    #expect(JQProgramTests.message(result) == "value holds an escape of half a character")
  }

  @Test func aReplacementCharacterOfTheRecordsOwnIsOne() throws {
    #expect(try JQProgramTests.json(".value", Array("\"\u{fffd}\"".utf8)) == .success("\"\u{fffd}\""))
  }
}
