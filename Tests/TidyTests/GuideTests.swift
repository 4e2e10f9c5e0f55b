import Foundation
import Testing

/// The pages that describe this repository name what is in it.
@Suite struct GuideTests {
  static let folder = "Sources/topictee/topictee.docc"

  static func pages() throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: Repository.root.appending(path: folder).path(percentEncoded: false)
    ).filter { $0.hasSuffix(".md") }.sorted()
  }

  @Test func theFileMapNamesEachRoomAndFilesThatAreThere() throws {
    let page = try Repository.text("\(Self.folder)/Architecture.md")
    let rooms = try FileManager.default.contentsOfDirectory(
      atPath: Repository.root.appending(path: "Sources").path(percentEncoded: false))
    for room in rooms { #expect(page.contains("| `\(room)` |"), "Architecture.md has no row for \(room)") }
    let files = Set(Repository.allFiles.compactMap { $0.split(separator: "/").last })
    let named = try page.matches(of: Regex(#"`([A-Za-z0-9+]+\.swift)`"#, as: (Substring, Substring).self)).map(
      \.output.1)
    #expect(named.count > 20)
    for file in named { #expect(files.contains(file), "Architecture.md names \(file), which is not there") }
  }

  @Test func everyPageIsReachedFromTheFirst() throws {
    let first = try Repository.text("\(Self.folder)/topictee.md")
    for page in try Self.pages() where page != "topictee.md" {
      #expect(first.contains("<doc:\(page.dropLast(3))>"), "topictee.md does not lead to \(page)")
    }
  }

  @Test func linksLeadSomewhere() throws {
    for path in ["README.md"] + (try Self.pages().map { "\(Self.folder)/\($0)" }) {
      let place = Repository.root.appending(path: path).deletingLastPathComponent()
      let link = try Regex(#"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)"#, as: (Substring, Substring).self)
      for link in try Repository.text(path).matches(of: link).map(\.output.1) {
        let target = place.appending(path: String(link)).standardized.path(percentEncoded: false)
        #expect(FileManager.default.fileExists(atPath: target), "\(path) links to \(link)")
      }
    }
  }
}
