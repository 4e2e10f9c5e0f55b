import Foundation

/// A broker of a test's own, which it may kill: Apache Kafka by the script that `TOPICTEE_TEST_KAFKA_TOOL` names.
final class OwnBroker {
  static let tool = environment("TOPICTEE_TEST_KAFKA_TOOL")
  static let isAvailable = tool != nil

  let port: UInt16
  private let folder: URL
  private let settings: String
  private var isRunning = false
  var broker: TestBroker { TestBroker(real: "127.0.0.1:\(port)") }

  /// - Parameter settings: lines for the broker's properties, with spaces between.
  init(settings: String = "") throws {
    self.settings = settings
    port = try Self.freePort()
    folder = FileManager.default.temporaryDirectory.appending(path: "e2e-broker-\(port)-\(UUID().uuidString.prefix(8))")
    do { try start() } catch {
      end()
      throw error
    }
  }

  /// The controller listens on the port above.
  private static func freePort() throws -> UInt16 {
    for _ in 0..<100 {
      let (socket, port) = try Loopback.listen()
      Loopback.close(socket)
      if let above = Loopback.listen(port: port + 1) {
        Loopback.close(above)
        return port
      }
    }
    throw Loopback.Failure(description: "no two free ports found")
  }

  /// Returns when it answers.
  func start() throws {
    isRunning = true
    try run(["start", folder.path(percentEncoded: false), "\(port)"])
  }

  /// As in a crash.
  func kill() throws {
    try run(["stop", folder.path(percentEncoded: false), "-9"])
    isRunning = false
  }

  /// `acls`, `configs` and the like.
  func admin(_ command: String, _ arguments: [String]) throws { try run([command, "\(port)"] + arguments) }

  /// Once, whatever happened.
  func end() {
    if isRunning { try? kill() }
    try? FileManager.default.removeItem(at: folder)
  }

  private func run(_ arguments: [String]) throws {
    let variables = ProcessInfo.processInfo.environment.merging(["KAFKA_SETTINGS": settings]) { $1 }
    let words = [Self.tool ?? ""] + arguments
    let process = try ChildProcess("/bin/sh", ["-c", "exec \"$0\" \"$@\""] + words, environment: variables)
    let ending = process.waitForEnd(seconds: 90)
    guard ending == .exit(0) else {
      process.end()
      throw TestClient.Failure(
        description: "kafka \(arguments.joined(separator: " ")): \(String(describing: ending)) "
          + process.errors.read { $0.text })
    }
  }
}
