package import FanOut
import Payload
package import Settings

/// Reads what an API says of each record of a batch: a list in the response's JSON, as Elasticsearch's bulk API has it.
/// Belongs to one lane.
///
/// | The response | Outcome |
/// |---|---|
/// | is no success | of the batch as a whole |
/// | has a list of as many items as records, each with a status | of each record, as a response with that status |
/// | names an id for each record, once | the same, by id |
/// | anything else | the batch failed: nobody knows what became of which record |
package struct ItemResults {
  private let list: JSONPath
  private let id: JSONPath?
  private let status: JSONPath
  private let document = JSONDocument()

  package init(_ settings: ItemResultSettings) {
    list = Self.path(settings.path)
    id = settings.id.map { Self.path($0) }
    status = Self.path(settings.status)
  }

  private static func path(_ dotted: String) -> JSONPath {
    JSONPath(dotted.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
  }

  /// Whether `ids` are needed.
  package var goesByID: Bool { id != nil }

  /// - Parameters:
  ///   - body: of a success.
  ///   - isCut: it went on after that.
  ///   - ids: of the records, in the request's order; empty unless `goesByID`.
  ///   - keep: of each record's item.
  package func outcome(
    of body: [UInt8], isCut: Bool, status: UInt16, records: Int, ids: [RecordID], _ rules: ResponseRules,
    _ keep: ResponseKeep? = nil
  ) -> BatchOutcome {
    func failed(_ why: String) -> BatchOutcome {
      .all(.failed(AttemptFailure(status: status, message: "the API answered \(status), but \(why)")))
    }
    if isCut { return failed("its results are longer than \(body.count) bytes") }
    guard unsafe body.withUnsafeBytes({ unsafe document.read(copying: $0) }) else { return failed("not in JSON") }
    guard let array = document.find(list), array.kind == .array else { return failed("there is no list of results") }
    var outcomes: [Outcome?] = id == nil ? [] : Array(repeating: nil, count: ids.count)
    let places = id == nil ? [:] : Dictionary(ids.enumerated().map { ($1.string, $0) }) { first, _ in first }
    var problem: String?
    document.forEachItem(of: array) { item in
      guard outcomes.count < records || id != nil else {
        problem = "there are more than \(records) results"
        return false
      }
      guard let outcome = outcome(of: item, rules, keep) else {
        problem = "a result has no status"
        return false
      }
      guard let id else {
        outcomes.append(outcome)
        return true
      }
      guard let place = text(document.find(id, in: item)).flatMap({ places[$0] }), outcomes[place] == nil else {
        problem = "a result's id is no record's, or another result's too"
        return false
      }
      outcomes[place] = outcome
      return true
    }
    if let problem { return failed(problem) }
    let known = outcomes.compactMap(\.self)
    guard known.count == records else { return failed("there are \(known.count) results for \(records) records") }
    return .each(known)
  }

  private func outcome(of item: JSONDocument.Value, _ rules: ResponseRules, _ keep: ResponseKeep?) -> Outcome? {
    guard let value = document.find(status, in: item), value.kind == .number, let text = text(value),
      let status = UInt16(text), (100...599).contains(status)
    else { return nil }
    let body = unsafe document.withBytes(of: item) { unsafe Array($0) }
    let outcome = rules.outcome(status: status, body: body)
    return keep.map { outcome.keeping($0.kept(of: body)) } ?? outcome
  }

  private func text(_ value: JSONDocument.Value?) -> String? {
    guard let value else { return nil }
    return unsafe document.withText(of: value) { text in unsafe text.map { unsafe String(decoding: $0, as: UTF8.self) }
    }
  }
}
