import Foundation
import Testing

/// A server of `Peers`, in Python, that says its port in its first line and ends when its input does.
final class PythonPeer {
  let port: UInt16
  private let process = Process()
  private let input = Pipe()

  /// The interpreter that has the packages of `Peers/requirements.txt`, by `TOPICTEE_TEST_PYTHON`.
  private static let interpreter = ProcessInfo.processInfo.environment["TOPICTEE_TEST_PYTHON"] ?? "python3"

  /// Whether the interpreter finds a module.
  static func has(_ module: String) -> Bool {
    let tool = Process()
    tool.executableURL = URL(filePath: "/usr/bin/env")
    tool.arguments = [interpreter, "-c", "import \(module)"]
    tool.standardError = FileHandle.nullDevice
    do { try tool.run() } catch { return false }
    tool.waitUntilExit()
    return tool.terminationStatus == 0
  }

  init(_ script: String, _ arguments: [String] = []) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers")
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [Self.interpreter, folder.appending(path: script).path] + arguments
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line: [UInt8] = []
    while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
      line.append(byte)
    }
    port = try #require(UInt16(String(decoding: line, as: UTF8.self)), "\(script) did not start")
  }

  func stop() {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
