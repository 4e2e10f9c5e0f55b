import Bridging
import FanOut
import Kafka
import Settings
import Telemetry

/// `topictee results CONFIG`: the rows of the results topic, as they come.
struct ResultsCommand {
  enum Form { case table, csv, json }

  let form: Form
  let since: Int64?
  let follows: Bool

  init(_ invocation: Invocation) throws(Invocation.UsageError) {
    let switches = invocation.switches
    guard !switches.isSuperset(of: ["csv", "json"]) else {
      throw Invocation.UsageError(text: "topictee results: give --csv or --json, not both")
    }
    form = switches.contains("csv") ? .csv : switches.contains("json") ? .json : .table
    follows = switches.contains("follow")
    since = try invocation.options["since"].map { text throws(Invocation.UsageError) in
      if let time = SinceTime.parse(text, now: Logger.wallClockMilliseconds()) { return time }
      throw Invocation.UsageError(
        text: "topictee results: --since '\(OneLine.of(text, max: 60))' is no time: \(SinceTime.expected)")
    }
  }

  func run(_ settings: BridgeSettings, path: String) -> Int32 {
    guard let results = settings.results else {
      Terminal.complain(
        "topictee results: \(OneLine.of(path, max: 200)) writes no results; it would with results: { topic: T }")
      return 78
    }
    var printer = ResultsPrinter(form, destinations: settings.destinations.map(\.name))
    var isRead = true
    do throws(KafkaError) {
      try TopicScan.run(
        results.topic, group: settings.kafka.group, brokers: settings.kafka.brokers,
        properties: settings.kafka.consumerProperties, since: since, follows: follows, patience: .seconds(10)
      ) { finding in
        switch finding {
        case .record(let record): isRead = printer.take(record)
        case .caughtUp: isRead = printer.release()
        }
        return isRead
      }
    } catch {
      _ = printer.release()
      Terminal.complain("topictee results: \(error)")
      return 69
    }
    if printer.strangers > 0 {
      let (count, s) = (printer.strangers, printer.strangers == 1 ? "" : "s")
      Terminal.complain("topictee results: \(count) record\(s) of \(results.topic) left out: no results row\(s)")
    }
    // Nobody reads it any more: `head` has enough.
    return isRead ? 0 : 1
  }
}

/// Writes rows to standard output.
private struct ResultsPrinter {
  private let form: ResultsCommand.Form
  private let reader = StoredRowReader()
  private var table: ResultsTable
  private let csv: ResultsCSV
  private var hasHeader = false
  /// Records that are no rows.
  private(set) var strangers = 0

  init(_ form: ResultsCommand.Form, destinations: [String]) {
    self.form = form
    table = ResultsTable(
      destinations: destinations, isCut: Terminal.isTerminal,
      style: TextStyle.of(Terminal.environment, isTerminal: Terminal.isTerminal))
    csv = ResultsCSV(destinations: destinations)
  }

  /// False: nobody reads it.
  mutating func take(_ record: ScannedRecord) -> Bool {
    guard let value = record.value, let row = reader.read(value) else {
      strangers += 1
      return true
    }
    switch form {
    case .table: return write(table.add(row))
    case .csv: return withHeader(csv.line(row))
    // Line ends stand between JSON's tokens only.
    case .json: return draw(String(decoding: value.filter { $0 != 10 && $0 != 13 }, as: UTF8.self) + "\n")
    }
  }

  /// What is held back.
  mutating func release() -> Bool {
    switch form {
    case .table: write(table.release())
    case .csv: withHeader("")
    case .json: true
    }
  }

  private func write(_ lines: [String]) -> Bool { lines.isEmpty || Terminal.print(lines.joined(separator: "\n")) }

  private mutating func withHeader(_ line: String) -> Bool {
    defer { hasHeader = true }
    return draw(hasHeader ? line : csv.header + line)
  }

  /// For programs byte for byte; what somebody looks at moves no cursor.
  private func draw(_ text: String) -> Bool {
    guard Terminal.isTerminal else { return Terminal.draw(text) }
    let lines = text.unicodeScalars.filter { $0 != "\r" }.split(separator: "\n", omittingEmptySubsequences: false)
    return Terminal.draw(lines.map { PlainText.clean(String(String.UnicodeScalarView($0))) }.joined(separator: "\n"))
  }
}
