import Testing

@testable import Settings

@Suite struct TemplateParserTests {
  typealias Part = TemplateText.Part

  private static func value(_ path: [String], _ fallback: String? = nil, json: Bool = false) -> Part {
    .reference(TemplateText.Reference(.value, path: path, fallback: fallback, isJSON: json))
  }
  private static func root(_ root: TemplateText.Root, _ path: [String] = []) -> Part {
    .reference(TemplateText.Reference(root, path: path))
  }

  @Test(
    arguments: [
      ("", []), ("plain", [.literal("plain")]), ("$", [.literal("$")]), ("{}", [.literal("{}")]),
      ("a$b {c} $", [.literal("a$b {c} $")]),
      ("${value}", [root(.value)]), ("${ value . }", nil), ("${ value }", [root(.value)]),
      ("${value.a.b.0}", [value(["a", "b", "0"])]), ("${value[0][\"a b\"].c}", [value(["0", "a b", "c"])]),
      ("${value['it''s']}", nil), (#"${value['it\'s']}"#, [value(["it's"])]),
      (#"${value["\u00e9\ud83d\ude00"]}"#, [value(["é😀"])]),
      ("${value.größe-1_a}", [value(["größe-1_a"])]),
      ("${key}${topic}${partition}${offset}", [root(.key), root(.topic), root(.partition), root(.offset)]),
      ("${timestamp}-${id}-${attempt}", [root(.timestamp), .literal("-"), root(.id), .literal("-"), root(.attempt)]),
      ("${headers.region}", [root(.headers, ["region"])]), ("${headers.a.b}", [root(.headers, ["a.b"])]),
      ("${headers[\"a b\"]}", [root(.headers, ["a b"])]),
      ("${value|json}", [value([], json: true)]),
      ("${value.a | default(\"x\") | json}", [value(["a"], "x", json: true)]),
      ("${value.a|default( '' )}", [value(["a"], "")]), (#"${value.a | default("}\"\n")}"#, [value(["a"], "}\"\n")]),
      ("$${value}", [.literal("${value}")]), ("$$${value}", [.literal("$"), root(.value)]),
      ("$$$${value}", [.literal("$${value}")]),
      (
        "cost: $$${value.a} or $5",
        [
          .literal("cost: $"), value(["a"]), .literal(" or $5"),
        ]
      ),
      ("$$", [.literal("$$")]), ("{${value}}", [.literal("{"), root(.value), .literal("}")]),
    ] as [(String, [Part]?)]) func takesApart(_ text: String, _ parts: [Part]?) throws
  {
    guard let parts else {
      #expect(throws: TemplateProblem.self) { try TemplateParser.parse(text) }
      return
    }
    let placed = try TemplateParser.parse(text)
    #expect(placed.template.parts == parts)
    #expect(placed.ranges.count == parts.count)
    #expect(placed.ranges.first?.lowerBound ?? 0 == 0)
    #expect(placed.ranges.last?.upperBound ?? 0 == text.unicodeScalars.count)
    #expect(zip(placed.ranges, placed.ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    let again = try TemplateParser.parse(placed.template.source)
    #expect(again.template == placed.template, "\(placed.template.source)")
  }

  @Test(
    arguments: [
      ("a ${vlue.id}", "unknown root 'vlue'", "did you mean 'value'?", 4..<8),
      ("${record}", "unknown root 'record'", "known: value, key, headers, topic", 2..<8),
      ("${CRM_URL}", "unknown root 'CRM_URL'", "variables of the environment are not put into texts", 2..<9),
      ("${}", "'${}' with nothing in it", "for example: ${value.id}", 0..<3),
      ("x${value.id", "a '${' without its '}'", "a '${' that is meant as it stands is '$${'", 1..<3),
      ("${", "a '${' without its '}'", "a '${'", 0..<2),
      ("${value.", "a '${' without its '}'", "a '${'", 0..<2),
      ("${value | default", "'default' without a text", "for example: default(\"x\")", 10..<17),
      ("${value..id}", "a '.' without a name behind it", "a name with other signs", 7..<9),
      ("${value.a b}", "'b' does not belong in a template", nil, 10..<11),
      ("${value.a$b}", "'$' does not belong in a template", nil, 9..<10),
      ("${value[a]}", "neither a name in quotes nor a number in brackets", "for example: ${value[\"a name\"]}", 8..<9),
      ("${value[\"a\"}", "'}' does not belong in a template", "a '[' ends with ']'", 11..<12),
      ("${value[\"a]}", "a quote that is not closed in a template", nil, 8..<9),
      ("${value | default(x)}", "'default' takes a text in quotes", "for example: default(\"x\")", 18..<19),
      ("${value | defualt(\"x\")}", "unknown filter 'defualt'", "did you mean 'default'?", 10..<17),
      ("${value | upper}", "unknown filter 'upper'", "known: default(\"x\"), json", 10..<15),
      ("${value | json | json}", "the filter 'json' twice", "remove one", 17..<21),
      ("${value | default('a') | default('b')}", "the filter 'default' twice", "remove one", 25..<32),
      ("${value | json | default(\"x\")}", "'default' behind 'json'", "write it before", 17..<24),
      ("${value | }", "'}' does not belong in a template", "a '|' is followed by a filter", 10..<11),
      ("${value | json(\"x\")}", "'(' does not belong in a template", nil, 14..<15),
      ("${topic.name}", "'topic' has nothing below it", "only 'value' and 'headers' have", 7..<12),
      ("${key.id}", "'key' has nothing below it", "only 'value' and 'headers' have", 5..<8),
      ("${headers}", "'headers' without a name", "for example: ${headers.region}", 2..<9),
      ("${headers.a[\"b\"]}", "'headers' has one name", "for example: ${headers[\"a name\"]}", 9..<16),
      (#"${value["\x"]}"#, "an unknown escape in a text", "as in JSON", 9..<11),
      (#"${value["\ud83d"]}"#, "an unknown escape in a text", "as in JSON", 9..<15),
      ("é${vlue}", "unknown root 'vlue'", "did you mean 'value'?", 3..<7),
    ] as [(String, String, String?, Range<Int>)])
  func says(_ text: String, _ message: String, _ hint: String?, _ range: Range<Int>) {
    let problem = #expect(throws: TemplateProblem.self) { try TemplateParser.parse(text) }
    #expect(problem?.message == message && problem?.range == range, "\(String(describing: problem))")
    #expect(hint.map { problem?.hint?.hasPrefix($0) == true } ?? (problem?.hint == nil), "\(problem?.hint ?? "")")
  }

  /// Whatever stands between braces is taken apart or said to be wrong at a place within it.
  @Test func whatComesBackIsWhatWasMeant() {
    var numbers = SystemRandomNumberGenerator()
    let pieces = [
      "${", "}", "$", "{", "value", ".a", "[0]", "[\"x\"]", " | ", "json", "default(\"y\")", "headers.h", "\\", "\"",
      "é", " ",
    ]
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 1...8)).map { _ in pieces.randomElement(using: &numbers) ?? "" }.joined()
      do throws(TemplateProblem) {
        let template = try TemplateParser.parse(text).template
        let again = try TemplateParser.parse(template.source).template
        if again != template { Issue.record("\(text) became \(template.source)") }
      } catch {
        let isWithin = error.range.lowerBound >= 0 && error.range.upperBound <= text.unicodeScalars.count + 1
        if !isWithin || error.range.isEmpty { Issue.record("\(text): \(error)") }
      }
    }
  }

  /// The place within a value, however the value is written.
  @Test(arguments: [
    ("text: \"a ${vlue}\"", 1, 12), ("text: 'it''s ${vlue}'", 1, 16), ("text: a ${vlue}", 1, 11),
    ("text: &x \"${vlue}\"", 1, 13), (#"text: "\u00e9\n${vlue}""#, 1, 18), ("text: |\n  a\n   b ${vlue}\n", 3, 8),
    ("text: >\n  a\n\n  b\n  c ${vlue}\n", 5, 7), ("text: \"a\n  ${vlue}\"", 1, 7), ("text: |-\n\n    ${vlue}", 3, 7),
    ("text: a\n  ${vlue}", 1, 7),
  ]) func theColumnWithinAValue(_ yaml: String, _ line: Int, _ column: Int) throws {
    let source = SourceText(file: "f", bytes: Array(yaml.utf8))
    var log = DiagnosticLog(source: source)
    let node = try #require(Composer.compose(source, &log)?["text"])
    var reader = Reader(log: log, environment: [:])
    #expect(ValueType<TemplateText>.template(example: "x").read(node, "", &reader) == nil)
    let found = try #require(reader.log.diagnostics.first)
    #expect(found.message == "unknown root 'vlue'" && found.line == line && found.column == column, "\(found)")
  }
}
