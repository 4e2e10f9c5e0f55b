import Foundation
import Testing

extension EndToEndTests {
  /// A bad file is refused before anything is done, with all that is wrong with it at once.
  @Suite struct BadConfigTests {
    private static let text = """
      kafka:
        brokers: [127.0.0.1:1]
        group: g
        instnce_id: a
      commit_every: soon
      destinations:
        crm:
          url: http:///orders
        erp:
          url: http://127.0.0.1:1/
          timeout: [1s]
        crm:
          url: http://127.0.0.1:1/
      dead_letters:
        topic: orders.dead

      """

    /// Line, column, what the caret stands under, and a word of the message.
    private static let expected: [(line: Int, column: Int, marked: String, word: String)] = [
      (1, 1, "k", "missing key 'topic'"), (4, 3, "instnce_id", "unknown key"), (5, 15, "soon", "duration"),
      (8, 10, "http:///orders", "host"), (11, 14, "[", "duration"), (12, 3, "crm", "two destinations"),
    ]

    @Test(arguments: ["run", "check"]) func everythingIsSaidAtOnce(_ command: String) throws {
      let folder = FileManager.default.temporaryDirectory.appending(path: "e2e-bad-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let path = folder.appending(path: "bridge.yaml").path(percentEncoded: false)
      try Data(Self.text.utf8).write(to: URL(filePath: path))
      let result = try Program.run([command, path])
      #expect(result.ending == .exit(78))
      #expect(result.output.isEmpty)
      #expect(!result.errors.contains("\u{1b}"), "colours are for a terminal")
      let lines = result.errors.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let source = Self.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      #expect(lines.count { $0.contains(": error: ") } == Self.expected.count, "\(result.errors)")
      for one in Self.expected {
        let head = "\(path):\(one.line):\(one.column): error: "
        guard let at = lines.firstIndex(where: { $0.hasPrefix(head) && $0.contains(one.word) }) else {
          Issue.record("nothing of \(head)\(one.word) in:\n\(result.errors)")
          continue
        }
        #expect(lines[at + 1] == "  " + source[one.line - 1])
        #expect(lines[at + 2].hasPrefix("  " + String(repeating: " ", count: one.column - 1) + "^"))
        let marked = lines[at + 2].filter { $0 == "^" || $0 == "~" }.count
        #expect(source[one.line - 1].dropFirst(one.column - 1).prefix(marked).hasPrefix(one.marked), "\(lines[at + 2])")
      }
      #expect(result.errors.contains("did you mean 'instance_id'?"))
    }

    @Test func aFileThatIsNotThere() throws {
      let result = try Program.run(["run", "/nonexistent/bridge.yaml"])
      #expect(result.ending == .exit(78))
      #expect(result.errors.contains("/nonexistent/bridge.yaml"))
    }

    @Test(arguments: [["run"], ["rum", "x"], ["run", "a", "b"], ["run", "--fast", "x"], ["publish"], []])
    func wrongUsageIsSaid(_ words: [String]) throws {
      let result = try Program.run(words)
      #expect(result.ending == .exit(64))
      #expect(result.output.isEmpty)
      #expect(result.errors.contains("topictee"))
    }

    @Test func aGoodFileIsValid() throws {
      try Scene.play { scene in
        let result = try Program.run(["check", try scene.file("bridge.yaml", scene.config())])
        #expect(result.ending == .exit(0), "\(result.errors)")
        #expect(result.output.contains("crm: POST \(scene.crm.url("/crm"))"))
        #expect(result.output.contains("erp: POST \(scene.erp.url("/erp"))"))
      }
    }
  }
}
