import FanOut

/// An engine with a clock of its own, told what happens step by step.
struct Script {
  var engine: FanOutEngine
  var now = Instant(nanoseconds: 1_000_000_000)
  var effects: [Effect] = []
  static let id = AssignmentID(epoch: 7)

  init(
    _ names: [String] = ["crm", "erp"], order: RecordOrder = .key, attempts: Int = 3,
    concurrency: ClosedRange<Int> = 8...8,
    maxAge: Nanoseconds? = nil, breaker: BreakerPolicy = BreakerPolicy(openAfter: 1_000, openFor: .seconds(30)),
    rate: Double? = nil, uncommittedMax: Int = 1_000, recordsMax: Int = 10_000,
    committed: CommittedPosition? = nil, batch: BatchPolicy? = nil, optional: Set<String> = [],
    keepsResults: Bool = false, seed: UInt64 = 1
  ) {
    let retry = RetryPolicy(
      attempts: attempts, backoffMin: .milliseconds(100), backoffMax: .seconds(1), maxAge: maxAge)
    engine = FanOutEngine(
      policy: EnginePolicy(
        destinations: names.map {
          DestinationPolicy(
            name: $0, order: order, retry: retry, breaker: breaker, concurrency: concurrency, rate: rate,
            batch: batch, isRequired: !optional.contains($0))
        },
        commitEvery: .milliseconds(250), uncommittedMax: uncommittedMax, recordsMax: recordsMax, bytesMax: 1 << 30,
        drain: .seconds(5), keepsResults: keepsResults), seed: seed)
    tell(.assigned(Self.id, TopicPartition(topic: "orders", partition: 0), committed))
  }

  /// Handles one event and returns what it brought about.
  @discardableResult
  mutating func tell(_ event: Event) -> [Effect] {
    var new: [Effect] = []
    engine.handle(event, at: now, into: &new)
    effects += new
    return new
  }

  mutating func receive(_ offset: Int64, key: String? = nil, id: AssignmentID = Script.id) -> [Attempt] {
    // Not in one expression, which would keep a copy of the whole engine while it works.
    let effects = tell(.received(record(offset, key: key, id: id)))
    return attempts(effects)
  }

  mutating func after(_ wait: Nanoseconds) -> [Effect] {
    now = now + wait
    return tell(.tick)
  }

  mutating func accept(_ attempts: [Attempt]) -> [Attempt] {
    attempts.flatMap { attempt in
      let effects = tell(.finished(attempt.id, .accepted(status: 204)))
      return self.attempts(effects)
    }
  }
}

func record(_ offset: Int64, key: String?, id: AssignmentID = Script.id, valueBytes: Int = 2) -> Record {
  let value = [UInt8](repeating: UInt8(ascii: "1"), count: valueBytes)
  return unsafe value.withUnsafeBytes { value in
    guard let key else {
      return unsafe Record.make(
        assignment: id, offset: offset, timestampMilliseconds: 0, key: nil,
        headers: UnsafeRawBufferPointer(start: nil, count: 0), value: value)
    }
    return unsafe Array(key.utf8).withUnsafeBytes { key in
      unsafe Record.make(
        assignment: id, offset: offset, timestampMilliseconds: 0, key: key,
        headers: UnsafeRawBufferPointer(start: nil, count: 0), value: value)
    }
  }
}

extension Script {
  func attempts(_ effects: [Effect]) -> [Attempt] {
    effects.compactMap { if case .attempt(let attempt) = $0 { attempt } else { nil } }
  }
  static func commits(_ effects: [Effect]) -> [Int64] {
    effects.compactMap { if case .commit(_, let offset, _) = $0 { offset } else { nil } }
  }
  static func letters(_ effects: [Effect]) -> [(id: DeliveryID, letter: DeadLetter)] {
    effects.compactMap { if case .deadLetter(let id, _, let letter) = $0 { (id, letter) } else { nil } }
  }
}
