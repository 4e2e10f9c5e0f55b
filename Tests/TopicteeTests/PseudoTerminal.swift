import Foundation
import Testing

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// The built program with a terminal for its standard input and output, and somebody who types.
final class PseudoTerminal {
  private let process = Process()
  /// Our side of the terminal.
  private let hands: FileHandle
  private let errors = Pipe()
  /// All that was shown so far, with what was typed.
  private(set) var screen = ""
  /// What of it no `wait` has passed.
  private var unseen = ""

  init(_ words: [String], variables: [String: String] = [:]) throws {
    let (ours, theirs) = try Self.open()
    hands = ours
    process.executableURL = try #require(Program.folder).appending(path: "topictee")
    process.arguments = words
    process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
    process.standardInput = theirs
    process.standardOutput = theirs
    process.standardError = errors
    try process.run()
    try theirs.close()
  }

  private static func open() throws -> (ours: FileHandle, theirs: FileHandle) {
    #if canImport(Glibc)
      // Swift sees no `posix_openpt`, which Glibc's headers give only to who asks by a macro; these are its two steps:
      // TIOCSPTLCK, TIOCGPTN.
      let descriptor = unsafe Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
      var (lock, number): (Int32, UInt32) = (0, 0)
      try #require(unsafe descriptor >= 0 && ioctl(descriptor, 0x4004_5431, &lock) == 0)
      try #require(unsafe ioctl(descriptor, 0x8004_5430, &number) == 0)
      let path = "/dev/pts/\(number)"
    #else
      let descriptor = posix_openpt(O_RDWR | O_NOCTTY)
      try #require(descriptor >= 0 && grantpt(descriptor) == 0 && unlockpt(descriptor) == 0)
      let path = try #require(unsafe ptsname(descriptor).map { unsafe String(cString: $0) })
    #endif
    let theirs = try FileHandle(forUpdating: URL(filePath: path))
    return (FileHandle(fileDescriptor: descriptor, closeOnDealloc: true), theirs)
  }

  func type(_ text: String) throws { try hands.write(contentsOf: Data(text.utf8)) }

  /// Reads on until `mark` is shown behind what was waited for before; false if the program ends first.
  func wait(for mark: String) -> Bool {
    while true {
      if let found = unseen.firstRange(of: mark) {
        unseen.removeSubrange(..<found.upperBound)
        return true
      }
      guard let more = read() else { return false }
      unseen += more
    }
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// Nil at the end: on Linux reading fails once nobody has the other side open. Nil too for a program that waits for
  /// something else.
  private func read() -> String? {
    let descriptor = hands.fileDescriptor
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&watched, 1, 30_000) == 1 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      #if canImport(Glibc)
        unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
      #else
        unsafe Darwin.read(descriptor, bytes.baseAddress, bytes.count)
      #endif
    }
    guard count > 0 else { return nil }
    let text = String(decoding: buffer[..<count], as: UTF8.self)
    screen += text
    return text
  }

  /// Reads what is left and waits for the end.
  func finish() -> (code: Int32, errors: String) {
    while read() != nil {}
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }
}
