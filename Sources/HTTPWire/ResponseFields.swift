/// Why a response is refused.
enum ResponseFault: String, Error, Equatable {
  case headTooLong = "the head is longer than 64 KiB"
  case bareLineFeed = "a line does not end with CRLF"
  case badStatusLine = "bad status line"
  case badVersion = "not HTTP/1.0 or HTTP/1.1"
  case badStatus = "bad status code"
  case badFieldName = "bad field name"
  case foldedField = "folded field"
  case badFieldValue = "control character in a field"
  case badContentLength = "bad Content-Length"
  case repeatedContentLength = "more than one Content-Length"
  case unknownTransferEncoding = "Transfer-Encoding other than chunked"
  case ambiguousLength = "Transfer-Encoding beside Content-Length or in HTTP/1.0"
  case badChunkSize = "bad chunk size"
  case chunkNotEnded = "a chunk does not end with CRLF"
  case switchedProtocol = "101 Switching Protocols was not asked for"
}

extension ResponseHead {
  /// `HTTP/1.1 200 OK`; the reason, and the space before it, may be missing (as servers have it).
  mutating func readStatusLine(_ line: Span<UInt8>) -> ResponseFault? {
    guard line.count >= 12, startsWithHTTP1(line) else { return line.count < 12 ? .badStatusLine : .badVersion }
    let minor = line[7]
    guard minor == UInt8(ascii: "0") || minor == UInt8(ascii: "1") else { return .badVersion }
    guard line[8] == UInt8(ascii: " ") else { return .badStatusLine }
    var code: UInt16 = 0
    for i in 9..<12 {
      guard let digit = decimalDigit(line[i]) else { return .badStatus }
      code = code * 10 + UInt16(digit)
    }
    guard code >= 100, code < 600 else { return .badStatus }
    if line.count > 12 {
      guard line[12] == UInt8(ascii: " ") else { return .badStatusLine }
      for i in 13..<line.count where !isFieldValue(line[i]) { return .badStatusLine }
    }
    status = code
    minorVersion = minor - UInt8(ascii: "0")
    return nil
  }

  /// Checks one field line and takes in what the client goes by.
  mutating func readField(_ line: Span<UInt8>) -> ResponseFault? {
    if let fault = checkField(line) { return fault }
    var colon = 0
    while line[colon] != UInt8(ascii: ":") { colon += 1 }
    // The length tells most fields apart without a look at their letters.
    switch colon {
    case 8 where isRedirect && equals(line, colon, "location"):
      let text = line.extracting(trimmed(line, from: colon + 1))
      location = unsafe text.withUnsafeBytes { unsafe Array($0.prefix(Self.locationBytesMax)) }
    case 10 where equals(line, colon, "connection"):
      readConnection(line.extracting(trimmed(line, from: colon + 1)))
    case 11 where equals(line, colon, "retry-after"):
      retryAfter = RetryAfter(line.extracting(trimmed(line, from: colon + 1)))
    case 12 where equals(line, colon, "content-type"):
      let text = line.extracting(trimmed(line, from: colon + 1))
      contentType = unsafe text.withUnsafeBytes { unsafe Array($0) }
    case 14 where equals(line, colon, "content-length"):
      // Also refused where they are equal: nobody sends two in good faith, and a proxy may have read the other.
      guard contentLength == nil else { return .repeatedContentLength }
      guard let count = decimalNumber(line.extracting(trimmed(line, from: colon + 1))) else { return .badContentLength }
      contentLength = count
    case 17 where equals(line, colon, "transfer-encoding"):
      let coding = line.extracting(trimmed(line, from: colon + 1))
      guard !isChunked, coding.count == 7, equals(coding, 7, "chunked") else { return .unknownTransferEncoding }
      isChunked = true
    default: break
    }
    return nil
  }

  /// A list of options, of which two matter.
  private mutating func readConnection(_ text: Span<UInt8>) {
    var start = 0
    for end in 0...text.count where end == text.count || text[end] == UInt8(ascii: ",") {
      let part = text.extracting(start..<end)
      let option = part.extracting(trimmed(part))
      if option.count == 5, equals(option, 5, "close") { saysClose = true }
      if option.count == 10, equals(option, 10, "keep-alive") { saysKeepAlive = true }
      start = end + 1
    }
  }
}

/// Checks a field line's form: a token, at once the colon, then anything without control characters.
func checkField(_ line: Span<UInt8>) -> ResponseFault? {
  if line[0] == UInt8(ascii: " ") || line[0] == UInt8(ascii: "\t") { return .foldedField }
  var at = 0
  while at < line.count, line[at] != UInt8(ascii: ":") {
    guard isTokenByte(line[at]) else { return .badFieldName }
    at += 1
  }
  guard at > 0, at < line.count else { return .badFieldName }
  for i in (at + 1)..<line.count where !isFieldValue(line[i]) { return .badFieldValue }
  return nil
}

/// Hexadecimal digits, and after `;` an extension that is skipped. The limit is far from overflow.
func readChunkSize(_ line: Span<UInt8>) -> Result<Int, ResponseFault> {
  var size = 0
  var at = 0
  while at < line.count, let digit = hexDigit(line[at]) {
    guard at < 16, size < 1 << 52 else { return .failure(.badChunkSize) }
    size = size << 4 | Int(digit)
    at += 1
  }
  guard at > 0 else { return .failure(.badChunkSize) }
  guard at < line.count else { return .success(size) }
  guard line[at] == UInt8(ascii: ";") else { return .failure(.badChunkSize) }
  for i in at..<line.count where !isFieldValue(line[i]) { return .failure(.badChunkSize) }
  return .success(size)
}
