/// Durations as the file writes them: a whole number and a unit, or a plain 0.
package enum DurationText {
  /// Some 11 years: far above any use, far below what overflows nanoseconds in 64 bits.
  static let hoursMax = 100_000

  static let oneOf = "(0|[0-9]+(ms|s|m|h))"
  static let pattern = "^\(oneOf)$"
  static let patternAboveZero = "^0*[1-9][0-9]*(ms|s|m|h)$"

  /// In the largest unit that leaves a whole number: `1m`, but `90s`. Less than a millisecond is cut off.
  package static func write(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let milliseconds = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    if milliseconds == 0 { return "0" }
    let units = [(3_600_000, "h"), (60_000, "m"), (1_000, "s")]
    for (size, unit) in units where milliseconds % size == 0 { return "\(milliseconds / size)\(unit)" }
    return "\(milliseconds)ms"
  }

  /// `250ms`, `15s`, `2m`, `1h`, `0`; `nil` for anything else and for more than `hoursMax` hours.
  package static func parse(_ text: String) -> Duration? {
    if text == "0" { return .zero }
    guard let (count, unit) = NumberAndUnit.split(text) else { return nil }
    let millisecondsPerUnit: Int
    switch unit {
    case "ms": millisecondsPerUnit = 1
    case "s": millisecondsPerUnit = 1_000
    case "m": millisecondsPerUnit = 60_000
    case "h": millisecondsPerUnit = 3_600_000
    default: return nil
    }
    let (product, overflow) = count.multipliedReportingOverflow(by: millisecondsPerUnit)
    guard !overflow, product <= hoursMax * 3_600_000 else { return nil }
    return .milliseconds(product)
  }
}

/// Sizes as the file writes them: bytes, or a whole number and a binary unit.
package enum SizeText {
  static let pattern = "^[0-9]+(B|KiB|MiB|GiB)?$"

  /// In the largest unit that leaves a whole number: `64KiB`, but `1500`.
  package static func write(_ bytes: Int) -> String {
    guard bytes > 0 else { return "0" }
    for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] where bytes % (1 << shift) == 0 {
      return "\(bytes >> shift)\(unit)"
    }
    return "\(bytes)"
  }

  /// `64KiB`, `16MiB`, `1GiB`, `512` and `512B`; `nil` for anything else and for what does not fit an `Int`.
  static func parse(_ text: String) -> Int? {
    guard let (count, unit) = NumberAndUnit.split(text) else { return nil }
    let bytesPerUnit: Int
    switch unit {
    case "", "B": bytesPerUnit = 1
    case "KiB": bytesPerUnit = 1 << 10
    case "MiB": bytesPerUnit = 1 << 20
    case "GiB": bytesPerUnit = 1 << 30
    default: return nil
    }
    let (product, overflow) = count.multipliedReportingOverflow(by: bytesPerUnit)
    return overflow ? nil : product
  }
}

/// Rates as the file and the command line write them: `20/s`.
package enum RateText {
  static let pattern = "^0*[1-9][0-9]*/s$"

  package static func write(_ rate: Int) -> String { "\(rate)/s" }

  /// How many a second; `nil` for anything else and for what does not fit an `Int`.
  package static func parse(_ text: String) -> Int? {
    guard let (count, unit) = NumberAndUnit.split(text), unit == "/s" else { return nil }
    return count
  }
}

/// A whole number with what stands behind it.
enum NumberAndUnit {
  /// `nil` without a digit at the start, or for more than an `Int` holds.
  static func split(_ text: String) -> (count: Int, unit: String)? {
    let bytes = Array(text.utf8)
    let end = bytes.firstIndex { $0 < UInt8(ascii: "0") || $0 > UInt8(ascii: "9") } ?? bytes.count
    guard end > 0, let count = Int(String(decoding: bytes[..<end], as: UTF8.self)) else { return nil }
    return (count, String(decoding: bytes[end...], as: UTF8.self))
  }
}
