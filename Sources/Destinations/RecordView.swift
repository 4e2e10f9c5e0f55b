package import FanOut
package import Payload

/// What is inside a record: its JSON and its id, worked out when first asked for and kept until the next record, so that
/// they are for all destinations and templates together. One for a lane.
package final class RecordView {
  private let document = JSONDocument()
  /// Whose JSON and id they are. Holding it keeps its bytes where `document` reads them.
  private var record: Record?
  /// nil: not looked at yet.
  private var isJSON: Bool?
  private var id: RecordID?
  var traces: TraceIDs
  /// Of the lane's jq programs.
  package let meter = JQMeter()

  /// - Parameter seed: of the ids that requests have in traces.
  package init(seed: UInt64 = 0) { traces = TraceIDs(seed: seed) }

  /// The record's value taken apart; nil if it is not one JSON text. Good until the next record is asked about.
  package func json(of record: Record) -> JSONDocument? {
    turn(to: record)
    if isJSON == nil { isJSON = unsafe record.withValue { unsafe document.read(padded: $0) } }
    return isJSON == true ? document : nil
  }

  package func id(of record: Record, from origin: RecordOrigin) -> RecordID {
    turn(to: record)
    let known = id ?? origin.id(of: record)
    id = known
    return known
  }

  private func turn(to record: Record) {
    if let last = self.record, last === record { return }
    self.record = record
    isJSON = nil
    id = nil
  }
}
