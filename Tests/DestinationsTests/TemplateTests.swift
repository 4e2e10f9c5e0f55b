import FanOut
import Testing

@testable import Destinations
@testable import Settings

/// What a reference gives in each place, hostile records included: the text, or "! " and the failure.
@Suite struct TemplateTests {
  typealias Row = (template: String, value: String, result: String)

  /// A record with a key, headers and the value.
  static func made(_ value: String) -> Record {
    record(
      value,
      headers: [("region", Array("eu-1".utf8)), ("twice", Array("a".utf8)), ("twice", Array("b".utf8)), ("null", nil)],
      key: Array("customer 7".utf8))
  }

  static func check(_ row: Row, _ made: MadeRequest, _ result: String?) {
    if row.result.hasPrefix("! ") {
      #expect(made.templateProblem == String(row.result.dropFirst(2)), "\(row.template) of \(row.value)")
      #expect(made.bytes.isEmpty)
    } else {
      #expect(made.obstacle == nil && result == row.result, "\(row.template) of \(row.value)")
    }
  }

  static let inJSON: [Row] = [
    // Alone, a value keeps its type and bytes.
    ("${value.a}", #"{"a": 12345678901234567890123}"#, "12345678901234567890123"),
    ("${value.a}", #"{"a":1e400}"#, "1e400"),
    ("${value.a}", #"{"a":-0.10}"#, "-0.10"), ("${value.a}", #"{"a":true}"#, "true"),
    ("${value.a}", #"{"a":null}"#, "null"),
    ("${value.a}", #"{"a": {"z": 1, "b" :[ ]} }"#, #"{"z": 1, "b" :[ ]}"#), ("${value}", " [1, 2] ", "[1, 2]"),
    ("${value.a}", #"{"a":"q\"\u00e9\ud800\n"}"#, #""q\"\u00e9\ud800\n""#),
    ("${value.a.1.b}", #"{"a":[0,{"b":2}]}"#, "2"),
    ("${value.a}", #"{"a":1,"a":2}"#, "2"), ("${partition}", "1", "3"), ("${offset}", "1", "42"),
    ("${attempt}", "1", "1"),
    ("${timestamp}", "1", "1790000000000"), ("${topic}", "1", #""orders""#), ("${key}", "1", #""customer 7""#),
    ("${headers.region}", "1", #""eu-1""#), ("${headers.null}", "1", "null"), ("${headers.twice}", "1", #""b""#),
    // A value that is no JSON is a text.
    ("${value}", "say \"hi\"\n\u{1}", #""say \"hi\"\n\u0001""#), ("${value}", "", #""""#),
    // In a text, everything is text.
    ("n=${value.a}", #"{"a":1.0}"#, #""n=1.0""#), ("${value.a}!", #"{"a":"\"\\\u0000é"}"#, #""\"\\\u0000é!""#),
    ("[${value.a}]", #"{"a":{"b":"c\n"}}"#, #""[{\"b\":\"c\\n\"}]""#), ("${key}${offset}", "1", #""customer 742""#),
    ("a\"b\\\n${topic}", "1", #""a\"b\\\norders""#), ("x ${value}", "\u{7}\"é", #""x \u0007\"é""#),
    // Filters.
    ("${value.a | json}", #"{"a":{"b":"c"}}"#, #""{\"b\":\"c\"}""#),
    ("${value.a | json}", #"{"a":"x\ny"}"#, #""\"x\\ny\"""#),
    ("${value.a | json}", #"{"a":7}"#, #""7""#), ("${value.a | json}", #"{"a":null}"#, #""null""#),
    ("${offset | json}", "1", #""42""#), ("${key | json}", "1", #""\"customer 7\"""#),
    ("a ${value.a | json}", #"{"a":null}"#, #""a null""#),
    (#"${value.a | default("x\"y")}"#, "{}", #""x\"y""#), (#"${value.a | default("x")}"#, #"{"a":null}"#, #""x""#),
    (#"${value.a | default("x")}"#, #"{"a":false}"#, "false"), (#"${value.a | default("") | json}"#, "{}", #""\"\"""#),
    (#"${value.a.b | default("x")}"#, #"{"a":1}"#, #""x""#), (#"${headers.none | default("x")}"#, "1", #""x""#),
    (#"${headers.null | default("x")}"#, "1", #""x""#), ("${headers.REGION}", "1", "! ${headers.REGION} is missing"),
    // What is not there fails.
    ("${value.a}", "{}", "! ${value.a} is missing"), ("${value.a.b}", #"{"a":"text"}"#, "! ${value.a.b} is missing"),
    ("${value.a.2}", #"{"a":[1,2]}"#, "! ${value.a.2} is missing"),
    ("${headers.none}", "1", "! ${headers.none} is missing"),
    ("n=${value.a}", #"{"a":null}"#, "! ${value.a} is null"),
    ("${value.a}", "text", "! ${value.a} of a value that is not JSON"),
    (#"${value.a | default("x")}"#, #"{"a":1"#, #"! ${value.a | default("x")} of a value that is not JSON"#),
  ]

  @Test(arguments: inJSON.indices) func json(_ index: Int) throws {
    let row = Self.inJSON[index]
    let made = request(
      Self.made(row.value), destination { $0.body = .json(.map([.init("k", .text(template(row.template)))])) })
    Self.check(row, made, made.bytes.isEmpty ? nil : String(made.body.dropFirst(5).dropLast()))
    #expect(made.bytes.isEmpty || made.body.hasPrefix("{\"k\":") && made.header("content-type") == "application/json")
  }

  static let inPath: [Row] = [
    ("/o/${value.id}", #"{"id":"a b/c?d#é%.~"}"#, "/o/a%20b%2Fc%3Fd%23%C3%A9%25.~"),
    ("/${value.id}/x", #"{"id":12.50}"#, "/12.50/x"),
    ("/${value.id}", #"{"id":"\u0000\r\n"}"#, "/%00%0D%0A"), ("/${value.id}", #"{"id":true}"#, "/true"),
    ("/a${value.id}", #"{"id":""}"#, "/a"), ("/${value.id}.json", #"{"id":""}"#, "/.json"),
    ("/..${value.id}", #"{"id":"."}"#, "/..."),
    ("/${key}/${partition}/${offset}", "1", "/customer%207/3/42"), ("//${topic}//", "1", "//orders//"),
    ("/%7E${value | json}", #"{"a":1}"#, "/%7E%7B%22a%22%3A1%7D"), ("/${value}", "text/plain", "/text%2Fplain"),
    ("/${value.id}", #"{"id":""}"#, "! the path segment ${value.id} becomes empty, '.' or '..'"),
    ("/x/${value.id}/y", #"{"id":".."}"#, "! the path segment ${value.id} becomes empty, '.' or '..'"),
    ("/x/${value.id}", #"{"id":"."}"#, "! the path segment ${value.id} becomes empty, '.' or '..'"),
    ("/x/.${value.id}/", #"{"id":"."}"#, "! the path segment .${value.id} becomes empty, '.' or '..'"),
    ("/%2E${value.id}", #"{"id":"."}"#, "! the path segment %2E${value.id} becomes empty, '.' or '..'"),
    ("/%2e${value.id}", #"{"id":""}"#, "! the path segment %2e${value.id} becomes empty, '.' or '..'"),
    ("/${value.id}", #"{"id":null}"#, "! ${value.id} is null"), ("/${value.id}", "{}", "! ${value.id} is missing"),
    ("/${value.id}", #"{"id":[1]}"#, "! ${value.id} is an array or an object, which is no path segment"),
    ("/${value.id}", #"{"id":"\ud800"}"#, "! ${value.id} holds half of a surrogate pair"),
  ]

  @Test(arguments: inPath.indices) func path(_ index: Int) {
    let row = Self.inPath[index]
    for query in [nil, template("a=${offset}")] {
      let made = request(
        Self.made(row.value), destination { $0.target = TargetTemplate(path: template(row.template), query: query) })
      let target = made.target.map { query == nil ? $0 : $0.replacing("?a=42", with: "") }
      Self.check(row, made, target)
    }
  }

  static let inQuery: [Row] = [
    ("${value.id}", #"{"id":"a&b=c+d e/é?#"}"#, "a%26b%3Dc%2Bd%20e%2F%C3%A9%3F%23"), ("${value.id}", #"{"id":""}"#, ""),
    ("a b${value.id}&", #"{"id":1}"#, "a%20b1%26"), ("${value.id}", #"{"id":[1, 2]}"#, "%5B1%2C%202%5D"),
    ("..", "1", ".."),
    ("${value.id}", #"{"id":null}"#, "! ${value.id} is null"),
    ("${value.id}", #"{"id":"\udc00"}"#, "! ${value.id} holds half of a surrogate pair"),
  ]

  @Test(arguments: inQuery.indices) func query(_ index: Int) {
    let row = Self.inQuery[index]
    var made = request(Self.made(row.value), destination { $0.query = [("q 1", template(row.template)), ("z", "")] })
    Self.check(
      row, made, made.target.map { $0.replacing("/orders?from=kafka&q%201=", with: "").replacing("&z=", with: "") })
    // Without a query in the URL.
    made = request(
      Self.made(row.value),
      destination {
        $0.url.target = "/o"
        $0.query = [("q", template(row.template))]
      })
    Self.check(row, made, made.target.map { $0.replacing("/o?q=", with: "") })
  }

  static let inHeader: [Row] = [
    ("${value.h}", #"{"h":"a\tb é"}"#, "a\tb é"), ("eu/${value.h}", #"{"h":1}"#, "eu/1"),
    ("${value.h}", #"{"h":""}"#, ""),
    ("${value.h}", #"{"h":{"a":1}}"#, #"{"a":1}"#), ("${value.h | json}", #"{"h":"a\nb"}"#, #""a\nb""#),
    ("${headers.region}", "1", "eu-1"), ("${id}", "1", RequestRendererTests.id),
    ("${value.h}", #"{"h":"a\r\nX-Evil: 1"}"#, "! ${value.h} holds a control character, which no header can"),
    ("${value.h}", #"{"h":"a\n"}"#, "! ${value.h} holds a control character, which no header can"),
    ("${value.h}", #"{"h":"\u0000"}"#, "! ${value.h} holds a control character, which no header can"),
    ("${value.h}", #"{"h":"\u007f"}"#, "! ${value.h} holds a control character, which no header can"),
    ("${value.h}", "{\"h\":[1,\n2]}", "! ${value.h} holds a control character, which no header can"),
    ("${value.h}", "{}", "! ${value.h} is missing"),
  ]

  @Test(arguments: inHeader.indices) func header(_ index: Int) {
    let row = Self.inHeader[index]
    let made = request(Self.made(row.value), destination { $0.headers = [("X-H", template(row.template))] })
    Self.check(row, made, made.header("X-H"))
    #expect(made.header("x-evil") == nil)
  }

  static let inXML: [Row] = [
    (
      "<a b=\"${value.x}\">${value.x}</a>", #"{"x":"<&>\"']]>é😀"}"#,
      "<a b=\"&lt;&amp;&gt;&quot;&#39;]]&gt;é😀\">&lt;&amp;&gt;&quot;&#39;]]&gt;é😀</a>"
    ),
    ("<a>${value.x}</a>", #"{"x":[1,"<"]}"#, "<a>[1,&quot;&lt;&quot;]</a>"),
    ("<a>${value.x}</a>", #"{"x":""}"#, "<a></a>"),
    ("<a>${value.x}</a>", #"{"x":"\u0000"}"#, "! ${value.x} holds a character that XML forbids"),
    ("<a>${value.x}</a>", #"{"x":"\u001b"}"#, "! ${value.x} holds a character that XML forbids"),
    ("<a>${value.x}</a>", #"{"x":"\uffff"}"#, "! ${value.x} holds a character that XML forbids"),
    ("<a>${value.x}</a>", #"{"x":"\ud83d"}"#, "! ${value.x} holds half of a surrogate pair"),
    ("<a>${value.x}</a>", #"{"x":null}"#, "! ${value.x} is null"),
  ]

  @Test(arguments: inXML.indices) func xml(_ index: Int) {
    let row = Self.inXML[index]
    let made = request(Self.made(row.value), destination { $0.body = .soap(template(row.template), version: .v1_1) })
    let inner = made.body.split(separator: "<soap:Body>").last?.split(separator: "</soap:Body>").first
    Self.check(row, made, inner.map(String.init))
  }

  static let inForm: [Row] = [
    ("${value.f}", #"{"f":"a b&c=d+é\r\n"}"#, "a+b%26c%3Dd%2B%C3%A9%0D%0A"),
    ("x y${value.f}", #"{"f":{"a":1}}"#, "x+y%7B%22a%22%3A1%7D"),
    ("${value.f}", #"{"f":"\ud800"}"#, "! ${value.f} holds half of a surrogate pair"),
  ]

  @Test(arguments: inForm.indices) func form(_ index: Int) {
    let row = Self.inForm[index]
    let made = request(
      Self.made(row.value),
      destination { $0.body = .form([.init("first name", "é"), .init("f", template(row.template))]) })
    Self.check(row, made, made.bytes.isEmpty ? nil : made.body.replacing("first+name=%C3%A9&f=", with: ""))
    #expect(made.bytes.isEmpty || made.header("content-type") == "application/x-www-form-urlencoded")
  }

  static let inText: [Row] = [
    ("Order ${value.t}\r\n", #"{"t":"\u0000<&\"é"}"#, "Order \u{0}<&\"é\r\n"),
    ("${value}", #" {"a" : 1} "#, #"{"a" : 1}"#),
    ("${value}", "any text", "any text"), ("${value.t}", #"{"t":null}"#, "! ${value.t} is null"),
  ]

  @Test(arguments: inText.indices) func text(_ index: Int) {
    let row = Self.inText[index]
    let made = request(Self.made(row.value), destination { $0.body = .text(template(row.template)) })
    Self.check(row, made, made.bytes.isEmpty ? nil : made.body)
    #expect(made.bytes.isEmpty || made.header("content-type") == "text/plain; charset=utf-8")
  }
}
