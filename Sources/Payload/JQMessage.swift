/// What jq's compiler says, without its noise:
///
/// ```
/// jq: error: syntax error, unexpected $end (Unix shell quoting issues?) at <top-level>, line 1:
/// .a |    ← the program's line, then as many spaces as the place has bytes before it
/// ```
struct JQMessage {
  let text: String
  /// In bytes, in the program without what was put before it; nil where jq does not say, or means a place before it.
  let offset: Int?

  /// - Parameter program: what was compiled behind `JQSource`'s prefix.
  init(_ message: String, prefixed program: String) {
    var text = message
    var offset: Int?
    let mark = " at <top-level>, line "
    if let found = text.ranges(of: mark).last {
      let place = text[found.upperBound...]
      let number = place.prefix { $0.isNumber }
      if let line = Int(number), let shown = place.dropFirst(number.count).dropPrefix(":\n") {
        offset = Self.offset(line: line, shown: shown, in: JQSource.wrapped(program))
      }
      text = String(text[..<found.lowerBound])
    }
    text = text.dropPrefix("jq: error: ").map { String($0) } ?? text
    for (noise, plain) in Self.noise { text = text.replacing(noise, with: plain) }
    self.text = text
    self.offset = offset.flatMap { $0 < JQSource.prefixLength ? nil : $0 - JQSource.prefixLength }
  }

  private static let noise = [
    (" (Unix shell quoting issues?)", ""), ("$end", "end"), ("end of file", "end"), ("IDENT", "a name"),
    ("INVALID_CHARACTER", "character"), ("QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END", "\""),
    ("QQSTRING_END", "\""), ("QQSTRING_START", "\""), ("QQSTRING_INTERP_END", ")"), ("FIELD", "a field"),
    ("LITERAL", "a number"), ("$*label-", "label $"),
  ]

  private static func offset(line: Int, shown: Substring, in wrapped: String) -> Int? {
    let bytes = Array(wrapped.utf8)
    var start = 0
    for _ in 1..<max(1, line) {
      guard let end = bytes[start...].firstIndex(of: 10) else { return nil }
      start = end + 1
    }
    let text = bytes[start...].prefix { $0 != 10 }
    let shown = Array(shown.utf8)
    guard shown.starts(with: text), shown.count - text.count <= text.count else { return nil }
    return start + shown.count - text.count
  }
}

extension StringProtocol {
  fileprivate func dropPrefix(_ prefix: String) -> SubSequence? {
    hasPrefix(prefix) ? self[index(startIndex, offsetBy: prefix.count)...] : nil
  }
}
