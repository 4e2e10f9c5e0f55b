private import CJQ

/// jq's values as compact JSON, with a bound: jq itself would write out what shares its parts as often as they stand
/// there, and cut what is deep.
enum JQText {
  enum Verdict: Equatable { case written, tooLong, tooDeep, noNumber }

  /// Appends the value. Where it is not `written` what was appended is of no use.
  static func write(_ value: borrowing JQValue, bytesMax: Int, to output: inout [UInt8]) -> Verdict {
    unsafe write(value.borrowed, depth: 0, end: output.count + bytesMax, to: &output)
  }

  private static func write(_ value: jv, depth: Int, end: Int, to output: inout [UInt8]) -> Verdict {
    switch unsafe jv_get_kind(value) {
    case JV_KIND_NULL: output.append(contentsOf: "null".utf8)
    case JV_KIND_TRUE: output.append(contentsOf: "true".utf8)
    case JV_KIND_FALSE: output.append(contentsOf: "false".utf8)
    case JV_KIND_NUMBER:
      // jq would write `null`, or the largest double.
      guard unsafe jv_number_value(value).isFinite else { return .noNumber }
      // jq's own way: it knows the digits that the number came with.
      let text = unsafe JQValue(owning: jv_dump_string(jv_copy(value), 0))
      unsafe text.withText { unsafe output.append(contentsOf: $0) }
    case JV_KIND_STRING: return unsafe writeText(value, end: end, to: &output)
    case JV_KIND_ARRAY, JV_KIND_OBJECT:
      guard depth < JQProgram.depthMax else { return .tooDeep }
      return unsafe jv_get_kind(value) == JV_KIND_ARRAY
        ? writeArray(value, depth: depth, end: end, to: &output)
        : writeObject(value, depth: depth, end: end, to: &output)
    default: output.append(contentsOf: "null".utf8)
    }
    return output.count <= end ? .written : .tooLong
  }

  private static func writeArray(_ array: jv, depth: Int, end: Int, to output: inout [UInt8]) -> Verdict {
    output.append(UInt8(ascii: "["))
    for i in 0..<(unsafe jv_array_length(jv_copy(array))) {
      if i > 0 { output.append(UInt8(ascii: ",")) }
      let item = unsafe JQValue(owning: jv_array_get(jv_copy(array), i))
      let verdict = unsafe write(item.borrowed, depth: depth + 1, end: end, to: &output)
      guard verdict == .written else { return verdict }
    }
    output.append(UInt8(ascii: "]"))
    return output.count <= end ? .written : .tooLong
  }

  private static func writeObject(_ object: jv, depth: Int, end: Int, to output: inout [UInt8]) -> Verdict {
    output.append(UInt8(ascii: "{"))
    var at = unsafe jv_object_iter(object)
    var isFirst = true
    while unsafe jv_object_iter_valid(object, at) != 0 {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      let name = unsafe JQValue(owning: jv_object_iter_key(object, at))
      let member = unsafe JQValue(owning: jv_object_iter_value(object, at))
      var verdict = unsafe writeText(name.borrowed, end: end, to: &output)
      output.append(UInt8(ascii: ":"))
      if verdict == .written { unsafe verdict = write(member.borrowed, depth: depth + 1, end: end, to: &output) }
      guard verdict == .written else { return verdict }
      at = unsafe jv_object_iter_next(object, at)
    }
    output.append(UInt8(ascii: "}"))
    return output.count <= end ? .written : .tooLong
  }

  private static func writeText(_ text: jv, end: Int, to output: inout [UInt8]) -> Verdict {
    let length = unsafe Int(jv_string_length_bytes(jv_copy(text)))
    guard output.count + length + 2 <= end else { return .tooLong }
    unsafe JSONQuote.append(UnsafeRawBufferPointer(start: jv_string_value(text), count: length), to: &output)
    return output.count <= end ? .written : .tooLong
  }
}

/// A text as a JSON string.
enum JSONQuote {
  private static let digits = Array("0123456789abcdef".utf8)

  /// Appends the text, which is UTF-8, in quotes; escaped is what has to be.
  static func append(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var start = 0
    for i in 0..<text.count {
      let byte = unsafe text[i]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
      unsafe output.append(contentsOf: text[start..<i])
      start = i + 1
      output.append(UInt8(ascii: "\\"))
      switch byte {
      case 8: output.append(UInt8(ascii: "b"))
      case 9: output.append(UInt8(ascii: "t"))
      case 10: output.append(UInt8(ascii: "n"))
      case 12: output.append(UInt8(ascii: "f"))
      case 13: output.append(UInt8(ascii: "r"))
      case 0..<0x20: output.append(contentsOf: [0x75, 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
      default: output.append(byte)
      }
    }
    unsafe output.append(contentsOf: text[start...])
    output.append(UInt8(ascii: "\""))
  }
}
