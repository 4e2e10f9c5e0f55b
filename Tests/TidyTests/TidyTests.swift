import Foundation
import Testing

/// The repository this test stands in.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Swift files below a folder, as paths from the root, sorted.
  static func swiftFiles(_ folder: String) -> [String] {
    let walk = FileManager.default.enumerator(atPath: root.appending(path: folder).path(percentEncoded: false))
    return (walk?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }
      .sorted()
  }

  static let allFiles = swiftFiles("Sources") + swiftFiles("Tests")
}

/// Style that a compiler does not hold: length, imports per room, words that do not belong here.
@Suite struct TidyTests {
  static let fileLinesMax = 400
  static let functionLinesMax = 70

  /// The rooms, and what each may import beside itself. `system` is the C library and Swift's own `Synchronization`.
  static let rooms: [String: Set<String>] = [
    "FanOut": [],
    "Reactor": system.union(["CUV", "COpenSSL"]),
    "Kafka": system.union(["FanOut", "CRdKafka"]),
    "HTTPWire": system.union(["Reactor", "CNGHTTP2"]),
    "Payload": system.union(["COpenSSL", "CSimdJSON", "CJQ", "CExpat", "CZlib"]),
    "Settings": system.union(["CYAML", "Payload"]),
    "Destinations": system.union(["FanOut", "HTTPWire", "Payload", "Settings"]),
    "Telemetry": system,
    "Bridging": system.union([
      "FanOut", "Reactor", "Kafka", "HTTPWire", "Destinations", "Settings", "Telemetry", "Payload",
      "CMicroHTTPD",
    ]),
    "topictee": system.union(["Bridging", "FanOut", "Kafka", "Settings", "Telemetry"]),
  ]
  static let system: Set = ["Glibc", "Darwin", "Synchronization"]

  /// Written in two halves, so that this file is not its own first finding.
  static let wordsInCode = [
    "try" + "!", "fatal" + "Error(", "Task" + " {", "Task" + ".sleep", "Task" + ".detached", "u" + "sleep(",
    "nonisolated" + "(unsafe)",
  ]
  static let wordsAnywhere: Set<Substring> = ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "X" + "XX"]

  @Test func thereIsSomethingToRead() {
    #expect(Repository.swiftFiles("Sources").count > 10)
    #expect(Repository.allFiles.contains("Tests/TidyTests/TidyTests.swift"))
  }

  @Test(arguments: Repository.allFiles) func filesAndFunctionsAreShort(_ path: String) throws {
    let text = try Repository.text(path)
    let lineCount = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
    #expect(lineCount <= Self.fileLinesMax, "\(path) has \(lineCount) lines")
    let source = SourceText(text)
    #expect(source.braceBalance == 0, "\(path) was misread by SourceText")
    for function in source.functions where function.lineCount > Self.functionLinesMax {
      Issue.record("\(path):\(function.line): a function of \(function.lineCount) lines")
    }
  }

  @Test(arguments: Repository.swiftFiles("Sources")) func roomsImportWhatTheTableAllows(_ path: String) throws {
    let room = try #require(path.split(separator: "/").dropFirst().first.map(String.init))
    let allowed = try #require(Self.rooms[room], "\(path): the table knows no room \(room)")
    for module in SourceText(try Repository.text(path)).imports where !allowed.contains(module) {
      Issue.record("\(path): \(room) may not import \(module)")
    }
  }

  @Test(arguments: Repository.allFiles) func nothingIsLeftForLaterOrForced(_ path: String) throws {
    let text = try Repository.text(path)
    let source = SourceText(text)
    for (index, line) in source.codeLines.enumerated() {
      for word in Self.wordsInCode where Self.has(line, word) { Issue.record("\(path):\(index + 1): \(word)") }
    }
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      for word in line.split(whereSeparator: { !$0.isLetter }) where Self.wordsAnywhere.contains(word) {
        Issue.record("\(path):\(index + 1): \(word)")
      }
    }
  }

  /// Whether a line has `word`, and not as the end of a longer name such as `addTask {`.
  private static func has(_ line: String, _ word: String) -> Bool {
    line.ranges(of: word).contains { found in
      found.lowerBound == line.startIndex || !line[line.index(before: found.lowerBound)].isLetter
    }
  }

  @Test(arguments: Repository.allFiles) func uncheckedSendableSaysWhy(_ path: String) throws {
    let source = SourceText(try Repository.text(path))
    let comments = source.commentLines
    for (index, line) in source.codeLines.enumerated() where line.contains("@unchecked Sendable") {
      let near = comments[max(0, index - 3)...min(comments.count - 1, index + 3)]
      #expect(
        near.contains { $0.lowercased().contains("unchecked") }, "\(path):\(index + 1): no comment says why unchecked")
    }
  }

  @Test func theTwoListsOfDebianPackagesAgree() throws {
    let listed = try Repository.text("docker/debian-packages").split(separator: "\n")
      .compactMap { $0.prefix { $0 != "#" }.split(separator: " ").first.map(String.init) }
    let declared = try Repository.text("Package.swift").split(separator: "apt: \"").dropFirst()
      .map { String($0.prefix { $0 != "\"" }) }
    #expect(declared.count > 1)
    #expect(listed.sorted() == (declared + ["pkg-config"]).sorted())
  }

  @Test func theTwoTablesOfRoomsAgree() throws {
    let folders = Set(
      Repository.swiftFiles("Sources").compactMap { $0.split(separator: "/").dropFirst().first.map(String.init) })
    #expect(folders == Set(Self.rooms.keys))
    let readme = try Repository.text("README.md")
    for room in folders { #expect(readme.contains("`\(room)`"), "README.md does not say what \(room) is") }
  }
}
