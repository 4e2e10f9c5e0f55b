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
  private let conditions: [Condition]
  private let view: RecordView
  /// Destinations whose program has had no answer for some record. They are asked again when a delivery's turn comes:
  /// while an API is away more records wait than answers could be kept of.
  private var unanswered: UInt64 = 0

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
      let bit: UInt64 = 1 << UInt64(condition.destination)
      switch answer(of: condition, input) {
      case .success(let holds): if !holds { skipped |= bit }
      case .failure: unanswered |= bit
      }
    }
    return skipped
  }

  /// What stands in the way of the delivery of a record that was not skipped, or nil.
  package func obstacle(to record: Record, _ destination: Int, _ context: RenderContext) -> Outcome? {
    guard unanswered & 1 << UInt64(destination) != 0,
      let condition = conditions.first(where: { $0.destination == destination })
    else { return nil }
    var context = context
    // As when it was asked first.
    context.attempt = 1
    guard case .failure(let failure) = answer(of: condition, JQRecord.input(record, view, context)) else { return nil }
    return .unsendable(.template, AttemptFailure(message: "when: \(failure.message)", detail: failure.detail))
  }

  /// The same for a batch.
  package func obstacles(
    to batch: BatchAttempt, _ origins: [AssignmentID: RecordOrigin], wallMilliseconds: Int64
  ) -> BatchOutcome? {
    let destination = Int(batch.id.destination)
    if unanswered & 1 << UInt64(destination) == 0 { return nil }
    let obstacles = batch.members.map { member in
      origins[member.id.assignment].flatMap { origin in
        obstacle(
          to: member.record, destination,
          RenderContext(origin: origin, attempt: member.number, wallMilliseconds: wallMilliseconds))
      }
    }
    return obstacles.contains { $0 != nil } ? .each(obstacles.map { $0 ?? .stale }) : nil
  }

  private func answer(of condition: Condition, _ input: borrowing JQInput) -> Result<Bool, JQFailure> {
    guard let program = condition.program else { return .failure(JQFailure("it does not compile")) }
    return view.meter.time(condition.name) { program.holds(for: input) }
  }
}
