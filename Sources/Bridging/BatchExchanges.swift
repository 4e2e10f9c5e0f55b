import Destinations
import FanOut
import HTTPWire
import Settings

/// One destination's requests for several records in one lane: how they are made, and how their responses are read.
struct BatchExchanges {
  /// What was sent, where the response says what became of each record.
  private struct Sent {
    let records: Int
    let ids: [RecordID]
  }

  let renderer: BatchRenderer
  private let results: ItemResults?
  private var sent: [BatchID: Sent] = [:]

  /// nil where the settings ask for a request each.
  init?(_ settings: DestinationSettings, _ view: RecordView, _ credentials: Credentials) {
    guard let renderer = BatchRenderer(settings, view, credentials) else { return nil }
    self.renderer = renderer
    results = settings.batch?.results.map { ItemResults($0) }
  }

  /// Finishes the request, or gives what comes of it instead.
  mutating func prepare(
    _ batch: BatchAttempt, _ origins: [AssignmentID: RecordOrigin], wallMilliseconds: Int64
  ) -> BatchOutcome? {
    let items = batch.members.compactMap { member in
      origins[member.id.assignment].map { origin in
        BatchRenderer.Item(
          member.record, RenderContext(origin: origin, attempt: member.number, wallMilliseconds: wallMilliseconds))
      }
    }
    // A partition was lost in this turn: the engine makes a batch of what is left.
    guard items.count == batch.members.count else { return .all(.stale) }
    if let obstacle = renderer.prepare(items) { return obstacle }
    if let results { sent[batch.id] = Sent(records: items.count, ids: results.goesByID ? renderer.ids : []) }
    return nil
  }

  /// - Parameter keep: what a results row keeps of the response, or of each record's item in it.
  mutating func outcome(
    of result: ExchangeResult.Result, of id: BatchID, _ rules: ResponseRules, _ questions: ResponseQuestions?,
    _ keep: ResponseKeep?
  ) -> BatchOutcome {
    let outcome = rules.outcome(of: result, questions)
    guard let results, let sent = sent.removeValue(forKey: id), case .accepted(let status, _) = outcome,
      case .response(let response) = result
    else {
      guard let keep, case .response(let response) = result else { return .all(outcome) }
      return .all(outcome.keeping(keep.kept(of: response)))
    }
    return results.outcome(
      of: response.body, isCut: response.isBodyCut, status: status, records: sent.records, ids: sent.ids, rules,
      keep)
  }
}
