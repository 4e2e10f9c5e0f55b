package import FanOut
import Payload
package import Settings

/// The destinations' `when`, asked once for each record that comes. Belongs to one lane.
///
/// A record that a program has no answer for is not skipped: its delivery ends as a dead letter when its turn comes.
package final class WhenFilter {
  private struct Condition {
    let destination: Int
    /// Nil if it does not compile.
    let program: JQProgram?
    let name: String
  }
  private struct Place: Hashable {
    let assignment: AssignmentID
    let offset: Int64
  }
  private let conditions: [Condition]
  private let view: RecordView
  /// Why there is no answer, by record and destination, until the delivery asks for it.
  private var failures: [Place: [Int: JQFailure]] = [:]

  /// Nil where no destination has a `when`.
  /// - Parameter view: the lane's.
  package init?(_ settings: [DestinationSettings], _ view: RecordView) {
    self.view = view
    conditions = settings.indices.compactMap { d in
      settings[d].when.map {
        Condition(destination: d, program: try? JQProgram($0.program, for: .condition), name: settings[d].name)
      }
    }
    if conditions.isEmpty { return nil }
  }

  /// Bit `d` says that the record is not for destination `d`.
  package func skipped(_ record: Record, _ context: RenderContext) -> UInt64 {
    let input = JQRecord.input(record, view, context)
    var skipped: UInt64 = 0
    for condition in conditions {
      let answer =
        condition.program.map { program in view.meter.time(condition.name) { program.holds(for: input) } }
        ?? .failure(JQFailure("it does not compile"))
      switch answer {
      case .success(let holds): if !holds { skipped |= 1 << UInt64(condition.destination) }
      case .failure(let failure):
        let place = Place(assignment: record.assignment, offset: record.offset)
        failures[place, default: [:]][condition.destination] = failure
      }
    }
    return skipped
  }

  /// What stands in the way of the record's delivery, or nil. It is told once.
  package func takeObstacle(to record: Record, _ destination: Int) -> Outcome? {
    if failures.isEmpty { return nil }
    let place = Place(assignment: record.assignment, offset: record.offset)
    guard let failure = failures[place]?.removeValue(forKey: destination) else { return nil }
    if failures[place]?.isEmpty == true { failures[place] = nil }
    return .unsendable(.template, AttemptFailure(message: "when: \(failure.message)", detail: failure.detail))
  }

  /// The same for a batch.
  package func takeObstacles(to batch: BatchAttempt) -> BatchOutcome? {
    if failures.isEmpty { return nil }
    let obstacles = batch.members.map { takeObstacle(to: $0.record, Int(batch.id.destination)) }
    return obstacles.contains { $0 != nil } ? .each(obstacles.map { $0 ?? .stale }) : nil
  }

  /// Records of an assignment that has ended will be asked about again.
  package func forget(_ assignment: AssignmentID) {
    if failures.isEmpty { return }
    failures = failures.filter { $0.key.assignment != assignment }
  }
}
