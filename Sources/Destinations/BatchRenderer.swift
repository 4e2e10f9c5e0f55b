package import FanOut
package import HTTPWire
import Payload
package import Settings

/// The settings of a destination that takes several records in one request, compiled once; belongs to one lane.
///
/// `prepare`, then `write` where nothing stands in the way. Nothing but the body depends on the records, and the
/// `Idempotency-Key`: that is of all of them in their order, so that the same batch has the same one again.
package final class BatchRenderer {
  package struct Item {
    package let record: Record
    package let context: RenderContext

    package init(_ record: Record, _ context: RenderContext) {
      self.record = record
      self.context = context
    }
  }

  private let view: RecordView
  private let target: TemplateProgram
  private let headers: TemplateProgram
  private let body: BatchBody
  /// What makes an item.
  private let item: BodyProgram
  private let isRecordValue: Bool
  /// Where the items are events.
  private var event: CloudEventStep?
  private var eventText = ByteBuffer()
  private var credentials: Credentials
  private let needsIDs: Bool
  private let sendsKey: Bool
  /// nil without compression; nil in it where zlib had no memory.
  private let gzip: Gzip??
  private var draft = RequestDraft()
  private var itemDraft = RequestDraft()
  /// Of the records that were prepared last, where they are needed for the results.
  package private(set) var ids: [RecordID] = []

  /// nil where the settings ask for a request each.
  /// - Parameter view: the lane's.
  package init?(_ settings: DestinationSettings, _ view: RecordView, _ credentials: Credentials = .none) {
    guard let batch = settings.batch else { return nil }
    self.view = view
    self.credentials = credentials
    body = BatchBody(batch.format)
    item = BodyProgram(settings)
    isRecordValue = settings.body == .raw
    event = settings.cloudEvents.map { CloudEventStep($0) }
    target = TargetTemplates.program(settings)
    headers = HeaderTemplates.program(settings, [("Content-Type", body.contentType)])
    sendsKey =
      settings.sendsIdempotencyKey && !settings.headers.contains { $0.name.lowercased() == "idempotency-key" }
    needsIDs = sendsKey || settings.signing != nil || batch.results?.id != nil
    gzip = settings.compressesBody ? .some(Gzip()) : nil
    draft.method = settings.method.name
  }

  /// Requests that are prepared from now on have other credentials.
  package func take(_ credentials: Credentials) { self.credentials = credentials }

  /// What stands in the way: of each record, where those without an obstacle are `stale`, or of the request. Nil if
  /// nothing does: then the request is finished.
  /// - Parameter items: at least one.
  package func prepare(_ items: [Item]) -> BatchOutcome? {
    draft.clear()
    ids.removeAll(keepingCapacity: true)
    var obstacles: [Int: Outcome] = [:]
    for (i, item) in items.enumerated() {
      if needsIDs { ids.append(view.id(of: item.record, from: item.context.origin)) }
      if let obstacle = append(item, isFirst: i == 0) { obstacles[i] = obstacle }
    }
    guard obstacles.isEmpty else { return .each(items.indices.map { obstacles[$0] ?? .stale }) }
    return items.first.flatMap { finish($0) }.map { .all($0) }
  }

  private func append(_ item: Item, isFirst: Bool) -> Outcome? {
    if isRecordValue, event == nil {
      guard view.json(of: item.record) != nil else {
        return .unsendable(.template, AttemptFailure(message: "the value is not JSON, as the items of a batch are"))
      }
      unsafe item.record.withValue { unsafe body.append($0, isFirst: isFirst, to: &draft.body) }
      return nil
    }
    itemDraft.clear()
    let source = TemplateSource(record: item.record, view: view, context: item.context)
    if let obstacle = self.item.append(source, to: &itemDraft) { return obstacle }
    if event != nil, let obstacle = makeEvent(source) { return obstacle }
    unsafe itemDraft.body.withBytes { unsafe body.append($0, isFirst: isFirst, to: &draft.body) }
    return nil
  }

  /// Puts an event about the item in its place.
  private func makeEvent(_ source: TemplateSource) -> Outcome? {
    let own = itemDraft.takeHeader("content-type")
    let type = own ?? item.headers.first { $0.name == "Content-Type" }.map { Array($0.value.utf8) }
    let hasData = !isRecordValue || source.record.hasValue
    eventText.clear()
    let obstacle = unsafe itemDraft.body.withBytes { bytes in
      let data = unsafe CloudEventStep.Data(
        bytes: hasData ? bytes : nil, contentType: hasData ? type : nil, isRecordValue: isRecordValue)
      return unsafe event?.append(source, data, to: &eventText)
    }
    swap(&itemDraft.body, &eventText)
    return obstacle
  }

  /// - Parameter first: stands for all where nothing depends on which it is.
  private func finish(_ first: Item) -> Outcome? {
    body.end(&draft.body)
    let source = TemplateSource(record: first.record, view: view, context: first.context)
    if let problem = target.append(source, to: &draft.target) { return problem.outcome }
    if let problem = headers.append(source, to: &draft.headers) { return problem.outcome }
    if sendsKey, let id = RecordID.joint(ids) { IdempotencyKey.appendLine(id, to: &draft.headers) }
    if let gzip {
      guard let gzip, draft.compress(gzip) else {
        return .unavailable(AttemptFailure(message: "no memory to compress the body"))
      }
    }
    let id = RecordID.joint(ids) ?? view.id(of: first.record, from: first.context.origin)
    credentials.apply(to: &draft, id: id, milliseconds: first.context.wallMilliseconds)
    return nil
  }

  /// Appends the whole request.
  package func write(into buffer: inout ByteBuffer) { draft.write(into: &buffer) }
}
