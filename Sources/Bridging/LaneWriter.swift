import FanOut
import Kafka
import Telemetry

/// What one lane puts on topics, dead letters and results rows, and the log lines about it.
struct LaneWriter {
  private struct Buried {
    let place: TopicPartition
    let offset: Int64
    let destination: String
    let letter: DeadLetter
  }

  private let parts: LaneParts
  /// One line a second at most, by destination: an API that refuses everything makes many dead letters.
  private var letterLines: [ThrottledEvents<Buried>]
  private var unwrittenLetters = ThrottledEvents<KafkaError>(every: .seconds(1))
  private var unwrittenRows = ThrottledEvents<KafkaError>(every: .seconds(1))

  init(_ parts: LaneParts) {
    self.parts = parts
    letterLines = parts.destinations.map { _ in ThrottledEvents(every: .seconds(1)) }
  }

  /// `nil`: the lane will hear. An error: it will not.
  mutating func bury(
    _ id: DeliveryID, _ record: Record, _ letter: DeadLetter, from partition: TopicPartition, at now: Instant
  ) -> KafkaError? {
    let name = parts.destinations[Int(id.destination)].name
    let buried = Buried(place: partition, offset: record.offset, destination: name, letter: letter)
    if case .emit(let untold) = letterLines[Int(id.destination)].admit(buried, at: now) { tell(buried, untold) }
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

  /// What was left out since the last line, when the next one might come; at the end of time all of it.
  mutating func tellUntold(at now: Instant) {
    for d in letterLines.indices {
      if let (buried, untold) = letterLines[d].overdue(at: now) { tell(buried, untold) }
    }
    if let (error, untold) = unwrittenLetters.overdue(at: now) { tellUnwritten(error, isRow: false, untold) }
    if let (error, untold) = unwrittenRows.overdue(at: now) { tellUnwritten(error, isRow: true, untold) }
  }

  private func tell(_ buried: Buried, _ untold: Int) {
    let (letter, status) = (buried.letter, buried.letter.failure.status)
    let fields = LogFields(
      topic: buried.place.topic, partition: buried.place.partition, offset: buried.offset,
      destination: buried.destination, attempt: letter.attempts, status: status == 0 ? nil : Int(status))
    let more = ThrottledEvents<Buried>.more(untold)
    parts.logger.log(.warn, "dead letter: \(letter.reason.rawValue): \(letter.failure.message)\(more)", fields)
  }

  private mutating func logUnwritten(_ error: KafkaError, isRow: Bool, at now: Instant) {
    let verdict = isRow ? unwrittenRows.admit(error, at: now) : unwrittenLetters.admit(error, at: now)
    if case .emit(let untold) = verdict { tellUnwritten(error, isRow: isRow, untold) }
  }

  private func tellUnwritten(_ error: KafkaError, isRow: Bool, _ untold: Int) {
    let more = ThrottledEvents<KafkaError>.more(untold)
    parts.logger.log(.error, "a \(isRow ? "results row" : "dead letter") could not be written: \(error)\(more)")
  }
}
