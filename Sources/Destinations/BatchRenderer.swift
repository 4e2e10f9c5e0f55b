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
  /// What makes an item; nil for the record's value as it is.
  private let item: BodyProgram?
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
  package init?(_ settings: DestinationSettings, _ view: RecordView) {
    guard let batch = settings.batch else { return nil }
    self.view = view
    body = BatchBody(batch.format)
    item = settings.body == .raw ? nil : BodyProgram(settings)
    target = TargetTemplates.program(settings)
    headers = HeaderTemplates.program(settings, [("Content-Type", body.contentType)])
    sendsKey =
      settings.sendsIdempotencyKey && !settings.headers.contains { $0.name.lowercased() == "idempotency-key" }
    needsIDs = sendsKey || batch.results?.id != nil
    gzip = settings.compressesBody ? .some(Gzip()) : nil
    draft.method = settings.method.name
  }

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
    guard let program = self.item else {
      guard view.json(of: item.record) != nil else {
        return .unsendable(.template, AttemptFailure(message: "the value is not JSON, as the items of a batch are"))
      }
      unsafe item.record.withValue { unsafe body.append($0, isFirst: isFirst, to: &draft.body) }
      return nil
    }
    itemDraft.clear()
    let source = TemplateSource(record: item.record, view: view, context: item.context)
    if let obstacle = program.append(source, to: &itemDraft) { return obstacle }
    unsafe itemDraft.body.withBytes { unsafe body.append($0, isFirst: isFirst, to: &draft.body) }
    return nil
  }

  /// - Parameter first: stands for all where nothing depends on which it is.
  private func finish(_ first: Item) -> Outcome? {
    body.end(&draft.body)
    let source = TemplateSource(record: first.record, view: view, context: first.context)
    if let problem = target.append(source, to: &draft.target) { return problem.outcome }
    if let problem = headers.append(source, to: &draft.headers) { return problem.outcome }
    if sendsKey, let id = RecordID.joint(ids) { IdempotencyKey.appendLine(id, to: &draft.headers) }
    guard let gzip else { return nil }
    if let gzip, draft.compress(gzip) { return nil }
    return .unavailable(AttemptFailure(message: "no memory to compress the body"))
  }

  /// Appends the whole request.
  package func write(into buffer: inout ByteBuffer) { draft.write(into: &buffer) }
}
