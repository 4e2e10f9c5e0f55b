package import HTTPWire
import Payload

/// A request in the making, of a destination whose requests are more than the record's bytes. It belongs to one lane
/// and keeps its memory from request to request; what is finished is copied into the connection's buffer.
///
/// Steps fill it in this order: target, headers and body; CloudEvents; compression; signatures; authorization. Each
/// gives what stands in the way, or nil.
package struct RequestDraft {
  package var method: StaticString = "POST"
  /// Path and query as they go into the request line, percent-encoded.
  package var target = ByteBuffer()
  /// Whole lines, each with its CRLF: everything but `Content-Length`, which `write` adds.
  package var headers = ByteBuffer()
  package var body = ByteBuffer()
  /// A GET or DELETE without a body has no `Content-Length`.
  package var hasBody = true
  private var spare = ByteBuffer()

  package init() {}

  package mutating func clear() {
    target.clear()
    headers.clear()
    body.clear()
    hasBody = true
  }

  /// One header line. The caller has seen that `value` holds no CR, LF or NUL.
  package mutating func addHeader(_ name: String, _ value: String) {
    headers.append(name)
    headers.append(": ")
    headers.append(value)
    headers.append("\r\n")
  }

  /// Takes a header line out, and gives its value; nil where there is none.
  /// - Parameter name: in lower case.
  mutating func takeHeader(_ name: StaticString) -> [UInt8]? {
    var found: (line: Range<Int>, value: [UInt8])?
    unsafe headers.withBytes { bytes in
      var start = 0
      while start < bytes.count, found == nil {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
        let end = unsafe (rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.count - 1) + 1
        let colon = name.utf8CodeUnitCount
        if unsafe NameBytes.starts(rest, with: name), colon < end, unsafe rest[colon] == UInt8(ascii: ":") {
          // A blank before it, CR and LF behind.
          found = unsafe (start..<start + end, Array(rest[min(colon + 2, end - 2)..<(end - 2)]))
        }
        start += end
      }
    }
    guard let found else { return nil }
    headers.edit { $0.removeSubrange(found.line) }
    return found.value
  }

  /// Puts gzip in the body's place. - Returns: false where zlib gave up.
  mutating func compress(_ gzip: Gzip) -> Bool {
    guard hasBody else { return true }
    spare.clear()
    let isDone = unsafe body.withBytes { bytes in spare.edit { unsafe gzip.append(bytes, to: &$0) } }
    swap(&body, &spare)
    headers.append("Content-Encoding: gzip\r\n")
    return isDone
  }

  /// Appends the whole request.
  package func write(into buffer: inout ByteBuffer) {
    buffer.append(method)
    buffer.append(" ")
    unsafe target.withBytes { unsafe buffer.append($0) }
    buffer.append(" HTTP/1.1\r\n")
    unsafe headers.withBytes { unsafe buffer.append($0) }
    if hasBody {
      buffer.append("Content-Length: ")
      buffer.append(decimal: body.count)
      buffer.append("\r\n")
    }
    buffer.append("\r\n")
    if hasBody { unsafe body.withBytes { unsafe buffer.append($0) } }
  }
}
