import FanOut

// Scripts with batches.

extension Script {
  static let accepted = BatchOutcome.all(.accepted(status: 204))
  static func status(_ status: UInt16) -> AttemptFailure { AttemptFailure(status: status, message: "status \(status)") }

  static func batching(
    order: RecordOrder = .none, records: Int = 4, bytes: Int = 1_000, waits: Int64 = 50, isWhole: Bool = true,
    attempts: Int = 3, concurrency: ClosedRange<Int> = 8...8, rate: Double? = nil, uncommittedMax: Int = 1_000,
    breaker: BreakerPolicy = BreakerPolicy(openAfter: 1_000, openFor: .seconds(30))
  ) -> Script {
    Script(
      ["crm"], order: order, attempts: attempts, concurrency: concurrency, breaker: breaker, rate: rate,
      uncommittedMax: uncommittedMax,
      batch: BatchPolicy(recordsMax: records, bytesMax: bytes, wait: .milliseconds(waits), isWhole: isWhole))
  }

  /// What a turn starts.
  mutating func turn() -> [BatchAttempt] { Self.batches(after(.zero)) }
  mutating func later(_ milliseconds: Int64) -> [BatchAttempt] { Self.batches(after(.milliseconds(milliseconds))) }

  /// What the end of a batch starts, and the turn after it.
  mutating func end(_ batch: BatchAttempt, _ outcome: BatchOutcome) -> [BatchAttempt] {
    let effects = tell(.batchFinished(batch.id, outcome))
    return Self.batches(effects) + turn()
  }

  static func batches(_ effects: [Effect]) -> [BatchAttempt] {
    effects.compactMap { if case .attemptBatch(let batch) = $0 { batch } else { nil } }
  }

  /// The offsets of the records that were dead-lettered.
  var letters: [Int64] {
    effects.compactMap { if case .deadLetter(_, let record, _) = $0 { record.offset } else { nil } }
  }
}

extension BatchAttempt { var offsets: [Int64] { members.map(\.record.offset) } }
