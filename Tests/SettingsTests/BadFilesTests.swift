import Testing

@testable import Settings

/// A file that is refused: its first line of output, and how many diagnostics there are.
struct BadFile: Sendable, CustomTestStringConvertible {
  var text: String
  var firstLine: String
  var count: Int

  static let base = """
    kafka:
      brokers: [localhost:9092]
      group: orders-bridge
    topic: orders
    destinations:
      crm:
        url: https://crm.example.com/orders
    dead_letters:
      topic: orders.dead

    """
  static let url = "    url: https://crm.example.com/orders\n"
  static let group = "  group: orders-bridge\n"
  static let manyDestinations = (0..<64).map { "  d\($0): { url: http://h/\($0) }\n" }.joined()
  static let unknownKeys = (0..<300).map { "k\($0): 1\n" }.joined()
  /// Short, and large once aliases are followed.
  static let aliases =
    base + "defaults:\n  retry: &r { attempts: 3, on: [5xx] }\n  headers: &h { A: b }\n"
    + "x0: &x0 [*r,*r,*h,*h]\nx1: &x1 [*x0,*x0,*x0,*x0]\nx2: &x2 [*x1,*x1,*x1,*x1]\nx3: [*x2,*x2,*x2,*x2]\n"
  /// Ten times ten times … of ten.
  static let laughs =
    "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    + (1..<12).map { level in
      "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",") + "]\n"
    }.joined()

  /// The base file with one thing in another's place.
  init(_ old: String, _ new: String, _ firstLine: String, _ count: Int) {
    self.init(whole: Self.base.replacing(old, with: new, maxReplacements: 1), firstLine, count)
  }
  init(adding lines: String, _ firstLine: String, _ count: Int) {
    self.init(whole: Self.base + lines, firstLine, count)
  }
  init(destination line: String, _ firstLine: String, _ count: Int) {
    self.init(Self.url, Self.url + "    " + line + "\n", firstLine, count)
  }
  init(kafka line: String, _ firstLine: String, _ count: Int) {
    self.init(Self.group, Self.group + "  " + line + "\n", firstLine, count)
  }
  /// Another URL, and a line behind it.
  init(url: String, _ line: String, _ firstLine: String, _ count: Int) {
    self.init(Self.url, "    url: \(url)\n    \(line)\n", firstLine, count)
  }
  init(whole text: String, _ firstLine: String, _ count: Int) {
    self.text = text
    self.firstLine = firstLine
    self.count = count
  }

  var testDescription: String { firstLine }
}

@Suite struct BadFilesTests {
  @Test(arguments: BadFile.table) func refused(_ bad: BadFile) {
    let environment = [
      "EMPTY": "", "SET": "x", "SPACED": "x ", "KEY": "whsec_aHVudGVyMg==", "LONG": String(repeating: "x", count: 8193),
      "BINARY": "\u{FFFD}",
    ]
    switch SettingsLoader.load(text: Array(bad.text.utf8), file: "b.yaml", environment: environment) {
    case .valid: Issue.record("accepted: \(bad.firstLine)")
    case .invalid(let found):
      let rendered = DiagnosticRenderer().render(found)
      #expect(rendered.prefix { $0 != "\n" } == bad.firstLine)
      #expect(found.count == bad.count)
    }
  }
}
