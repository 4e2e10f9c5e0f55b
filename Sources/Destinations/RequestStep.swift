import FanOut
import HTTPWire
import Payload

/// What is done to a request after its target, headers and body are rendered; a destination's steps stand in the order of
/// the cases. They belong to one lane.
enum RequestStep {
  /// `Idempotency-Key`: the record's id.
  case idempotencyKey
  /// The record's trace goes on.
  case trace
  /// The body as gzip; nil where zlib had no memory.
  case compression(Gzip?)

  /// - Returns: what stands in the way of the request, or nil.
  mutating func apply(
    to draft: inout RequestDraft, _ record: Record, _ view: RecordView, _ context: RenderContext
  ) -> Outcome? {
    switch self {
    case .idempotencyKey:
      IdempotencyKey.appendLine(view.id(of: record, from: context.origin), to: &draft.headers)
      return nil
    case .trace:
      if record.hasHeaders { TraceContext.append(of: record, &view.traces, to: &draft.headers) }
      return nil
    case .compression(let gzip):
      if let gzip, draft.compress(gzip) { return nil }
      return .unavailable(AttemptFailure(message: "no memory to compress the body"))
    }
  }
}
