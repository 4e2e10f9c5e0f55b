import FanOut
import HTTPWire
import Settings

/// The request of a destination that asks for nothing special: the record's value byte for byte, everything but id, type
/// and length precomputed. It is written straight into the connection's buffer.
struct PlainRequest {
  /// Request line and headers up to those that depend on the record.
  private let head: [UInt8]
  private let hasContentType: Bool
  private let hasBody: Bool
  private let hasID: Bool
  private let hasTrace: Bool

  /// nil where the settings ask for more.
  init?(_ settings: DestinationSettings) {
    guard settings.body == .raw, settings.target == nil, !settings.compressesBody, settings.batch == nil,
      settings.cloudEvents == nil, settings.hasPlainCredentials
    else { return nil }
    var buffer = ByteBuffer()
    buffer.append("\(settings.method.rawValue) \(settings.url.target) HTTP/1.1\r\nHost: \(settings.url.hostHeader)\r\n")
    var names: Set<String> = []
    for (name, value) in settings.headers {
      guard let text = value.literal else { return nil }
      names.insert(name.lowercased())
      buffer.append("\(name): \(text)\r\n")
    }
    guard settings.query.isEmpty else { return nil }
    if !names.contains("user-agent") { buffer.append("User-Agent: topictee\r\n") }
    hasContentType = names.contains("content-type")
    hasBody = settings.method.sendsValue
    hasID = settings.sendsIdempotencyKey && !names.contains("idempotency-key")
    hasTrace = names.contains("traceparent")
    head = unsafe buffer.withBytes { unsafe Array($0) }
  }

  func obstacle(to record: Record) -> Outcome? {
    hasBody && !hasContentType && record.hasHeaders ? ContentType.obstacle(in: record) : nil
  }

  /// - Parameter lines: of the credentials.
  func write(
    _ record: Record, _ view: RecordView, _ context: RenderContext, lines: [UInt8], into buffer: inout ByteBuffer
  ) {
    buffer.append(head)
    if hasID { IdempotencyKey.appendLine(view.id(of: record, from: context.origin), to: &buffer) }
    buffer.append(lines)
    if record.hasHeaders, !hasTrace { TraceContext.append(of: record, &view.traces, to: &buffer) }
    guard hasBody else { return buffer.append("\r\n") }
    if !hasContentType { ContentType.appendLine(for: record, view, to: &buffer) }
    buffer.append("Content-Length: ")
    unsafe record.withValue { value in
      buffer.append(decimal: value.count)
      buffer.append("\r\n\r\n")
      unsafe buffer.append(value)
    }
  }
}

/// The header by which an API knows a record that comes again.
enum IdempotencyKey {
  static func appendLine(_ id: RecordID, to buffer: inout ByteBuffer) {
    buffer.append("Idempotency-Key: ")
    id.append(to: &buffer)
    buffer.append("\r\n")
  }
}
