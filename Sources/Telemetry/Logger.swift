#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

package enum LogLevel: Int, Sendable, Comparable {
  case debug, info, warning, error
  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  var text: String {
    switch self {
    case .debug: "debug"
    case .info: "info"
    case .warning: "warning"
    case .error: "error"
    }
  }
}

/// The keys a log line may have besides `ts`, `level` and `msg` (the contract's "Logs").
package struct LogFields: Sendable {
  package var topic: String?
  package var partition: Int32?
  package var offset: Int64?
  package var destination: String?
  package var attempt: Int?
  package var status: UInt16?
  package var error: String?
  package init() {}

  var pairs: [(key: String, text: String, isNumber: Bool)] {
    var all: [(String, String, Bool)] = []
    if let topic { all.append(("topic", topic, false)) }
    if let partition { all.append(("partition", "\(partition)", true)) }
    if let offset { all.append(("offset", "\(offset)", true)) }
    if let destination { all.append(("destination", destination, false)) }
    if let attempt { all.append(("attempt", "\(attempt)", true)) }
    if let status, status > 0 { all.append(("status", "\(status)", true)) }
    if let error { all.append(("error", error, false)) }
    return all
  }
}

/// Log lines on standard error: readable ones, or one JSON object a line.
package struct Logger: Sendable {
  package let level: LogLevel
  package let isJSON: Bool
  private let descriptor: Int32

  /// - Parameter isJSON: nil for JSON lines unless standard error is a terminal.
  package init(level: LogLevel, isJSON: Bool?, descriptor: Int32 = 2) {
    self.level = level
    self.isJSON = isJSON ?? (isatty(descriptor) == 0)
    self.descriptor = descriptor
  }

  package func log(_ level: LogLevel, _ message: @autoclosure () -> String, _ fields: LogFields = LogFields()) {
    guard level >= self.level else { return }
    write(line(level, message(), fields, at: wallClockMilliseconds()))
  }

  /// One line with its line end.
  package func line(_ level: LogLevel, _ message: String, _ fields: LogFields, at milliseconds: Int64) -> String {
    let time = rfc3339(milliseconds)
    if isJSON {
      var text = "{\"ts\":\"\(time)\",\"level\":\"\(level.text)\",\"msg\":\"\(escaped(message))\""
      for pair in fields.pairs {
        text += ",\"\(pair.key)\":" + (pair.isNumber ? pair.text : "\"\(escaped(pair.text))\"")
      }
      return text + "}\n"
    }
    let details = fields.pairs.map { " \($0.key)=\(printable($0.text))" }.joined()
    return "\(time) \(level.text): \(printable(message))\(details)\n"
  }

  private func write(_ line: String) {
    let bytes = Array(line.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes[sent...].withUnsafeBytes {
        #if canImport(Glibc)
          unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        #else
          unsafe Darwin.write(descriptor, $0.baseAddress, $0.count)
        #endif
      }
      // A log that nobody can read must not end the work.
      guard count > 0 else { return }
      sent += count
    }
  }

  private func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      default:
        if scalar.value < 0x20 {
          let hex = String(scalar.value, radix: 16)
          out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        } else {
          out.unicodeScalars.append(scalar)
        }
      }
    }
    return out
  }

  /// What a record or a server says must not move the cursor of a terminal.
  private func printable(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "?" : $0 }))
  }
}

/// Milliseconds since 1970.
package func wallClockMilliseconds() -> Int64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}

/// `2026-11-24T00:22:31.123Z`.
package func rfc3339(_ milliseconds: Int64) -> String {
  var seconds = time_t(milliseconds / 1_000)
  var parts = unsafe tm()
  unsafe gmtime_r(&seconds, &parts)
  func two(_ n: Int32) -> String { n < 10 ? "0\(n)" : "\(n)" }
  let thousandths = String(1_000 + milliseconds % 1_000).dropFirst()
  let date = unsafe "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
  return unsafe "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(thousandths)Z"
}
