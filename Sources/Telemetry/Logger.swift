#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How much a log line matters. The raw value orders them; the name is what stands in the line and in the config.
package enum LogLevel: Int, Sendable, Comparable, CaseIterable {
  case debug, info, warn, error

  /// The level of the config's word, or `nil`.
  package init?(name: String) {
    guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = level
  }

  package var name: String {
    switch self {
    case .debug: "debug"
    case .info: "info"
    case .warn: "warn"
    case .error: "error"
    }
  }

  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// How a log line looks.
package enum LogFormat: Sendable, Equatable {
  /// One JSON object per line, for machines.
  case json
  /// Time of day (UTC), level, message, `key=value`, for people.
  case readable

  /// What `log.format: auto` means: readable on a terminal, else JSON.
  package static func automatic(fileDescriptor: Int32) -> Self { isatty(fileDescriptor) == 1 ? .readable : .json }
}

/// Log lines on standard error (or another file descriptor), from any thread, never waiting for whoever reads them.
///
/// A line below `level` costs one comparison: message and fields are not even made. A copy logs to the same writer;
/// when the last one goes, the writer's thread ends after what is queued.
package struct Logger: Sendable {
  /// Lines below are not made. A plain constant, so that hot lanes check it for nothing.
  package let level: LogLevel
  package let format: LogFormat
  private let writer: LogWriter?
  private let sink: Sink?
  private let clock: @Sendable () -> Int64

  /// What takes lines instead of a file descriptor.
  package typealias Sink = @Sendable (LogLevel, String, LogFields) -> Void

  /// - Parameters:
  ///   - fileDescriptor: where lines go; not owned, not closed.
  ///   - linesMax: lines that may wait for a slow reader; what comes on top is dropped and counted.
  ///   - clock: milliseconds since 1970 (UTC); tests put their own in.
  package init(
    level: LogLevel = .info, format: LogFormat, fileDescriptor: Int32 = STDERR_FILENO, linesMax: Int = 4096,
    clock: @escaping @Sendable () -> Int64 = Logger.wallClockMilliseconds
  ) {
    self.level = level
    self.format = format
    self.clock = clock
    sink = nil
    writer = LogWriter(fileDescriptor: fileDescriptor, linesMax: linesMax) { dropped in
      LogLine.render(
        .warn, "\(dropped) log lines dropped: the reader of the log is too slow", LogFields(), format,
        atMilliseconds: clock())
    }
  }

  private init(silentAt level: LogLevel) {
    self.level = level
    format = .json
    writer = nil
    sink = nil
    clock = { 0 }
  }

  /// Hands what would be a line to `sink`, on the thread that logs, which must not wait there: for commands that draw on
  /// the terminal and give the lines a place in their picture.
  package init(level: LogLevel, sink: @escaping Sink) {
    self.level = level
    self.sink = sink
    format = .readable
    writer = nil
    clock = { 0 }
  }

  /// A logger that says nothing.
  package static let silent = Logger(silentAt: .error)

  package func isEnabled(_ level: LogLevel) -> Bool { level >= self.level }

  package func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = LogFields()) {
    log(.debug, message(), fields())
  }
  package func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = LogFields()) {
    log(.info, message(), fields())
  }
  package func warn(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = LogFields()) {
    log(.warn, message(), fields())
  }
  package func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = LogFields()) {
    log(.error, message(), fields())
  }

  /// Queues one line. Never blocks: a full queue drops the line and counts it.
  package func log(
    _ level: LogLevel, _ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = LogFields()
  ) {
    guard level >= self.level else { return }
    if let sink { return sink(level, message(), fields()) }
    guard let writer else { return }
    writer.write(LogLine.render(level, message(), fields(), format, atMilliseconds: clock()))
  }

  /// Waits until what was logged before is written, at most `timeoutMilliseconds`; `false` if it was not. For the end of
  /// the process; blocks the calling thread, so never call it on a lane.
  @discardableResult
  package func flush(timeoutMilliseconds: Int32 = 2000) -> Bool {
    writer?.flush(timeoutMilliseconds: timeoutMilliseconds) ?? true
  }

  /// Milliseconds since 1970 by the system's clock.
  package static let wallClockMilliseconds: @Sendable () -> Int64 = {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
  }
}
