/// Durations as the file writes them: a whole number and a unit, or a plain 0.
package enum DurationText {
  /// Some 11 years: far above any use, far below what overflows nanoseconds in 64 bits.
  static let hoursMax = 100_000

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
enum SizeText {
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
