// The letters of HTTP fields (RFC 9110, 5), on spans of a line.

@inline(__always) func decimalDigit(_ byte: UInt8) -> UInt8? {
  let digit = byte &- UInt8(ascii: "0")
  return digit < 10 ? digit : nil
}

@inline(__always) func hexDigit(_ byte: UInt8) -> UInt8? {
  if let digit = decimalDigit(byte) { return digit }
  let letter = (byte | 0x20) &- UInt8(ascii: "a")
  return letter < 6 ? letter + 10 : nil
}

/// Digits only, at most 18: no number of those overflows.
func decimalNumber(_ text: Span<UInt8>) -> Int? {
  guard text.count > 0, text.count <= 18 else { return nil }
  var number = 0
  for i in 0..<text.count {
    guard let digit = decimalDigit(text[i]) else { return nil }
    number = number * 10 + Int(digit)
  }
  return number
}

/// Everything but control characters; a tab is allowed, and what is not ASCII is left alone.
@inline(__always) func isFieldValue(_ byte: UInt8) -> Bool {
  (byte >= 0x20 && byte != 0x7f) || byte == UInt8(ascii: "\t")
}

/// RFC 9110's `tchar`, as one bit per ASCII character.
@inline(__always) func isTokenByte(_ byte: UInt8) -> Bool {
  let low: UInt64 = 0x03ff_6cfa_0000_0000
  let high: UInt64 = 0x57ff_ffff_c7ff_fffe
  let bits = byte < 64 ? low : high
  return byte < 128 && (bits >> UInt64(byte & 63)) & 1 == 1
}

/// Whether the first `count` bytes are `name`, which is in lower case and `count` long, whatever their case.
@inline(__always) func equals(_ text: Span<UInt8>, _ count: Int, _ name: StaticString) -> Bool {
  name.withUTF8Buffer { letters in
    guard letters.count == count, text.count >= count else { return false }
    for i in 0..<count {
      let byte = text[i]
      let isUpper = byte &- UInt8(ascii: "A") < 26
      guard unsafe (isUpper ? byte | 0x20 : byte) == letters[i] else { return false }
    }
    return true
  }
}

@inline(__always) func startsWithHTTP1(_ line: Span<UInt8>) -> Bool {
  // The only place where the case of letters matters.
  line[0] == UInt8(ascii: "H") && line[1] == UInt8(ascii: "T") && line[2] == UInt8(ascii: "T")
    && line[3] == UInt8(ascii: "P") && line[4] == UInt8(ascii: "/") && line[5] == UInt8(ascii: "1")
    && line[6] == UInt8(ascii: ".")
}

/// The part of `text` from `start` on, without the blanks around it.
func trimmed(_ text: Span<UInt8>, from first: Int = 0) -> Range<Int> {
  var start = first
  var end = text.count
  while start < end, text[start] == UInt8(ascii: " ") || text[start] == UInt8(ascii: "\t") { start += 1 }
  while end > start, text[end - 1] == UInt8(ascii: " ") || text[end - 1] == UInt8(ascii: "\t") { end -= 1 }
  return start..<end
}
