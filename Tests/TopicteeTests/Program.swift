import Foundation
import Testing

/// The program that was built beside these tests.
struct Program {
  let process = Process()
  let output = Pipe()
  let errors = Pipe()

  /// `variables` come on top of the test's own environment.
  init(_ words: [String], variables: [String: String] = [:]) throws {
    process.executableURL = try #require(Self.folder).appending(path: "topictee")
    process.arguments = words
    process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
  }

  /// Where the build puts what it links: that of the test runner, or of the bundle it loaded.
  static var folder: URL? {
    #if os(macOS)
      Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL.deletingLastPathComponent()
    #else
      Bundle.main.executableURL?.deletingLastPathComponent()
    #endif
  }

  static func run(_ words: [String], variables: [String: String] = [:]) throws -> (
    code: Int32, output: String, errors: String
  ) { try Program(words, variables: variables).finish() }

  /// Waits for its end.
  func finish() -> (code: Int32, output: String, errors: String) {
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaints = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text, complaints)
  }

  /// Reads up to the first line with `mark`; false if the output ends before.
  func read(until mark: String) -> Bool {
    var text = ""
    while !text.contains(mark) {
      let chunk = output.fileHandleForReading.availableData
      if chunk.isEmpty { return false }
      text += String(decoding: chunk, as: UTF8.self)
    }
    return true
  }
}

/// A folder for one test, gone at its end.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appending(path: "topictee-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

  /// The path of a file with this text.
  func file(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: path(name), atomically: true, encoding: .utf8)
    return path(name)
  }
}
