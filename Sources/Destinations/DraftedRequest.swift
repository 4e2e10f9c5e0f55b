import FanOut
import HTTPWire
import Payload
import Settings

/// The requests of a destination that asks for more than the record's bytes: rendered into a draft, so that whatever
/// stands in the way is known before a connection is taken.
struct DraftedRequest {
  private(set) var draft = RequestDraft()
  private let target: TemplateProgram
  private let headers: TemplateProgram
  private let body: BodyProgram
  private let isRecordValue: Bool
  private var event: CloudEventStep?
  private var steps: [RequestStep]
  var credentials: Credentials

  init(_ settings: DestinationSettings, _ credentials: Credentials) {
    self.credentials = credentials
    isRecordValue = settings.body == .raw
    event = settings.cloudEvents.map { CloudEventStep($0) }
    body = BodyProgram(settings)
    target = TargetTemplates.program(settings)
    headers = HeaderTemplates.program(settings, body.headers)
    steps = []
    let names = Set(settings.headers.map { $0.name.lowercased() })
    if settings.sendsIdempotencyKey, !names.contains("idempotency-key") { steps.append(.idempotencyKey) }
    if !names.contains("traceparent") { steps.append(.trace) }
    if settings.compressesBody { steps.append(.compression(Gzip())) }
    draft.method = settings.method.name
  }

  /// What stands in the way of a request, or nil: then the draft is finished.
  mutating func render(_ record: Record, _ view: RecordView, _ context: RenderContext) -> Outcome? {
    draft.clear()
    let source = TemplateSource(record: record, view: view, context: context)
    if let problem = target.append(source, to: &draft.target) { return problem.outcome }
    if let problem = headers.append(source, to: &draft.headers) { return problem.outcome }
    if let obstacle = body.append(source, to: &draft) { return obstacle }
    if let obstacle = event?.apply(to: &draft, source, isRecordValue: isRecordValue) { return obstacle }
    for i in steps.indices {
      if let obstacle = steps[i].apply(to: &draft, record, view, context) { return obstacle }
    }
    credentials.apply(
      to: &draft, id: view.id(of: record, from: context.origin), milliseconds: context.wallMilliseconds)
    return nil
  }
}
