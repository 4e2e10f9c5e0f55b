package import HTTPWire

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

/// What a request depends on besides the record and the settings.
package struct RenderContext: Sendable {
  package var topic: String
  package var partition: Int32
  /// From 1.
  package var attempt: Int
  /// Since 1970.
  package var wallMilliseconds: Int64

  package init(topic: String, partition: Int32, attempt: Int, wallMilliseconds: Int64) {
    self.topic = topic
    self.partition = partition
    self.attempt = attempt
    self.wallMilliseconds = wallMilliseconds
  }
}
