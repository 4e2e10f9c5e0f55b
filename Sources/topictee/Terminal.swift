#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// Standard output and standard error.
enum Terminal {
  static let isTerminal = isatty(1) != 0

  static func print(_ text: String) { write(text + "\n", to: 1) }
  static func complain(_ text: String) { write(text + "\n", to: 2) }
  static func complainDraw(_ text: String) { write(text, to: 2) }
  static func draw(_ text: String) { write(text, to: 1) }

  private static func write(_ text: String, to descriptor: Int32) {
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
      guard count > 0 else { return }
      sent += count
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
    private let file: UnsafeMutablePointer<FILE>?
    init?(path: String?) {
      unsafe file = path.map { unsafe fopen($0, "r") } ?? fdopen(0, "r")
      if unsafe file == nil { return nil }
    }

    func next() -> [UInt8]? {
      var line: UnsafeMutablePointer<CChar>?
      var capacity = 0
      let count = unsafe getline(&line, &capacity, file)
      defer { unsafe free(line) }
      guard count >= 0, let start = unsafe line else { return nil }
      var bytes = unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
      while let last = bytes.last, last == 10 || last == 13 { bytes.removeLast() }
      return bytes
    }
  }
}
