import Bridging
import Settings

/// `topictee check CONFIG`.
enum CheckCommand {
  static func run(_ invocation: Invocation) -> Int32 {
    var report = CheckReport(isJSON: invocation.switches.contains("json"))
    let code = run(invocation, &report)
    // Whoever keeps the output must not take half of it for all.
    return report.finish() ? code : max(code, 1)
  }

  private static func run(_ invocation: Invocation, _ report: inout CheckReport) -> Int32 {
    let path = invocation.arguments[0]
    let file = ConfigFile.open(path: path, environment: Terminal.environment)
    switch file.result {
    case .invalid(let diagnostics):
      report.refused(diagnostics)
      return 78
    case .valid(let settings, let warnings):
      report.accepted(file, warnings)
      if let key = invocation.options["explain"] { return explain(key, file, &report) }
      let sample = invocation.options["sample"]
      if sample == nil { report.say(CheckSummary.text(settings, path: path)) }
      if let sample, !show(sample, settings, &report) { return 64 }
      return invocation.switches.contains("connect") ? connect(settings, &report) : 0
    }
  }

  /// False for a file that cannot be read.
  private static func show(_ path: String, _ settings: BridgeSettings, _ report: inout CheckReport) -> Bool {
    var value: [UInt8]
    do throws(FileText.Problem) {
      value = try FileText.read(path, bytesMax: 16 << 20, isRegularOnly: false)
    } catch {
      Terminal.complain("topictee check: cannot read \(OneLine.of(path, max: 200)): \(error)")
      return false
    }
    // An editor's last line end is no part of the value.
    if value.last == 10 { value.removeLast() }
    if value.last == 13 { value.removeLast() }
    if !SampleRequest.isJSON(value) {
      Terminal.complain(
        "topictee check: \(OneLine.of(path, max: 200)) is not one JSON value; it stands for a record's bytes as it is")
    }
    let requests = SampleRequest.shown(of: settings, value: value)
    report.add("requests", .list(requests.map(\.plain)), text: requests.map(\.text).joined(separator: "\n"))
    return true
  }

  private static func connect(_ settings: BridgeSettings, _ report: inout CheckReport) -> Int32 {
    report.say("\n")
    // Each as soon as it is known: all of them may take half a minute.
    let findings = ConnectionCheck.run(settings, environment: Terminal.environment) { report.say($0.text) }
    report.add("connections", .list(findings.map(\.plain)), text: "")
    if findings.contains(where: { $0.verdict == .badSettings }) { return 78 }
    return findings.allSatisfy { $0.verdict == .good } ? 0 : 69
  }

  private static func explain(_ key: String, _ file: LoadedFile, _ report: inout CheckReport) -> Int32 {
    do throws(UnknownKey) {
      let found = try file.explain(key)
      report.add("explanations", .list(found.map(\.plain)), text: found.map(\.text).joined(separator: "\n"))
      return 0
    } catch {
      Terminal.complain("topictee check: \(error.message)" + (error.hint.map { "; \($0)" } ?? ""))
      return 64
    }
  }
}

/// What `check` says: text as it comes, or one JSON object at the end.
struct CheckReport {
  private let isJSON: Bool
  private var entries: [PlainValue.Entry] = []
  private var isWritten = true

  init(isJSON: Bool) { self.isJSON = isJSON }

  mutating func refused(_ diagnostics: [Diagnostic]) {
    guard isJSON else { return Terminal.complain(of: diagnostics) }
    entries.append(PlainValue.Entry("valid", .boolean(false)))
    entries.append(PlainValue.Entry("diagnostics", .list(diagnostics.map(\.plain))))
  }

  mutating func accepted(_ file: LoadedFile, _ warnings: [Diagnostic]) {
    guard isJSON else { return Terminal.complain(of: warnings) }
    entries.append(PlainValue.Entry("valid", .boolean(true)))
    entries.append(PlainValue.Entry("diagnostics", .list(warnings.map(\.plain))))
    entries.append(PlainValue.Entry("settings", file.settings))
  }

  /// Text that JSON has in another form already.
  mutating func say(_ text: String) {
    if !isJSON, !Terminal.draw(text) { isWritten = false }
  }

  mutating func add(_ key: String, _ value: PlainValue, text: String) {
    say(text)
    entries.append(PlainValue.Entry(key, value))
  }

  /// False if not all of it could be written.
  mutating func finish() -> Bool {
    if isJSON, !Terminal.print(PlainValue.map(entries).json) { isWritten = false }
    return isWritten
  }
}
