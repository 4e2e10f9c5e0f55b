/// JSON strings (RFC 8259), with everything escaped that could move a terminal's cursor or end a line.
package enum JSONText {
  /// Appends `text` quoted and escaped.
  package static func append(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    appendEscaped(text, quotes: true, to: &out)
    out.append(UInt8(ascii: "\""))
  }

  /// Appends bytes that should be UTF-8 quoted and escaped; what is not valid becomes U+FFFD.
  package static func append(bytes: some Collection<UInt8>, to out: inout [UInt8]) {
    append(String(decoding: bytes, as: UTF8.self), to: &out)
  }

  /// Appends `text` without quotes around it. C0, DEL and C1 controls and the two line separators of Unicode are always
  /// escaped; `"` and `\` only if `quotes`, which is what makes the result the inside of a JSON string.
  package static func appendEscaped(_ text: String, quotes: Bool, to out: inout [UInt8]) {
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22 where quotes: out += "\\\"".utf8
      case 0x5C where quotes: out += "\\\\".utf8
      case 0x08: out += "\\b".utf8
      case 0x09: out += "\\t".utf8
      case 0x0A: out += "\\n".utf8
      case 0x0C: out += "\\f".utf8
      case 0x0D: out += "\\r".utf8
      case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029: appendUnicodeEscape(scalar.value, to: &out)
      default: out += String(scalar).utf8
      }
    }
  }

  private static func appendUnicodeEscape(_ value: UInt32, to out: inout [UInt8]) {
    out += "\\u".utf8
    for shift in [12, 8, 4, 0] as [UInt32] {
      let digit = UInt8(truncatingIfNeeded: value >> shift & 0xF)
      out.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}

/// Times of log lines: RFC 3339, UTC, milliseconds.
package enum Timestamp {
  /// `2026-11-24T02:56:51.123Z`. Years outside 0…9999, which RFC 3339 cannot say, are clamped to its ends.
  package static func append(milliseconds: Int64, to out: inout [UInt8]) {
    let clamped = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
    let (days, rest) = floorDivide(clamped, 86_400_000)
    let (year, month, day) = civil(daysSince1970: days)
    appendDigits(year, 4, to: &out)
    out.append(UInt8(ascii: "-"))
    appendDigits(month, 2, to: &out)
    out.append(UInt8(ascii: "-"))
    appendDigits(day, 2, to: &out)
    out.append(UInt8(ascii: "T"))
    appendClock(millisecondsOfDay: rest, to: &out)
    out.append(UInt8(ascii: "Z"))
  }

  /// `02:56:51.123`, UTC.
  package static func appendTimeOfDay(milliseconds: Int64, to out: inout [UInt8]) {
    appendClock(millisecondsOfDay: floorDivide(milliseconds, 86_400_000).remainder, to: &out)
  }

  private static func appendClock(millisecondsOfDay ms: Int64, to out: inout [UInt8]) {
    appendDigits(ms / 3_600_000, 2, to: &out)
    out.append(UInt8(ascii: ":"))
    appendDigits(ms / 60_000 % 60, 2, to: &out)
    out.append(UInt8(ascii: ":"))
    appendDigits(ms / 1000 % 60, 2, to: &out)
    out.append(UInt8(ascii: "."))
    appendDigits(ms % 1000, 3, to: &out)
  }

  /// The proleptic Gregorian date of a day. Counted in years that begin on 1 March, so that the leap day comes last, and
  /// in eras of 400 years (146,097 days), of which 1970-01-01 is day 719,468 of all.
  private static func civil(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = floorDivide(daysSince1970 + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
    return remainder < 0 ? (quotient - 1, remainder + b) : (quotient, remainder)
  }

  private static func appendDigits(_ value: Int64, _ width: Int, to out: inout [UInt8]) {
    let digits = "\(value)".utf8
    for _ in 0..<max(0, width - digits.count) { out.append(UInt8(ascii: "0")) }
    out += digits
  }
}
