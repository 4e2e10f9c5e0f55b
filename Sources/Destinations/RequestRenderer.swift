package import FanOut
package import HTTPWire
package import Settings

/// A destination's settings compiled once into what makes its requests; belongs to one lane.
///
/// `prepare`, then `write` with the same arguments where nothing stands in the way.
package final class RequestRenderer {
  private let view: RecordView
  private let plain: PlainRequest?
  private var drafted: DraftedRequest?
  /// The credentials' header lines, where they are all of them.
  private var lines: [UInt8]

  /// - Parameter view: the lane's.
  package init(_ settings: DestinationSettings, _ view: RecordView, _ credentials: Credentials = .none) {
    self.view = view
    plain = PlainRequest(settings)
    drafted = plain == nil ? DraftedRequest(settings, credentials) : nil
    lines = credentials.lines
  }

  /// Requests that are prepared from now on have other credentials.
  package func take(_ credentials: Credentials) {
    lines = credentials.lines
    drafted?.credentials = credentials
  }

  /// What stands in the way of a request for `record`, or nil.
  package func prepare(_ record: Record, _ context: RenderContext) -> Outcome? {
    if let plain { return plain.obstacle(to: record) }
    return drafted?.render(record, view, context)
  }

  /// Appends the whole request.
  package func write(_ record: Record, _ context: RenderContext, into buffer: inout ByteBuffer) {
    if let plain { return plain.write(record, view, context, lines: lines, into: &buffer) }
    drafted?.draft.write(into: &buffer)
  }
}
