import Foundation
import Testing

@testable import Settings

/// The page that users read, made from the table of fields.
private enum ReferencePage {
  static let path = "Sources/topictee/topictee.docc/Configuration.md"

  static var text: String {
    var page = """
      # Configuration

      Every key of the config file.

      ## Overview

      One YAML file. `topictee check FILE` reports everything that is wrong with it at once, `topictee check FILE
      --explain KEY` says where a value comes from, `topictee schema` prints a JSON Schema for editors, and `topictee init
      FILE` writes a file to begin with:

      ```yaml
      \(GoodFile.minimal.trimmingCharacters(in: .newlines).replacing("\n", with: "\n      "))
      ```

      An environment variable stands over the file's value: `TOPICTEE_` and the path in upper case, with two underscores
      between levels, such as `TOPICTEE_KAFKA__GROUP` or `TOPICTEE_DESTINATIONS__CRM__URL`. A `-` or `.` in a name is an
      underscore there, lists are written with commas, and a variable that leads to no key is an error. A secret is
      `{env: NAME}` or `{file: PATH}`. Templates and bodies are told in [Requests](Requests.md), logins, signatures and
      events in [Identity](Identity.md), batches in [Batches](Batches.md), the way to an API in [Network](Network.md).

      ## Keys

      `NAME` is a name of yours. What `defaults` has holds for every destination that does not say otherwise.

      | Key | Type | Default | Example | Since | Meaning |
      |---|---|---|---|---|---|

      """.replacing("\n      ", with: "\n")
    for row in ConfigReference.rows {
      let standard = row.isRequired ? "required" : row.isMap ? "" : row.standard.map(code) ?? "none"
      page += "| \(code(row.path)) | \(cell(row.type)) | \(standard == "`null`" ? "none" : standard) "
      page += "| \(code(row.example)) | \(row.since) | \(cell(row.summary)) |\n"
    }
    return page
  }

  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
  private static func code(_ text: String) -> String { "`\(cell(text))`" }
}

@Suite struct ReferencePageTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// `TOPICTEE_TEST_WRITE_REFERENCE=1 swift test --filter ReferencePageTests` brings it up to date.
  @Test func thePageIsCurrent() throws {
    let file = Self.root.appending(path: ReferencePage.path)
    if ProcessInfo.processInfo.environment["TOPICTEE_TEST_WRITE_REFERENCE"] != nil {
      try ReferencePage.text.write(to: file, atomically: true, encoding: .utf8)
    }
    let page = try String(contentsOf: file, encoding: .utf8)
    #expect(page == ReferencePage.text, "\(ReferencePage.path) is not what the table of fields says")
  }

  @Test func aRowMaySayItsRelease() throws {
    let type = ValueType<Limits>.map(
      [
        Field("old", \.inFlightRecords, .integer(1...9, example: "1"), "old"),
        Field("new", \.inFlightBytes, .integer(1...9, example: "1"), since: "0.7", "new"),
      ], example: "{ old: 1 }")
    guard case .keys(let keys) = type.describe(Limits()) else {
      Issue.record("no map")
      return
    }
    #expect(keys.map(\.since) == [firstRelease, "0.7"])
    let named = SettingsDraft.fields.map { $0.describe(SettingsDraft()).since }
    #expect(named == ConfigReference.rows.filter { !$0.path.contains(".") }.map(\.since))
  }

  /// Every example of a row is one that its own key takes, and every default is.
  @Test func examplesAndDefaultsLoad() throws {
    for row in ConfigReference.rows {
      let values = [row.example] + (row.standard.map { [$0] } ?? [])
      for value in values where value != "null" && row.path != "topics" {
        let keys = row.path.replacing("NAME", with: "crm").split(separator: ".").map(String.init)
        guard var whole = PlainValue(yaml: Self.base), let new = PlainValue(yaml: value) else { continue }
        for outer in ConfigReference.rows where row.path.hasPrefix(outer.path + ".") {
          let way = outer.path.replacing("NAME", with: "crm").split(separator: ".").map(String.init)
          whole = try Self.put(#require(PlainValue(yaml: outer.example)), at: way[...], in: whole)
        }
        let text = Self.put(new, at: keys[...], in: whole).json
        let result = SettingsLoader.load(text: Array(text.utf8), file: "b", environment: Self.environment)
        guard case .invalid(let found) = result else { continue }
        // A certificate without its key is one of two keys, and of two kinds of one thing there is one.
        let others = found.filter { !$0.message.contains(" without ") && !$0.message.hasPrefix("both '") }
        #expect(others.isEmpty, "\(row.path): \(value): \(DiagnosticRenderer().render(others))")
      }
    }
  }

  /// What the examples name; all of it is Base64 too.
  private static let environment = Dictionary(
    uniqueKeysWithValues: [
      "KAFKA_PASSWORD", "PROXY_PASSWORD", "ADMIN_TOKEN", "CRM_TOKEN", "CRM_PASSWORD", "CRM_KEY", "CRM_SECRET",
      "CRM_SIGNING",
      "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LEDGER_KEY", "GATEWAY_KEY",
    ].map { ($0, "hunter2=") })

  private static let base = """
    { kafka: { brokers: [h:1], group: g, sasl: { mechanism: PLAIN, username: u, password: {env: KAFKA_PASSWORD} } },
      topic: orders, destinations: { crm: { url: "http://h/" } }, dead_letters: { topic: orders.dead } }
    """

  private static func put(_ value: PlainValue, at path: ArraySlice<String>, in whole: PlainValue) -> PlainValue {
    guard let key = path.first else { return value }
    guard case .map(var entries) = whole else { return put(value, at: path, in: .map([])) }
    if let at = entries.firstIndex(where: { $0.key == key }) {
      entries[at].value = put(value, at: path.dropFirst(), in: entries[at].value)
    } else {
      entries.append(PlainValue.Entry(key, put(value, at: path.dropFirst(), in: .map([]))))
    }
    return .map(entries)
  }

  private static let pagesWithConfigs = [
    "README.md", ReferencePage.path, "Sources/topictee/topictee.docc/Requests.md",
    "Sources/topictee/topictee.docc/DeadLetters.md", "docker/bridge.yaml",
  ]

  /// Those, and whatever other page there is.
  private static let pages =
    pagesWithConfigs
    + ["Sources", "Tests", "docker"].flatMap { folder in
      let walk = FileManager.default.enumerator(atPath: root.appending(path: folder).path(percentEncoded: false))
      return (walk?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".md") }.map { "\(folder)/\($0)" }
        .filter { !pagesWithConfigs.contains($0) }.sorted()
    }

  /// Every config that a page shows is one that loads, without a warning.
  @Test(arguments: pages) func shownConfigsLoad(_ path: String) throws {
    let text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    let blocks =
      path.hasSuffix(".md")
      ? text.split(separator: "```yaml\n").dropFirst().compactMap { $0.split(separator: "\n```").first } : [text[...]]
    if Self.pagesWithConfigs.contains(path) { #expect(!blocks.isEmpty) }
    for block in blocks {
      let result = SettingsLoader.load(text: Array(block.utf8), file: path, environment: Self.environment)
      guard case .valid(_, let warnings) = result, warnings.isEmpty else {
        Issue.record("\(path): \(result)\n\(block)")
        continue
      }
    }
  }
}
