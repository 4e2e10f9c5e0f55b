import FanOut
import Kafka
import Telemetry

/// What one lane puts on topics, dead letters and results rows, and the log lines about it.
struct LaneWriter {
  private let parts: LaneParts
  /// One line a second at most, by destination: an API that refuses everything makes many dead letters.
  private var letterLines: [LogThrottle]
  private var unwrittenLetters = LogThrottle(intervalNanoseconds: 1_000_000_000)
  private var unwrittenRows = LogThrottle(intervalNanoseconds: 1_000_000_000)

  init(_ parts: LaneParts) {
    self.parts = parts
    letterLines = parts.destinations.map { _ in LogThrottle(intervalNanoseconds: 1_000_000_000) }
  }

  /// `nil`: the lane will hear. An error: it will not.
  mutating func bury(
    _ id: DeliveryID, _ record: Record, _ letter: DeadLetter, from partition: TopicPartition, at now: Instant
  ) -> KafkaError? {
    let name = parts.destinations[Int(id.destination)].name
    var fields = LogFields()
    (fields.topic, fields.partition, fields.offset) = (partition.topic, partition.partition, record.offset)
    (fields.destination, fields.attempt, fields.status) = (
      name, letter.attempts, letter.failure.status == 0 ? nil : Int(letter.failure.status)
    )
    let throttle = letterLines[Int(id.destination)].admit(atNanoseconds: now.nanoseconds)
    if case .emit(let untold) = throttle {
      let more = untold == 0 ? "" : " (and \(untold) more since the last line)"
      parts.logger.log(.warn, "dead letter: \(letter.reason.rawValue): \(letter.failure.message)\(more)", fields)
    }
    let outgoing = OutgoingLetter(
      record, from: partition, destination: name, letter: letter, now: now,
      wallMilliseconds: Logger.wallClockMilliseconds(), keepsResponse: parts.excerptBytes > 0,
      connector: parts.connector)
    return parts.writer.write(id, lane: parts.index, .letter(outgoing, topic: parts.deadLetterTopic, .whole))
  }

  /// The same of a results row.
  func write(_ id: DeliveryID, _ record: Record, _ row: ResultRow, from partition: TopicPartition) -> KafkaError? {
    guard let layout = parts.rows else { return .closed }
    let outgoing = OutgoingRow(record: record, place: partition, row: row, layout: layout)
    return parts.writer.write(id, lane: parts.index, .row(outgoing, .whole))
  }

  /// What the engine is told of a write that has ended.
  mutating func event(_ result: TopicWriter.Result, at now: Instant) -> Event {
    let isRow = Int(result.id.destination) == parts.destinations.count
    if let error = result.error { logUnwritten(error, isRow: isRow, at: now) }
    let error = result.error?.description
    return isRow ? .resultWritten(result.id, error: error) : .deadLetterWritten(result.id, error: error)
  }

  /// What was left out since the last line, when the next one might come; of the end of time, all of it.
  mutating func tellUntold(at now: Instant) {
    for (d, destination) in parts.destinations.enumerated() {
      guard let count = letterLines[d].overdue(atNanoseconds: now.nanoseconds) else { continue }
      parts.logger.log(
        .warn, "dead letter: \(count) more since the last line", LogFields(destination: destination.name))
    }
    if let count = unwrittenLetters.overdue(atNanoseconds: now.nanoseconds) {
      parts.logger.log(.error, "a dead letter could not be written: \(count) more times since the last line")
    }
    if let count = unwrittenRows.overdue(atNanoseconds: now.nanoseconds) {
      parts.logger.log(.error, "a results row could not be written: \(count) more times since the last line")
    }
  }

  private mutating func logUnwritten(_ error: KafkaError, isRow: Bool, at now: Instant) {
    let throttle =
      isRow
      ? unwrittenRows.admit(atNanoseconds: now.nanoseconds) : unwrittenLetters.admit(atNanoseconds: now.nanoseconds)
    guard case .emit(let untold) = throttle else { return }
    let more = untold == 0 ? "" : " (and \(untold) more since the last line)"
    parts.logger.log(.error, "a \(isRow ? "results row" : "dead letter") could not be written: \(error)\(more)")
  }
}
