import Foundation

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// One run of the built `topictee`.
final class Program: Sendable {
  private let process: ChildProcess

  /// In the build folder that the test runner itself lies in, unless `TOPICTEE_TEST_PROGRAM` says otherwise.
  static var path: String {
    if let path = environment("TOPICTEE_TEST_PROGRAM") { return path }
    let runner = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    return runner.deletingLastPathComponent().appending(path: "topictee").path(percentEncoded: false)
  }

  init(_ arguments: [String], input: String = "") throws {
    let environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("TOPICTEE_") }
    process = try ChildProcess(Self.path, arguments, environment: environment, input: input)
  }

  /// Runs to its end.
  static func run(_ arguments: [String], input: String = "", seconds: Double = 60) throws -> (
    ending: ChildProcess.Ending?, output: String, errors: String
  ) {
    let program = try Program(arguments, input: input)
    let ending = program.waitForEnd(seconds: seconds)
    program.end()
    return (ending, program.process.output.read { $0.text }, program.log)
  }

  /// What it wrote on standard error so far.
  var log: String { process.errors.read { $0.text } }

  /// The most memory that it ever had resident, in bytes; nil where the system has no such file.
  var peakMemory: Int? {
    let status = try? String(contentsOfFile: "/proc/\(process.processID)/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1_024 }
  }

  /// The end of it, for a failed expectation.
  var lastWords: String { log.split(separator: "\n").suffix(12).joined(separator: "\n") }

  /// Waits until the log has `words` so many times.
  func waitForLog(_ words: String, times: Int = 1, seconds: Double = 60) -> Bool {
    process.errors.wait(seconds: seconds) { $0.text.ranges(of: words).count >= times }
  }

  /// Waits until standard output has `words`.
  func waitForOutput(_ words: String, seconds: Double = 60) -> Bool {
    process.output.wait(seconds: seconds) { $0.text.contains(words) }
  }

  /// Waits until it has just so many partitions, going by its log: all at once, or some more and some fewer.
  func waitForPartitions(_ count: Int, seconds: Double = 60) -> Bool {
    process.errors.wait(seconds: seconds) { errors in
      let held = errors.text.split(separator: "\n").reduce(0) { held, line in
        for (words, sign) in [("partitions assigned: ", 1), ("partitions revoked: ", -1), ("partitions lost: ", -1)] {
          guard let found = line.firstRange(of: words) else { continue }
          return held + sign * (Int(line[found.upperBound...].prefix { $0.isNumber }) ?? 0)
        }
        return held
      }
      return held == count
    }
  }

  func terminate() { process.signal(SIGTERM) }
  func interrupt() { process.signal(SIGINT) }
  func crash() { process.signal(SIGKILL) }

  /// `nil` when it has not ended in time.
  func waitForEnd(seconds: Double = 60) -> ChildProcess.Ending? { process.waitForEnd(seconds: seconds) }

  /// Whatever it does, it is over after this, and all that it wrote is here.
  func end() { process.end() }
}
