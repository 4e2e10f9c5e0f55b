import Reactor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One child process, reaped by a thread of its own. It inherits nothing but its three standard files: Foundation's
/// `Process` hands on a descriptor by which a daemon that the child leaves behind counts as the child.
final class ChildProcess: Sendable {
  enum Ending: Equatable, Sendable {
    case exit(Int32)
    case signal(Int32)
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// What came out of one of its pipes.
  struct Output: Sendable {
    var bytes: [UInt8] = []
    var isAtEnd = false
    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  let processID: Int32
  let output = Watched(Output())
  let errors = Watched(Output())
  private let ending = Watched<Ending?>(nil)

  /// - Parameters:
  ///   - path: of the program.
  ///   - input: what standard input gives before it ends; small.
  init(_ path: String, _ arguments: [String], environment: [String: String], input: String = "") throws {
    let (inPipe, outPipe, errorPipe) = (try Self.makePipe(), try Self.makePipe(), try Self.makePipe())
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (file, end) in [(Int32(0), inPipe.reader), (1, outPipe.writer), (2, errorPipe.writer)] {
      unsafe posix_spawn_file_actions_adddup2(&actions, end, file)
    }
    // What is not open is passed over.
    for file in Int32(3)..<Int32(clamping: min(1_024, sysconf(Int32(_SC_OPEN_MAX)))) {
      unsafe posix_spawn_file_actions_addclose(&actions, file)
    }
    var process: pid_t = 0
    let words = unsafe Self.cStrings([path] + arguments)
    let variables = unsafe Self.cStrings(environment.map { "\($0.key)=\($0.value)" })
    let code = unsafe posix_spawn(&process, path, &actions, nil, words, variables)
    unsafe (words + variables).forEach { unsafe free($0) }
    for end in [inPipe.reader, outPipe.writer, errorPipe.writer] { close(end) }
    guard code == 0 else {
      for end in [inPipe.writer, outPipe.reader, errorPipe.reader] { close(end) }
      throw Failure(description: "\(path): error \(code)")
    }
    processID = process
    Self.feed(inPipe.writer, input)
    Self.collect(outPipe.reader, into: output)
    Self.collect(errorPipe.reader, into: errors)
    reap()
  }

  private static func makePipe() throws -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw Failure(description: "no pipe") }
    return (ends[0], ends[1])
  }

  private static func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    unsafe texts.map { unsafe strdup($0) } + [nil]
  }

  private static func feed(_ writer: Int32, _ input: String) {
    let bytes = Array(input.utf8)
    _ = OSThread(name: "child-input") {
      var sent = 0
      while sent < bytes.count {
        let count = unsafe bytes[sent...].withUnsafeBytes { unsafe write(writer, $0.baseAddress, $0.count) }
        guard count > 0 else { break }
        sent += count
      }
      close(writer)
    }
  }

  /// Reads until the last writer has closed the pipe.
  private static func collect(_ reader: Int32, into output: Watched<Output>) {
    _ = OSThread(name: "child-output") {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while case let count = unsafe read(reader, &buffer, buffer.count), count > 0 {
        let part = buffer[..<count]
        output.change { $0.bytes += part }
      }
      close(reader)
      output.change { $0.isAtEnd = true }
    }
  }

  /// The number is given back under the lock that guards signals: none reaches a stranger.
  private func reap() {
    _ = OSThread(name: "child-reaper") { [processID, ending] in
      var info = unsafe siginfo_t()
      while unsafe waitid(P_PID, id_t(processID), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
      ending.change { ending in
        var status: Int32 = 0
        unsafe waitpid(processID, &status, 0)
        let signal = status & 0x7f
        ending = signal == 0 ? .exit((status >> 8) & 0xff) : .signal(signal)
      }
    }
  }

  func signal(_ number: Int32) {
    ending.change { if $0 == nil { kill(processID, number) } }
  }

  /// `nil` when it has not ended in time.
  func waitForEnd(seconds: Double) -> Ending? {
    _ = ending.wait(seconds: seconds) { $0 != nil }
    return ending.read { $0 }
  }

  /// Whatever it does, it is over after this, and all that it wrote is here.
  func end() {
    signal(SIGKILL)
    _ = waitForEnd(seconds: 30)
    _ = output.wait(seconds: 10) { $0.isAtEnd }
    _ = errors.wait(seconds: 10) { $0.isAtEnd }
  }
}
