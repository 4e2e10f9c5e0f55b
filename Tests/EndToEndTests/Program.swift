import Foundation
import Reactor

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// One run of the built `topictee`, as a child process.
final class Program: Sendable {
  enum Ending: Equatable, Sendable {
    case exit(Int32)
    case signal(Int32)
  }

  private struct Output: Sendable {
    var bytes: [UInt8] = []
    var isAtEnd = false
    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  let processID: Int32
  private let ending = Watched<Ending?>(nil)
  private let output = Watched(Output())
  private let errors = Watched(Output())

  /// In the build folder that the test runner itself lies in.
  static var path: URL {
    if let path = environment("TOPICTEE_TEST_PROGRAM") { return URL(filePath: path) }
    return URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent().appending(
      path: "topictee")
  }

  /// - Parameter input: what standard input gives; nothing by default.
  init(_ arguments: [String], input: String? = nil) throws {
    let process = Process()
    process.executableURL = Self.path
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("TOPICTEE_") }
    let (outPipe, errorPipe) = (Pipe(), Pipe())
    process.standardOutput = outPipe
    process.standardError = errorPipe
    let inPipe = Pipe()
    process.standardInput = input == nil ? FileHandle.nullDevice : inPipe
    let ending = self.ending
    process.terminationHandler = { process in
      let status = process.terminationStatus
      ending.change { $0 = process.terminationReason == .exit ? .exit(status) : .signal(status) }
    }
    try process.run()
    processID = process.processIdentifier
    Self.collect(outPipe, into: output)
    Self.collect(errorPipe, into: errors)
    if let input {
      inPipe.fileHandleForWriting.write(Data(input.utf8))
      try inPipe.fileHandleForWriting.close()
    }
  }

  /// Reads until the last writer has closed the pipe, on a thread that holds it open.
  private static func collect(_ pipe: Pipe, into output: Watched<Output>) {
    let handle = pipe.fileHandleForReading
    let reader = OSThread(name: "program-output") {
      while case let data = handle.availableData, !data.isEmpty { output.change { $0.bytes += data } }
      output.change { $0.isAtEnd = true }
    }
    _ = reader
  }

  /// Runs to its end.
  static func run(_ arguments: [String], input: String? = nil, seconds: Double = 60) throws -> (
    ending: Ending?, output: String, errors: String
  ) {
    let program = try Program(arguments, input: input)
    defer { program.end() }
    let ending = program.waitForEnd(seconds: seconds)
    program.end()
    return (ending, program.output.read { $0.text }, program.log)
  }

  /// What it wrote on standard error so far.
  var log: String { errors.read { $0.text } }

  /// The end of it, for a failed expectation.
  var lastWords: String { log.split(separator: "\n").suffix(12).joined(separator: "\n") }

  /// Waits until the log has `words` so many times.
  func waitForLog(_ words: String, times: Int = 1, seconds: Double = 60) -> Bool {
    errors.wait(seconds: seconds) { $0.text.ranges(of: words).count >= times }
  }

  func signal(_ number: Int32) {
    // A number of a process that has been reaped may be somebody else's.
    ending.read { if $0 == nil { kill(processID, number) } }
  }

  func terminate() { signal(SIGTERM) }
  func crash() { signal(SIGKILL) }

  /// `nil` when it has not ended in time.
  func waitForEnd(seconds: Double = 60) -> Ending? {
    _ = ending.wait(seconds: seconds) { $0 != nil }
    return ending.read { $0 }
  }

  /// Whatever it does, it is over after this, and all that it wrote is here.
  func end() {
    crash()
    _ = ending.wait(seconds: 30) { $0 != nil }
    _ = output.wait(seconds: 10) { $0.isAtEnd }
    _ = errors.wait(seconds: 10) { $0.isAtEnd }
  }
}
