/// What a client needs of a response's status line and headers (RFC 9112), strictly read.
struct ResponseHead: Equatable {
  enum Framing: Equatable {
    case none
    case length(Int)
    case chunked
    case untilClose
  }
  var status: UInt16 = 0
  var isHTTP10 = false
  var framing = Framing.untilClose
  var keepsAlive = true
  /// Seconds, where the header has that form.
  var retryAfterSeconds: Int?
}

/// Why a response cannot be believed; the connection is closed.
package enum ResponseError: String, Error, Sendable {
  case headTooLarge = "the head of the response is over 64 KiB"
  case badStatusLine = "the status line is malformed"
  case badHeader = "a header line is malformed"
  case bareLineEnd = "a line of the head ends in a bare CR or LF"
  case bothFramings = "the response has Content-Length and Transfer-Encoding"
  case badLength = "Content-Length is malformed or given twice with different values"
  case badTransferEncoding = "Transfer-Encoding is not 'chunked'"
  case badChunk = "a chunk of the body is malformed"
  case switchingProtocols = "the API switched protocols without being asked"
}

extension ResponseHead {
  /// Reads a head that ends with its empty line.
  /// - Parameter bytes: the status line up to and including CR LF CR LF.
  static func parse(_ bytes: Span<UInt8>) throws(ResponseError) -> ResponseHead {
    var head = ResponseHead()
    var at = try head.parseStatusLine(bytes)
    var length: Int?
    var isChunked = false
    while bytes[at] != 13 {
      let name = at
      while at < bytes.count, isTokenByte(bytes[at]) { at += 1 }
      guard at > name, at < bytes.count, bytes[at] == UInt8(ascii: ":") else { throw .badHeader }
      let nameEnd = at
      at += 1
      while at < bytes.count, bytes[at] == 32 || bytes[at] == 9 { at += 1 }
      let value = at
      while at < bytes.count, bytes[at] >= 32 || bytes[at] == 9 {
        guard bytes[at] != 127 else { throw .badHeader }
        at += 1
      }
      guard at + 2 < bytes.count, bytes[at] == 13, bytes[at + 1] == 10 else { throw .bareLineEnd }
      var valueEnd = at
      while valueEnd > value, bytes[valueEnd - 1] == 32 || bytes[valueEnd - 1] == 9 { valueEnd -= 1 }
      at += 2
      try head.take(
        bytes, name..<nameEnd, value..<valueEnd, length: &length, isChunked: &isChunked)
    }
    guard at + 2 == bytes.count, bytes[at + 1] == 10 else { throw .bareLineEnd }
    guard !(isChunked && length != nil) else { throw .bothFramings }
    switch head.status {
    case 100..<200, 204, 304: head.framing = .none
    default: head.framing = isChunked ? .chunked : length.map { $0 == 0 ? .none : .length($0) } ?? .untilClose
    }
    if head.framing == .untilClose { head.keepsAlive = false }
    return head
  }

  /// `HTTP/1.1 204 No Content`; the reason may be empty and its space missing.
  private mutating func parseStatusLine(_ bytes: Span<UInt8>) throws(ResponseError) -> Int {
    let version: [8 of UInt8] = [72, 84, 84, 80, 47, 49, 46, 49]  // HTTP/1.1
    guard bytes.count >= 16 else { throw .badStatusLine }
    for i in 0..<7 where bytes[i] != version[i] { throw .badStatusLine }
    guard bytes[7] == UInt8(ascii: "1") || bytes[7] == UInt8(ascii: "0"), bytes[8] == 32 else { throw .badStatusLine }
    isHTTP10 = bytes[7] == UInt8(ascii: "0")
    keepsAlive = !isHTTP10
    for i in 9..<12 {
      guard (48...57).contains(bytes[i]) else { throw .badStatusLine }
      status = status * 10 + UInt16(bytes[i] - 48)
    }
    guard (100..<600).contains(status), bytes[12] == 32 || bytes[12] == 13 else { throw .badStatusLine }
    var at = 12
    while at < bytes.count, bytes[at] >= 32 || bytes[at] == 9 { at += 1 }
    guard at + 2 < bytes.count, bytes[at] == 13, bytes[at + 1] == 10 else { throw .bareLineEnd }
    return at + 2
  }

  private mutating func take(
    _ bytes: Span<UInt8>, _ name: Range<Int>, _ value: Range<Int>, length: inout Int?, isChunked: inout Bool
  ) throws(ResponseError) {
    switch name.count {
    case 10 where equal(bytes, name, "connection"):
      if lists(bytes, value, "close") { keepsAlive = false }
      if isHTTP10, lists(bytes, value, "keep-alive") { keepsAlive = true }
    case 11 where equal(bytes, name, "retry-after"):
      retryAfterSeconds = decimal(bytes, value)
    case 14 where equal(bytes, name, "content-length"):
      guard let number = decimal(bytes, value), length == nil || length == number else { throw .badLength }
      length = number
    case 17 where equal(bytes, name, "transfer-encoding"):
      guard !isHTTP10, !isChunked, equal(bytes, value, "chunked") else { throw .badTransferEncoding }
      isChunked = true
    default: break
    }
  }

  private func decimal(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    guard !range.isEmpty, range.count <= 18 else { return nil }
    var number = 0
    for i in range {
      guard (48...57).contains(bytes[i]) else { return nil }
      number = number * 10 + Int(bytes[i] - 48)
    }
    return number
  }

  /// ASCII, without case.
  private func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
    guard range.count == text.utf8CodeUnitCount else { return false }
    for i in 0..<range.count where unsafe lowered(bytes[range.lowerBound + i]) != text.utf8Start[i] { return false }
    return true
  }

  private func lists(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
    var start = range.lowerBound
    for i in range.lowerBound...range.upperBound where i == range.upperBound || bytes[i] == UInt8(ascii: ",") {
      var end = i
      while start < end, bytes[start] == 32 || bytes[start] == 9 { start += 1 }
      while end > start, bytes[end - 1] == 32 || bytes[end - 1] == 9 { end -= 1 }
      if equal(bytes, start..<end, text) { return true }
      start = i + 1
    }
    return false
  }
}

private func lowered(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }

/// RFC 9110, 5.6.2: what a header's name is made of.
private func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 48...57, 65...90, 97...122: true
  case 33, 35...39, 42, 43, 45, 46, 94...96, 124, 126: true
  default: false
  }
}
