package import HTTPWire
package import Settings

/// The body of a request for several records, written item by item; each item is one JSON text.
///
/// | Format | Content type | Body |
/// |---|---|---|
/// | ndjson | `application/x-ndjson` | an item a line, each with its line feed |
/// | json_array | `application/json` | `[`, the items with commas between, `]` |
/// | cloudevents | `application/cloudevents-batch+json` | the same, each item an event in JSON |
package struct BatchBody: Sendable {
  private let format: BatchSettings.Format

  package init(_ format: BatchSettings.Format) { self.format = format }

  package var contentType: String {
    switch format {
    case .ndjson: "application/x-ndjson"
    case .jsonArray: "application/json"
    case .cloudevents: "application/cloudevents-batch+json"
    }
  }

  /// - Parameter item: one JSON text; the caller has seen that it is.
  package func append(_ item: UnsafeRawBufferPointer, isFirst: Bool, to buffer: inout ByteBuffer) {
    switch format {
    case .ndjson:
      unsafe Self.appendLine(item, to: &buffer)
    case .jsonArray, .cloudevents:
      buffer.append(byte: isFirst ? UInt8(ascii: "[") : UInt8(ascii: ","))
      unsafe buffer.append(item)
    }
  }

  /// After the last item, of at least one.
  package func end(_ buffer: inout ByteBuffer) {
    if format != .ndjson { buffer.append(byte: UInt8(ascii: "]")) }
  }

  /// Line ends in JSON stand between tokens only (a string has them escaped), and tokens are told apart without them.
  private static func appendLine(_ item: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
    var start = 0
    for at in item.indices where unsafe item[at] == 0x0a || item[at] == 0x0d {
      if at > start { unsafe buffer.append(UnsafeRawBufferPointer(rebasing: item[start..<at])) }
      start = at + 1
    }
    if start < item.count { unsafe buffer.append(UnsafeRawBufferPointer(rebasing: item[start...])) }
    buffer.append(byte: 0x0a)
  }
}
