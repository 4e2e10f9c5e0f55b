import Foundation
import Settings
import Testing

@testable import topictee

/// `init`, `manual` and `schema`.
@Suite(.timeLimit(.minutes(1))) struct StarterTests {
  private static func load(_ text: String) -> LoadResult {
    SettingsLoader.load(text: Array(text.utf8), file: "b.yaml", environment: [:])
  }

  @Test func whatIsWrittenIsAccepted() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("b.yaml")
    #expect(try Program.run(["init", path]).code == 0)
    #expect(try Program.run(["check", path]).code == 0)
    guard case .valid(let settings, let warnings) = Self.load(StarterFile().text) else {
      Issue.record("refused")
      return
    }
    #expect(warnings.isEmpty && settings.topics == ["orders"] && settings.deadLetters.topic == "orders.dead")
  }

  @Test func itsCommentsAreKeysWithTheirDefaults() throws {
    let parts = StarterFile().text.split(separator: "# What else there is, with the defaults.\n")
    try #require(parts.count == 2)
    let keys = parts[1].split(separator: "\n").map { String($0.dropFirst(2)) + "\n" }.joined()
    let bare = SettingsLoader.open(text: Array(StarterFile().text.utf8), file: "b.yaml", environment: [:])
    let full = SettingsLoader.open(text: Array((parts[0] + keys).utf8), file: "b.yaml", environment: [:])
    guard case .valid = full.result else {
      Issue.record("\(full.result)")
      return
    }
    #expect(keys.contains("timeout: 15s") && full.settings == bare.settings)
  }

  @Test func nothingIsOverwrittenUnasked() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("b.yaml", "mine")
    let refused = try Program.run(["init", path])
    #expect(refused.code == 64 && refused.errors.contains("exists; --force overwrites it"))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
    #expect(try Program.run(["init", "--topic", "a b", "--force", path]).code == 64)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
    #expect(try Program.run(["init", "--topic", "refunds", "--force", path]).code == 0)
    #expect(try String(contentsOfFile: path, encoding: .utf8).contains("\ntopic: refunds\n"))
    #expect(try Program.run(["init", "/nonexistent/b.yaml"]).code == 64)
  }

  @Test(arguments: [
    (["https://api.shop.example.com/", "https://shop.example.com/"], ["shop", "example"]),
    (["http://127.0.0.1:1/", "http://localhost/"], ["api1", "api2"]),
    (["https://crm.example.com/", "https://erp.example.com/"], ["crm", "erp"]), (["nonsense"], ["api1"]),
  ]) func destinationsAreNamedByTheirHosts(_ urls: [String], _ names: [String]) {
    var file = StarterFile()
    file.destinations = []
    for url in urls { file.add(url: url) }
    #expect(file.destinations.map(\.name) == names)
  }

  @Test func answersAreJudgedOneByOne() {
    var file = StarterFile()
    #expect(file.problem == nil)
    file.destinations = []
    #expect(file.problem == nil, "APIs are asked for last")
    file.add(url: "ftp://x/")
    #expect(file.problem == "a URL of the scheme 'ftp'")
    file = StarterFile()
    file.group = ""
    #expect(file.problem == "empty text")
    file.group = "a: b # c"
    #expect(file.problem == nil)
  }

  @Test func theManualHasEveryCommandOptionAndKey() throws {
    let folder = try TemporaryFolder()
    let page = try folder.file("topictee.1", Manual.page(version: "0"))
    for words in [["mandoc", "-T", "lint", "-W", "error", page], ["groff", "-man", "-Tascii", "-ww", "-z", page]] {
      let process = Process()
      let output = Pipe()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = words
      process.standardOutput = output
      process.standardError = output
      try process.run()
      let complaints = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      // 127: not installed here.
      #expect(process.terminationStatus == 127 || complaints.isEmpty, "\(complaints)")
    }
    let text = Manual.page(version: "0").replacing("\\-", with: "-")
    for command in Command.all {
      #expect(text.contains(".SS \"\(command.usage)\"\n"))
      for option in command.options { #expect(text.contains("\\fB--\(option.name)\\fR")) }
    }
    for row in ConfigReference.rows { #expect(text.contains("\\fB\(row.path)\\fR")) }
    for code in ExitCode.all { #expect(text.contains("\\fB\(code.codes)\\fR")) }
  }

  @Test func noKeyIsFromAReleaseToCome() {
    for row in ConfigReference.rows {
      let order = row.since.compare(programVersion, options: .numeric)
      #expect(order != .orderedDescending, "\(row.path): since \(row.since)")
    }
  }

  @Test func theSchemaIsJSON() throws {
    let result = try Program.run(["schema"])
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    #expect(result.code == 0 && object?["$schema"] as? String == "http://json-schema.org/draft-07/schema#")
  }
}
