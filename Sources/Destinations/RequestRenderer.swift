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

  /// - Parameter view: the lane's.
  package init(_ settings: DestinationSettings, _ view: RecordView) {
    self.view = view
    plain = PlainRequest(settings)
    drafted = plain == nil ? DraftedRequest(settings) : nil
  }

  /// What stands in the way of a request for `record`, or nil.
  package func prepare(_ record: Record, _ context: RenderContext) -> Outcome? {
    if let plain { return plain.obstacle(to: record) }
    return drafted?.render(record, view, context)
  }

  /// Appends the whole request.
  package func write(_ record: Record, _ context: RenderContext, into buffer: inout ByteBuffer) {
    if let plain { return plain.write(record, view, context, into: &buffer) }
    drafted?.draft.write(into: &buffer)
  }
}
