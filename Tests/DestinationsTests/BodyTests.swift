import FanOut
import Foundation
import Testing

@testable import Destinations
@testable import Settings

@Suite struct BodyTests {
  static let order = record(
    #"{"id": 12345678901234567890, "text": "say \"hi\"\n\u0007😀", "who": {"name": "é"}, "none": null}"#)

  @Test func jsonOfTheFileKeepsItsDigitsAndOrder() {
    let tree = TemplateTree.map([
      .init("z", .number("1.50")),
      .init("a\"", .list([.null, .boolean(true), .number("12345678901234567890123"), .list([]), .map([])])),
      .init("b", .map([.init("id", .text(template("${value.id}"))), .init("t", .text(template("№ ${value.id}\n")))])),
      .init("c", .text("")),
    ])
    let made = request(Self.order, destination { $0.body = .json(tree) })
    #expect(
      made.body
        == #"{"z":1.50,"a\"":[null,true,12345678901234567890123,[],{}],"b":{"id":12345678901234567890,"t":"№ 12345678901234567890\n"},"c":""}"#
    )
    #expect(made.header("content-length") == "\(made.body.utf8.count)")
  }

  @Test func graphQL() throws {
    var settings = GraphQLSettings()
    settings.query = "mutation($id: ID!) {\n  reserve(id: $id) { ok } # \"${value.id}\"\n}"
    settings.operationName = "Reserve"
    settings.variables = .map([
      .init("id", .text(template("${value.id}"))), .init("who", .text(template("${value.who}"))),
    ])
    let made = request(Self.order, destination { $0.body = .graphQL(settings) })
    #expect(made.header("content-type") == "application/json")
    #expect(made.header("accept") == "application/graphql-response+json, application/json")
    #expect(
      made.body.hasSuffix(#","operationName":"Reserve","variables":{"id":12345678901234567890,"who":{"name": "é"}}}"#))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(made.body.utf8)) as? [String: Any])
    #expect(object["query"] as? String == settings.query)
    let bare = request(Self.order, destination { $0.body = .graphQL(GraphQLSettings()) })
    #expect(bare.body == #"{"query":""}"#)
  }

  @Test func chat() throws {
    var settings = ChatSettings()
    settings.model = "gpt-4o-mini"
    settings.system = template("You read \"orders\" of ${topic}.")
    settings.prompt = template("${value.text}")
    settings.temperature = "0.20"
    settings.maxTokens = 300
    settings.responseFormat = .map([.init("type", .text("json_object"))])
    let made = request(Self.order, destination { $0.body = .chat(settings) })
    #expect(
      made.body
        == #"{"model":"gpt-4o-mini","messages":[{"role":"system","content":"You read \"orders\" of orders."},{"role":"user","content":"say \"hi\"\n\u0007😀"}],"temperature":0.20,"max_tokens":300,"response_format":{"type":"json_object"}}"#
    )
    #expect(made.header("content-type") == "application/json")
  }

  /// What is said is a string, whatever the record has there.
  @Test(arguments: [
    ("${value.id}", #""12345678901234567890""#), ("${value.who}", #""{\"name\": \"é\"}""#),
    ("${value | json}", nil), ("${value.none | json}", #""null""#),
    ("${value.text | json}", #""\"say \\\"hi\\\"\\n\\u0007😀\"""#),
  ]) func aPromptIsAString(prompt: String, content: String?) throws {
    var settings = ChatSettings()
    settings.model = "m"
    settings.prompt = template(prompt)
    let made = request(Self.order, destination { $0.body = .chat(settings) })
    let object = try #require(try JSONSerialization.jsonObject(with: Data(made.body.utf8)) as? [String: Any])
    let message = try #require((object["messages"] as? [[String: Any]])?.first)
    #expect(message["role"] as? String == "user")
    let said = try #require(message["content"] as? String)
    if let content {
      #expect(made.body.contains("\"content\":\(content)}"))
    } else {
      #expect(Array(said.utf8) == value(Self.order))
    }
    settings.prompt = template("${value.none}")
    #expect(request(Self.order, destination { $0.body = .chat(settings) }).templateProblem == "${value.none} is null")
  }

  private func value(_ record: Record) -> [UInt8] { unsafe record.withValue { unsafe Array($0) } }

  static let soapHeaders:
    [(version: SOAPVersion, headers: [(name: String, value: TemplateText)], type: String, action: String?)] = [
      (.v1_1, [], "text/xml; charset=utf-8", "\"\""),
      (.v1_1, [("SOAPAction", "urn:Place")], "text/xml; charset=utf-8", "\"urn:Place\""),
      (.v1_1, [("soapaction", "\"urn:Place\"")], "text/xml; charset=utf-8", "\"urn:Place\""),
      (.v1_1, [("SOAPAction", template("urn:${topic}"))], "text/xml; charset=utf-8", "\"urn:orders\""),
      (.v1_1, [("Content-Type", "text/xml")], "text/xml", "\"\""),
      (.v1_2, [], "application/soap+xml; charset=utf-8", nil),
      (.v1_2, [("SOAPAction", "urn:Place")], "application/soap+xml; charset=utf-8; action=\"urn:Place\"", nil),
      (.v1_2, [("SOAPAction", "\"urn:Place\"")], "application/soap+xml; charset=utf-8; action=\"urn:Place\"", nil),
      (.v1_2, [("Content-Type", "application/soap+xml"), ("SOAPAction", "urn:Place")], "application/soap+xml", nil),
    ]

  @Test(arguments: soapHeaders.indices) func soap(_ index: Int) {
    let row = Self.soapHeaders[index]
    let made = request(
      Self.order,
      destination {
        $0.headers = row.headers
        $0.body = .soap(template("<Order><Id>${value.id}</Id></Order>"), version: row.version)
      })
    #expect(made.header("content-type") == row.type)
    #expect(made.header("soapaction") == row.action)
    let namespace =
      row.version == .v1_1 ? "http://schemas.xmlsoap.org/soap/envelope/" : "http://www.w3.org/2003/05/soap-envelope"
    #expect(
      made.body == """
        <?xml version="1.0" encoding="utf-8"?>
        <soap:Envelope xmlns:soap="\(namespace)"><soap:Body><Order><Id>12345678901234567890</Id></Order></soap:Body></soap:Envelope>
        """)
  }

  @Test(arguments: ["a\\\"b", "a\\\\", "a\\r\\nX-Evil: 1", "\\u0000"]) func anActionStaysInItsQuotes(_ text: String) {
    for version in SOAPVersion.allCases {
      let made = request(
        record("{\"a\":\"\(text)\"}"),
        destination {
          $0.headers = [("SOAPAction", template("urn:${value.a}"))]
          $0.body = .soap("<a/>", version: version)
        })
      #expect(made.templateProblem?.hasPrefix("${value.a} holds a ") == true)
    }
  }

  @Test func theFilesHeadersComeBeforeThoseOfTheBody() {
    for body in [BodySettings.json(.null), .form([]), .text("x"), .graphQL(GraphQLSettings()), .chat(ChatSettings())] {
      let made = request(
        Self.order,
        destination {
          $0.headers = [("content-TYPE", "application/vnd.x+json"), ("accept", "*/*"), ("User-agent", "me")]
          $0.body = body
        })
      #expect(made.text.lowercased().ranges(of: "\r\ncontent-type: ").count == 1)
      #expect(made.header("content-type") == "application/vnd.x+json" && made.header("accept") == "*/*")
      #expect(made.header("user-agent") == "me" && !made.text.contains("topictee"))
    }
  }

  /// A GET or DELETE that the file gives a body has one.
  @Test(arguments: [HTTPMethod.get, .delete]) func aBodyOfTheFileIsSentWhateverTheMethod(_ method: HTTPMethod) {
    let made = request(
      Self.order,
      destination {
        $0.method = method
        $0.body = .json(.list([]))
      })
    #expect(made.text.hasPrefix("\(method.rawValue) ") && made.text.hasSuffix("\r\nContent-Length: 2\r\n\r\n[]"))
  }

  @Test(arguments: [0, 1, 300, 200_000]) func gzip(_ count: Int) throws {
    let text = String(repeating: "ab\n", count: count)
    for body in [BodySettings.text(template("${value}")), .raw] {
      let settings = destination {
        $0.body = body
        $0.compressesBody = true
      }
      let renderer = RequestRenderer(settings, RecordView())
      // Twice, for zlib's state is kept.
      for _ in 0..<2 {
        let made = HostileTemplateTests.rendered(record(text), renderer)
        let end = try #require(made.firstRange(of: Array("\r\n\r\n".utf8)))
        let head = String(decoding: made[..<end.lowerBound], as: UTF8.self)
        #expect(head.contains("\r\nContent-Encoding: gzip\r\n"))
        #expect(head.hasSuffix("\r\nContent-Length: \(made.count - end.upperBound)"))
        #expect(head.contains("\r\nContent-Type: "))
        #expect(try gunzip(Array(made[end.upperBound...])) == Array(text.utf8))
      }
    }
  }

  private func gunzip(_ bytes: [UInt8]) throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "topictee-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "body.gz")
    try Data(bytes).write(to: file)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "exec gzip -dc \"$0\"", file.path(percentEncoded: false)]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return Array(output)
  }
}
