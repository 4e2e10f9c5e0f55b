import Kafka
import Testing

@testable import Bridging
@testable import topictee

/// Rows as `topictee results` shows them.
@Suite struct ResultsTableTests {
  private func row(
    key: StoredRow.Key = .text("c1"), _ columns: [String: StoredRow.Column] = [:]
  ) -> StoredRow {
    StoredRow(topic: "orders", partition: "0", offset: "42", timestamp: "1790000000000", key: key, columns: columns)
  }

  private func lines(_ rows: [StoredRow], isCut: Bool = false) -> [String] {
    var table = ResultsTable(destinations: ["crm", "erp"], isCut: isCut, style: nil)
    return rows.flatMap { table.add($0) } + table.release()
  }

  private static let delivered = StoredRow.Column(
    outcome: "delivered", status: "201", attempts: "1", durationMilliseconds: "12.5", body: "\"A-17\"", bodyText: "A-17"
  )
  private static let refused = StoredRow.Column(outcome: "dead_lettered", reason: "rejected", status: "400")

  @Test func aRowPerRecordAndAColumnPerDestination() {
    let found = lines([
      row(["crm": Self.delivered, "erp": Self.refused]), row(key: .text("customer-2"), ["crm": Self.delivered]),
      row(key: .none, ["crm": .init(outcome: "delivered"), "erp": .init(outcome: "skipped")]),
    ])
    #expect(
      found == [
        "Key            | crm       | erp", "c1             | 201 A-17  | dead-lettered rejected 400",
        "customer-2     | 201 A-17  | -", "(orders[0]@42) | delivered | skipped",
      ])
  }

  @Test func withoutRowsThereIsTheHeader() { #expect(lines([]) == ["Key | crm | erp"]) }

  /// The first ones say how wide it is; then a line comes out for each row.
  @Test func manyRowsAreNotHeldBack() {
    var table = ResultsTable(destinations: ["crm"], isCut: false, style: nil)
    var counts: [Int] = []
    for _ in 0..<202 { counts.append(table.add(row(["crm": Self.delivered])).count) }
    #expect(counts == Array(repeating: 0, count: 199) + [201, 1, 1])
    #expect(table.release().isEmpty)
  }

  @Test func nothingMovesTheCursor() {
    let bad = StoredRow.Column(outcome: "delivered", status: "200", bodyText: "a\u{1b}[2J\nb\u{202e}c\u{9b}1m\t\u{7f}")
    let found = lines([row(key: .text("k\r\u{7}"), ["crm": bad])])
    #expect(found.count == 2)
    #expect(found[1].hasPrefix("k\\r\\u{7} | 200 a\\u{1b}[2J\\nb\\u{202e}c\\u{9b}1m\\t\\u{7f} | -"))
    let everything = found.joined().unicodeScalars
    #expect(everything.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) && $0.value != 0x202e })
  }

  @Test func wideLettersTakeTwoColumns() {
    #expect(ShownText.width("日本") == 4 && ShownText.width("e\u{301}") == 1 && ShownText.width("🙂") == 2)
    let found = lines([row(key: .text("日本"), [:]), row(key: .text("abcd"), [:])])
    #expect(found[1] == "日本 | -   | -" && found[2] == "abcd | -   | -")
    #expect(ShownText.cut("日本日本", columns: 5) == "日本…" && ShownText.cut("日本", columns: 4) == "日本")
    #expect(ShownText.cut("abcdef", columns: 4) == "abc…")
  }

  @Test func longCellsAreCutWhereLinesWouldBreak() {
    let long = StoredRow.Column(outcome: "delivered", status: "200", bodyText: String(repeating: "x", count: 300))
    #expect(lines([row(["crm": long])], isCut: true)[1] == "c1  | 200 \(String(repeating: "x", count: 43))… | -")
    #expect(lines([row(["crm": long])])[1].utf8.count > 300)
  }

  // MARK: - CSV

  @Test func csvHasAColumnForEachThing() {
    let csv = ResultsCSV(destinations: ["crm", "erp"])
    #expect(
      csv.header
        == "topic,partition,offset,timestamp,key,crm,crm_reason,crm_status,crm_attempts,crm_duration_ms,crm_body,"
        + "erp,erp_reason,erp_status,erp_attempts,erp_duration_ms,erp_body\r\n")
    #expect(
      csv.line(row(["crm": Self.delivered, "erp": Self.refused]))
        == "orders,0,42,1790000000000,c1,delivered,,201,1,12.5,A-17,dead_lettered,rejected,400,,,\r\n")
    #expect(csv.line(row(key: .none)) == "orders,0,42,1790000000000,,,,,,,,,,,,,\r\n")
  }

  /// RFC 4180, 2.5 to 2.7.
  @Test(arguments: [
    ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\nb", "\"a\nb\""), ("a\r\nb", "\"a\r\nb\""),
    ("\"\u{301},", "\"\"\"\u{301},\""), ("plain 'text'", "plain 'text'"),
  ])
  func csvQuotes(_ text: String, _ expected: String) {
    let line = ResultsCSV(destinations: []).line(row(key: .text(text)))
    #expect(Array(line.utf8) == Array("orders,0,42,1790000000000,\(expected)\r\n".utf8))
  }

  // MARK: - --since

  private static let now: Int64 = 1_790_000_000_000

  @Test(arguments: [
    ("2h", now - 7_200_000), ("90s", now - 90_000), ("250ms", now - 250), ("0", now),
    ("1970-01-01T00:00:00Z", 0), ("2026-11-24T12:36:12Z", 1_795_523_772_000),
    ("2026-11-24t13:36:12.3456+01:00", 1_795_523_772_345), ("2026-11-24 06:06:12.5-06:30", 1_795_523_772_500),
    ("2024-02-29T23:59:60z", 1_709_251_200_000), ("0000-01-01T00:00:00Z", -62_167_219_200_000),
    ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
  ])
  func sinceATimeOrForAnAge(_ text: String, _ expected: Int64) {
    #expect(SinceTime.parse(text, now: Self.now) == expected)
  }

  @Test(arguments: [
    "", "yesterday", "2", "2d", "-2h", "2026-11-24", "2026-11-24T12:36:12", "2026-11-24T12:36Z", "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z", "2026-11-24T24:00:00Z",
    "2026-11-24T12:60:00Z", "2026-11-24T12:36:61Z", "2026-11-24T12:36:12.Z", "2026-11-24T12:36:12+1:00",
    "2026-11-24T12:36:12Zx", "2026-11-2éT12:36:12Z", "+026-11-24T12:36:12Z",
  ])
  func whatIsNeitherIsRefused(_ text: String) {
    #expect(SinceTime.parse(text, now: Self.now) == nil)
  }

  // MARK: - The command

  @Test func wrongWordsAreSaidAtOnce() throws {
    let folder = try TemporaryFolder()
    let plain = """
      kafka: { brokers: [127.0.0.1:1], group: g }
      topic: orders
      destinations: { crm: { url: http://127.0.0.1:1/ } }
      dead_letters: { topic: orders.dead }

      """
    let path = try folder.file("b.yaml", plain)
    for (words, code, text) in [
      (["results", path, "--csv", "--json"], Int32(64), "give --csv or --json, not both"),
      (["results", path, "--since", "yesterday"], 64, "--since 'yesterday' is no time: a time such as"),
      (["results"], 64, "needs CONFIG"), (["results", path], 78, "writes no results"),
      (["results", path, "--folow"], 64, "did you mean '--follow'"),
    ] {
      let result = try Program.run(words)
      #expect(
        result.code == code && result.output.isEmpty && result.errors.contains(text), "\(words): \(result.errors)")
    }
    let rows = try folder.file("r.yaml", plain + "results: { topic: orders.results }\n")
    let result = try Program.run(["results", rows])
    #expect(result.code == 69 && result.errors.contains("Connection refused"), "\(result.errors)")
  }

  /// Who reads the table, or publishes, calls no API.
  @Test func onlyKafkasOwnSecretsAreNeeded() throws {
    let folder = try TemporaryFolder()
    let cluster = try EmbeddedCluster()
    defer { cluster.close() }
    for topic in ["orders", "orders.results"] { try cluster.createTopic(topic, partitions: 1) }
    let text = """
      kafka: { brokers: ["\(cluster.bootstrap)"], group: g }
      topic: orders
      defaults: { tls: { ca: /nonexistent/ca.pem } }
      destinations:
        crm:
          url: https://127.0.0.1:1/crm
          auth: { bearer: {env: TOPICTEE_TEST_NO_SUCH} }
          sign: { scheme: standard-webhooks, secrets: [{env: TOPICTEE_TEST_NO_SUCH}, {file: /nonexistent/s}] }
        erp:
          url: https://127.0.0.1:1/erp
          auth: { sigv4: { service: execute-api, region: eu-central-1 } }
      dead_letters: { topic: orders.dead }
      results: { topic: orders.results }
      admin: { token: {env: TOPICTEE_TEST_NO_SUCH} }

      """
    let path = try folder.file("b.yaml", text)
    let noKeys = ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""]
    for words in [["results", path], ["publish", path, path]] {
      let result = try Program.run(words, variables: noKeys)
      #expect(result.code == 0 && result.errors.isEmpty, "\(words): \(result.errors)")
    }
    let run = try Program.run(["run", path], variables: noKeys)
    #expect(run.code == 78 && run.errors.contains("the environment has no"), "\(run.errors)")
    let sasl = "group: g, sasl: { mechanism: PLAIN, username: u, password: {env: TOPICTEE_TEST_NO_SUCH} } }"
    let secured = try folder.file("s.yaml", text.replacing("group: g }", with: sasl))
    #expect(try Program.run(["results", secured]).code == 78, "Kafka's own is needed")
    let wrong = try folder.file("w.yaml", text.replacing("service:", with: "servic:"))
    #expect(try Program.run(["results", wrong]).code == 78, "what is wrong with the file is said all the same")
  }
}
