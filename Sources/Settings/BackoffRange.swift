/// The pause between attempts: its ceiling grows from `min` to `max`. `min` is never above `max`.
package struct BackoffRange: Sendable, Equatable {
  package var min: Duration
  package var max: Duration
  package init(min: Duration, max: Duration) {
    self.min = min
    self.max = max
  }
}

extension BackoffRange {
  /// Why a text is no backoff range.
  enum Problem: Error, Equatable { case malformed, reversed }

  static let pattern = "^\(DurationText.oneOf)\\.\\.\(DurationText.oneOf)$"

  /// As in the file.
  package var text: String { "\(DurationText.write(min))..\(DurationText.write(max))" }

  /// `200ms..30s`.
  static func parse(_ text: String) throws(Problem) -> BackoffRange {
    let bytes = Array(text.utf8)
    let dot = UInt8(ascii: ".")
    guard let middle = bytes.indices.dropLast().first(where: { bytes[$0] == dot && bytes[$0 + 1] == dot }),
      let min = DurationText.parse(String(decoding: bytes[..<middle], as: UTF8.self)),
      let max = DurationText.parse(String(decoding: bytes[(middle + 2)...], as: UTF8.self))
    else { throw .malformed }
    guard min <= max else { throw .reversed }
    return BackoffRange(min: min, max: max)
  }
}
