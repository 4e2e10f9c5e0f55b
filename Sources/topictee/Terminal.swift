import Settings

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// Standard output and standard error.
enum Terminal {
  static let isTerminal = isatty(1) != 0
  /// Whether somebody reads questions and can answer them.
  static var canAsk: Bool { isTerminal && isatty(0) != 0 }

  /// False: nobody reads it, as below.
  @discardableResult static func print(_ text: String) -> Bool { write(text + "\n", to: 1) }
  static func complain(_ text: String) { write(text + "\n", to: 2) }
  static func complainDraw(_ text: String) { write(text, to: 2) }
  /// In colours on a terminal.
  static func complain(of diagnostics: [Diagnostic]) {
    guard !diagnostics.isEmpty else { return }
    let isColoured = isatty(2) != 0 && environment["NO_COLOR", default: ""].isEmpty
    complainDraw(DiagnosticRenderer(isColoured: isColoured).render(diagnostics))
  }
  @discardableResult static func draw(_ text: String) -> Bool { write(text, to: 1) }

  /// Of standard output; what a terminal had in the beginning where it does not say.
  static var size: (columns: Int, rows: Int) {
    var window = winsize()
    guard unsafe ioctl(1, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else { return (80, 24) }
    return (Int(window.ws_col), Int(window.ws_row))
  }

  /// False if the descriptor does not take all of it.
  @discardableResult
  static func write(_ text: String, to descriptor: Int32) -> Bool {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes[sent...].withUnsafeBytes {
        #if canImport(Glibc)
          unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        #else
          unsafe Darwin.write(descriptor, $0.baseAddress, $0.count)
        #endif
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// Opens nothing's file for those of the three standard streams that are closed: else the next file or socket would
  /// take a stream's number, and what is printed would go there.
  static func openMissingStreams() {
    for descriptor in 0...2 as ClosedRange<Int32> where fcntl(descriptor, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY)
    }
  }

  /// The whole environment.
  static var environment: [String: String] {
    var all: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let parts = unsafe String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { all[String(parts[0])] = String(parts[1]) }
      unsafe entry += 1
    }
    return all
  }

  /// The next line of a file without its line end; nil at the end.
  @safe final class Lines {
    private let file: UnsafeMutablePointer<FILE>
    /// Why reading ended before the end; nil if it did not.
    private(set) var failure: String?

    /// Standard input for no path; nil where the file cannot be read.
    init?(path: String?) {
      guard let opened = unsafe path.map({ unsafe fopen($0, "r") }) ?? fdopen(0, "r") else { return nil }
      unsafe file = opened
    }

    deinit { unsafe fclose(file) }

    func next() -> [UInt8]? {
      var line: UnsafeMutablePointer<CChar>?
      var capacity = 0
      let count = unsafe getline(&line, &capacity, file)
      defer { unsafe free(line) }
      guard count >= 0, let start = unsafe line else {
        if unsafe ferror(file) != 0 { failure = unsafe String(cString: strerror(errno)) }
        return nil
      }
      var bytes = unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
      while let last = bytes.last, last == 10 || last == 13 { bytes.removeLast() }
      return bytes
    }
  }
}
