extension RetryAfter {
  /// Reads seconds or an IMF-fixdate (RFC 9110, 5.6.7 and 10.2.3); `nil` for anything else, which is then ignored.
  init?(_ text: Span<UInt8>) {
    if let seconds = decimalNumber(text) {
      self = .seconds(seconds)
    } else if let date = secondsSince1970(text) {
      self = .date(date)
    } else {
      return nil
    }
  }

  /// Seconds from `wallClock` (seconds since 1970) on; never negative.
  func seconds(from wallClock: Int) -> Int {
    switch self {
    case .seconds(let count): count
    case .date(let date): max(0, date - wallClock)
    }
  }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`. The weekday is not compared with the date.
private func secondsSince1970(_ text: Span<UInt8>) -> Int? {
  guard text.count == 29, text[3] == UInt8(ascii: ","), text[19] == UInt8(ascii: ":"), text[22] == UInt8(ascii: ":"),
    equals(text.extracting(25...), 4, " gmt"), let month = monthNumber(text.extracting(8..<11)),
    let day = decimalNumber(text.extracting(5..<7)), let year = decimalNumber(text.extracting(12..<16)),
    let hour = decimalNumber(text.extracting(17..<19)), let minute = decimalNumber(text.extracting(20..<22)),
    let second = decimalNumber(text.extracting(23..<25)), day >= 1, day <= 31, hour < 24, minute < 60, second <= 60
  else { return nil }
  return ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
}

private func monthNumber(_ name: Span<UInt8>) -> Int? {
  let names: StaticString = "janfebmaraprmayjunjulaugsepoctnovdec"
  return names.withUTF8Buffer { letters in
    for month in 0..<12 {
      let isEqual = (0..<3).allSatisfy { unsafe name[$0] | 0x20 == letters[month * 3 + $0] }
      if isEqual { return month + 1 }
    }
    return nil
  }
}

/// Days of the proleptic Gregorian calendar, in years that begin in March so that the leap day is the last.
private func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
  let shifted = month > 2 ? year : year - 1
  let monthFromMarch = (month + 9) % 12
  let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
  let leapDays = shifted >= 0 ? shifted / 4 - shifted / 100 + shifted / 400 : -1
  return shifted * 365 + leapDays + dayOfYear - 719_468
}
