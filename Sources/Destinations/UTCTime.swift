import HTTPWire

/// A moment in the Gregorian calendar, UTC.
struct UTCTime {
  private let day: Int
  private let millisecond: Int
  private let date: (year: Int, month: Int, day: Int)

  /// Since 1970; nil outside the years 0 to 9999, for which the formats have no letters.
  init?(milliseconds: Int64) {
    guard (-62_167_219_200_000..<253_402_300_800_000).contains(milliseconds) else { return nil }
    let (days, rest) = Int(milliseconds).quotientAndRemainder(dividingBy: 86_400_000)
    day = rest < 0 ? days - 1 : days
    millisecond = rest < 0 ? rest + 86_400_000 : rest
    date = Self.date(ofDay: day)
  }

  /// By eras of 400 years that begin in March, so that the leap day is the last of its year.
  private static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    )
  }

  /// `2026-01-31T23:59:59.123Z` (RFC 3339).
  func appendRFC3339(to buffer: inout ByteBuffer) {
    append(to: &buffer, dash: "-", colon: ":")
    buffer.append(".")
    buffer.append(millisecond % 1_000, digits: 3)
    buffer.append("Z")
  }

  /// `20260131T235959Z`, of which the first eight are the day's.
  func appendCompact(to buffer: inout ByteBuffer) {
    append(to: &buffer, dash: "", colon: "")
    buffer.append("Z")
  }

  private func append(to buffer: inout ByteBuffer, dash: StaticString, colon: StaticString) {
    let second = millisecond / 1_000
    buffer.append(date.year, digits: 4)
    buffer.append(dash)
    buffer.append(date.month, digits: 2)
    buffer.append(dash)
    buffer.append(date.day, digits: 2)
    buffer.append("T")
    buffer.append(second / 3_600, digits: 2)
    buffer.append(colon)
    buffer.append(second / 60 % 60, digits: 2)
    buffer.append(colon)
    buffer.append(second % 60, digits: 2)
  }
}
