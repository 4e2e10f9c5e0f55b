package import FanOut
package import HTTPWire

/// Random ids of one lane (SplitMix64): as unlikely to meet as others of 64 bits, and no call of the system for each.
package struct TraceIDs: Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// Never 0, which is no id.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return max(1, mixed ^ (mixed >> 31))
  }
}

/// W3C Trace Context (level 2): the trace that a record's headers name goes on in the requests.
///
/// What is not valid is left out, and without a valid `traceparent` no trace is begun: whoever follows it up would find
/// nothing before it.
package enum TraceContext {
  /// Appends `traceparent` with the record's trace, its sampled and random flags and a new parent's id, and the record's
  /// `tracestate` if it is valid. Appends nothing where the record names no trace.
  package static func append(of record: Record, _ ids: inout TraceIDs, to buffer: inout ByteBuffer) {
    guard record.hasHeaders else { return }
    unsafe record.withHeaders { headers in
      var count = 0
      var found: UnsafeRawBufferPointer?
      unsafe headers.forEach { field in
        guard unsafe NameBytes.equal(field.name, "traceparent") else { return }
        count += 1
        unsafe found = unsafe field.value
      }
      guard count == 1, let value = unsafe found, let flags = unsafe flags(of: value) else { return }
      buffer.append("traceparent: 00-")
      unsafe buffer.append(UnsafeRawBufferPointer(rebasing: value[3..<35]))
      buffer.append("-")
      unsafe withUnsafeBytes(of: ids.next().bigEndian) { unsafe buffer.append(hex: $0) }
      buffer.append("-0")
      buffer.append(byte: UInt8(ascii: "0") + flags & 3)
      buffer.append("\r\n")
      unsafe appendState(of: headers, to: &buffer)
    }
  }

  /// The flags of a valid `traceparent` (3.2.2); nil for any other text.
  private static func flags(of value: UnsafeRawBufferPointer) -> UInt8? {
    // Later versions may append to it (3.2.4); version ff is none.
    guard value.count >= 55, let version = unsafe byte(value, 0), version != 0xff,
      unsafe version == 0 ? value.count == 55 : value.count == 55 || value[55] == UInt8(ascii: "-")
    else { return nil }
    for place in [2, 35, 52] { guard unsafe value[place] == UInt8(ascii: "-") else { return nil } }
    guard unsafe isID(value, 3..<35), unsafe isID(value, 36..<52) else { return nil }
    return unsafe byte(value, 53)
  }

  /// Digits in lower case, not all of them 0.
  private static func isID(_ value: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    var isZero = true
    for i in range {
      guard let digit = unsafe digit(value[i]) else { return false }
      if digit != 0 { isZero = false }
    }
    return !isZero
  }

  private static func byte(_ value: UnsafeRawBufferPointer, _ at: Int) -> UInt8? {
    guard let high = unsafe digit(value[at]), let low = unsafe digit(value[at + 1]) else { return nil }
    return high << 4 | low
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }

  // MARK: tracestate

  private static let membersMax = 32
  private static let stateBytesMax = 8_192

  /// All `tracestate` headers in their order as one line, or nothing if one of them is not valid (3.3.1.1).
  private static func appendState(of headers: RecordHeaders, to buffer: inout ByteBuffer) {
    var members = 0
    var bytes = 0
    var isValid = true
    unsafe headers.forEach { field in
      guard unsafe NameBytes.equal(field.name, "tracestate") else { return }
      guard let value = unsafe field.value, let count = unsafe memberCount(value) else { return isValid = false }
      members += count
      bytes += value.count
    }
    guard isValid, members > 0, members <= membersMax, bytes <= stateBytesMax else { return }
    buffer.append("tracestate: ")
    var isFirst = true
    unsafe headers.forEach { field in
      guard unsafe NameBytes.equal(field.name, "tracestate"), let value = unsafe field.value,
        unsafe memberCount(value) != 0
      else { return }
      if !isFirst { buffer.append(",") }
      isFirst = false
      unsafe buffer.append(value)
    }
    buffer.append("\r\n")
  }

  /// How many members a list has, empty ones not counted; nil if one of them is not `key=value`.
  private static func memberCount(_ list: UnsafeRawBufferPointer) -> Int? {
    var count = 0
    var start = 0
    for end in 0...list.count where unsafe end == list.count || list[end] == UInt8(ascii: ",") {
      var from = start
      var to = end
      while from < to, unsafe isBlank(list[from]) { from += 1 }
      while to > from, unsafe isBlank(list[to - 1]) { to -= 1 }
      start = end + 1
      if from == to { continue }
      guard unsafe isMember(UnsafeRawBufferPointer(rebasing: list[from..<to])) else { return nil }
      count += 1
    }
    return count
  }

  private static let keyBytes = PlainBytes(alphanumericAnd: "_-*/@")

  private static func isMember(_ member: UnsafeRawBufferPointer) -> Bool {
    guard let equals = unsafe member.firstIndex(of: UInt8(ascii: "=")), (1...256).contains(equals) else { return false }
    let isKey = unsafe member[..<equals].allSatisfy { keyBytes.contains($0) && !(0x41...0x5a).contains($0) }
    let isValue = unsafe member[(equals + 1)...].allSatisfy { (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "=") }
    return (1...256).contains(member.count - equals - 1) && isKey && isValue
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
