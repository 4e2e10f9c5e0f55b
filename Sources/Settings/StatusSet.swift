/// A set of HTTP statuses from 100 to 599: one bit each, so that asking costs no branch over ranges.
package struct StatusSet: Sendable, Equatable, CustomStringConvertible {
  private var words = SIMD16<UInt64>.zero

  package init() {}

  package init(_ ranges: [ClosedRange<Int>]) {
    for range in ranges { insert(range) }
  }

  /// 200 to 299.
  package static let success = StatusSet([200...299])

  package func contains(_ status: Int) -> Bool {
    guard status >= 100, status <= 599 else { return false }
    return words[status >> 6] & (1 << UInt64(status & 63)) != 0
  }

  package var isEmpty: Bool { words == .zero }

  /// Statuses outside 100 to 599 are ignored.
  package mutating func insert(_ range: ClosedRange<Int>) {
    for status in range where (100...599).contains(status) { words[status >> 6] |= 1 << UInt64(status & 63) }
  }

  package mutating func remove(_ range: ClosedRange<Int>) {
    for status in range where (100...599).contains(status) { words[status >> 6] &= ~(1 << UInt64(status & 63)) }
  }

  /// With commas between the parts.
  package var description: String { parts.joined(separator: ",") }

  /// As in the file: `2xx`, `409`, `500-598`.
  package var parts: [String] {
    var parts: [String] = []
    var status = 100
    while status <= 599 {
      guard contains(status) else {
        status += 1
        continue
      }
      var end = status
      while contains(end + 1) { end += 1 }
      while status % 100 == 0, end >= status + 99 {
        parts.append("\(status / 100)xx")
        status += 100
      }
      if status < end { parts.append("\(status)-\(end)") } else if status == end { parts.append("\(status)") }
      status = end + 1
    }
    return parts
  }
}

/// One entry of a status set in the file.
enum StatusPart: Equatable {
  case include(ClosedRange<Int>)
  case exclude(ClosedRange<Int>)

  /// The same as a regular expression.
  static let pattern = "^!?([1-5]xx|[1-5][0-9]{2}(-[1-5][0-9]{2})?)$"

  /// `409`, `2xx`, `500-599`, each also with `!` before it; `nil` for anything else.
  static func parse(_ text: String) -> StatusPart? {
    guard text.utf8.count <= 8 else { return nil }
    let isExclusion = text.utf8.first == UInt8(ascii: "!")
    guard let range = range(of: isExclusion ? Substring(text.utf8.dropFirst()) : Substring(text)) else { return nil }
    return isExclusion ? .exclude(range) : .include(range)
  }

  private static func range(of text: Substring) -> ClosedRange<Int>? {
    let bytes = Array(text.utf8)
    if bytes.count == 3, bytes[1] == UInt8(ascii: "x"), bytes[2] == UInt8(ascii: "x") {
      guard bytes[0] >= UInt8(ascii: "1"), bytes[0] <= UInt8(ascii: "5") else { return nil }
      let first = Int(bytes[0] - UInt8(ascii: "0")) * 100
      return first...(first + 99)
    }
    if bytes.count == 7, bytes[3] == UInt8(ascii: "-") {
      guard let low = status(bytes[0..<3]), let high = status(bytes[4..<7]), low <= high else { return nil }
      return low...high
    }
    return status(bytes[...]).map { $0...$0 }
  }

  private static func status(_ digits: ArraySlice<UInt8>) -> Int? {
    guard digits.count == 3 else { return nil }
    var value = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return (100...599).contains(value) ? value : nil
  }
}
