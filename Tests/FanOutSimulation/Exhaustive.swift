package import FanOut

/// Every order in which what can happen to three records on their way to two destinations can happen, to a depth: each
/// request may be accepted, refused, fail or hang, each commit and dead letter arrive or not, time pass, the bridge crash
/// once and lose its partition once. Then nothing more goes wrong, and all must settle. The oracle is the simulation's.
package struct Exhaustive: Sendable {
  package struct Report: Sendable {
    package var paths = 0
    package var failure: String?
  }

  private enum Choice: Sendable {
    case accept(Int), refuse(Int), fail(Int), hang(Int)
    /// Of a batch: the first one is taken, and no answer comes; or it is accepted and the others are refused.
    case hangBehindFirst(Int), acceptFirst(Int)
    case commitArrives(Int), commitAnswerLost(Int), commitLost(Int)
    case letterArrives(Int), letterLost(Int)
    case timePasses
    /// What is on its way arrives all the same, or does not.
    case crash(arrives: Bool)
    /// The partition is gone, and comes back: what is on its way is answered to an assignment that is over.
    case lose
  }

  private struct Request: Sendable {
    var items: [(id: DeliveryID, ordinal: Int)]
    var batch: BatchID?
  }

  private let fault: PlantedFault?
  private var oracle: Oracle
  private var engine: FanOutEngine
  private var now: Int64 = second
  private var requests: [Request] = []
  private var letters: [(id: DeliveryID, ordinal: Int)] = []
  private var commits: [Int] = []
  private var hasCrashed = false
  private var hasLost = false
  private var outbox: [Shell.Outgoing] = []

  package struct Extras: Sendable {
    package var keepsResults = false
    /// `erp` is.
    package var isOptional = false
    /// By record: one bit for each destination that it is not for.
    package var skips: [UInt64] = [0, 0, 0]
    package init() {}
  }

  /// - Parameter keys: of the records, -1 for none.
  package static func explore(
    order: RecordOrder, keys: [Int], uncommittedMax: Int, batch: BatchPolicy? = nil, extras: Extras = Extras(),
    depth: Int, fault: PlantedFault? = nil
  ) -> Report {
    let scenario = scenario(order: order, keys: keys, uncommittedMax: uncommittedMax, batch: batch, extras)
    var report = Report()
    var path: [Int] = []
    Exhaustive(scenario, fault: fault, isTelling: false).explore(depth, &path, &report)
    guard report.failure != nil else { return report }
    var told = Exhaustive(scenario, fault: fault, isTelling: true)
    for choice in path { told.take(told.choices[choice]) }
    told.finish()
    report.failure = (told.oracle.story ?? []).suffix(40).joined(separator: "\n")
    return report
  }

  /// The first failure ends it; `path` then leads there.
  private func explore(_ depth: Int, _ path: inout [Int], _ report: inout Report) {
    let choices = choices
    for index in choices.indices {
      var next = self
      path.append(index)
      next.take(choices[index])
      if depth > 1, next.oracle.violation == nil {
        next.explore(depth - 1, &path, &report)
        if report.failure != nil { return }
      } else {
        next.finish()
        report.paths += 1
      }
      if next.oracle.violation != nil {
        report.failure = "found"
        return
      }
      path.removeLast()
    }
  }

  private var choices: [Choice] {
    var choices: [Choice] = []
    for index in requests.indices { choices += [.accept(index), .refuse(index), .fail(index), .hang(index)] }
    for index in requests.indices where requests[index].items.count > 1 {
      choices.append(.hangBehindFirst(index))
      let destination = Int(requests[index].items[0].id.destination)
      if oracle.policy.destinations[destination].batch?.isWhole == false { choices.append(.acceptFirst(index)) }
    }
    for index in commits.indices { choices += [.commitArrives(index), .commitAnswerLost(index), .commitLost(index)] }
    for index in letters.indices { choices += [.letterArrives(index), .letterLost(index)] }
    if engine.nextDeadline != nil { choices.append(.timePasses) }
    if !hasLost { choices.append(.lose) }
    if !hasCrashed { choices += [.crash(arrives: true), .crash(arrives: false)] }
    return choices
  }

  // MARK: - Steps

  private mutating func take(_ choice: Choice) {
    switch choice {
    case .accept(let index): answer(index, .all(.accepted(status: 204)), had: .max)
    case .refuse(let index): answer(index, .all(Self.refusal), had: 0)
    case .fail(let index):
      answer(index, .all(.failed(AttemptFailure(status: 500, message: "status 500"))), had: 0)
    case .hang(let index): hang(index, had: .max)
    case .hangBehindFirst(let index): hang(index, had: 1)
    case .acceptFirst(let index):
      let others = requests[index].items.dropFirst().map { _ in Self.refusal }
      answer(index, .each([.accepted(status: 204)] + others), had: 1)
    case .commitArrives(let index): answer(commits.remove(at: index), isTaken: true, .committed)
    case .commitAnswerLost(let index): answer(commits.remove(at: index), isTaken: true, .unknown("_TIMED_OUT"))
    case .commitLost(let index): answer(commits.remove(at: index), isTaken: false, .unknown("_TIMED_OUT"))
    case .letterArrives(let index):
      has(letters[index])
      answerLetter(index, error: nil)
    case .letterLost(let index): answerLetter(index, error: "timed out")
    case .timePasses: pass(max(0, (engine.nextDeadline?.nanoseconds ?? now) - now))
    case .crash(let arrives): crash(arrives)
    case .lose: lose()
    }
    turn()
  }

  private mutating func pass(_ time: Int64) {
    now += time
    oracle.now = now
  }

  private static let refusal = Outcome.refused(.rejected, AttemptFailure(status: 400, message: "status 400"))

  private mutating func has(_ item: (id: DeliveryID, ordinal: Int)) {
    if isRow(item.id) { return oracle.partitions[0].hasRow[item.ordinal] = true }
    oracle.destinationHas(0, item.ordinal, Int(item.id.destination))
  }

  private func isRow(_ id: DeliveryID) -> Bool { Int(id.destination) == oracle.names.count }

  private mutating func answerLetter(_ index: Int, error: String?) {
    let id = letters.remove(at: index).id
    tell(isRow(id) ? .resultWritten(id, error: error) : .deadLetterWritten(id, error: error))
  }

  /// - Parameter had: so many of its records are at the destination then.
  private mutating func answer(_ index: Int, _ outcome: BatchOutcome, had: Int) {
    let request = requests.remove(at: index)
    for item in request.items.prefix(had) { has(item) }
    if let batch = request.batch { return tell(.batchFinished(batch, outcome)) }
    if case .all(let outcome) = outcome { tell(.finished(request.items[0].id, outcome)) }
  }

  private mutating func hang(_ index: Int, had: Int) {
    oracle.mayRepeat = true
    pass(second)
    answer(index, .all(.failed(AttemptFailure(isTimeout: true, message: "no answer in time"))), had: had)
  }

  private mutating func answer(_ commit: Int, isTaken: Bool, _ result: CommitResult) {
    if isTaken { oracle.commitApplied(commit) }
    let known = oracle.commits[commit]
    tell(.committed(AssignmentID(epoch: UInt32(known.assignment)), offset: known.offset, result))
  }

  private mutating func crash(_ arrives: Bool) {
    if arrives {
      for item in requests.flatMap(\.items) + letters { has(item) }
      for commit in commits { oracle.commitApplied(commit) }
    }
    hasCrashed = true
    (requests, letters, commits, outbox) = ([], [], [], [])
    oracle.crashed(0)
    begin()
  }

  private mutating func lose() {
    hasLost = true
    commits = []
    tell(.lost(AssignmentID(epoch: UInt32(oracle.views.count - 1))))
    assign()
  }

  private mutating func begin() {
    oracle.started(0)
    engine = FanOutEngine(policy: oracle.policy, seed: 1)
    engine.plant(fault)
    assign()
  }

  private mutating func assign() {
    tell(oracle.assign(0, to: 0, isPositionKnown: true))
    let assignment = oracle.views.count - 1
    for ordinal in oracle.views[assignment].start..<oracle.partitions[0].records.count {
      let record = Record.make(assignment, oracle.partitions[0].records[ordinal], salt: "")
      oracle.instances[0].heldRecords += 1
      oracle.instances[0].heldBytes += record.footprint
      tell(.received(record, skipped: oracle.partitions[0].records[ordinal].skips))
    }
  }

  private mutating func tell(_ event: Event) {
    oracle.tells(0, event)
    var effects: [Effect] = []
    engine.handle(event, at: Instant(nanoseconds: now), into: &effects)
    for effect in effects {
      oracle.emits(0, effect)
      outbox.append(Shell.Outgoing(effect: effect, commit: oracle.commits.count - 1))
    }
    oracle.wasTold(0, event)
  }

  private mutating func turn() {
    tell(.tick)
    for outgoing in outbox where oracle.violation == nil {
      switch outgoing.effect {
      case .attempt(let attempt): requests.append(Request(items: [item(attempt.id, attempt.record)]))
      case .attemptBatch(let batch):
        requests.append(Request(items: batch.members.map { item($0.id, $0.record) }, batch: batch.id))
      case .deadLetter(let id, let record, _), .result(let id, let record, _): letters.append(item(id, record))
      case .commit: commits.append(outgoing.commit)
      case .released, .credit, .drained, .notice: break
      }
    }
    outbox = []
  }

  private func item(_ id: DeliveryID, _ record: Record) -> (id: DeliveryID, ordinal: Int) {
    (id, oracle.partitions[0].ordinal(of: record.offset) ?? 0)
  }

  /// Nothing more goes wrong.
  private mutating func finish() {
    var steps = 0
    while oracle.violation == nil, !oracle.partitions[0].isSettled || !requests.isEmpty {
      steps += 1
      if steps > 500 { return oracle.fail(.unsettled) { _ in "after \(steps) steps" } }
      if !commits.isEmpty {
        take(.commitArrives(0))
      } else if !letters.isEmpty {
        take(.letterArrives(0))
      } else if !requests.isEmpty {
        take(.accept(0))
      } else if engine.nextDeadline != nil {
        take(.timePasses)
      } else {
        return oracle.fail(.unsettled) { _ in "nothing is planned" }
      }
    }
    if oracle.violation == nil { oracle.checkCredit(0) }
  }

  private init(_ scenario: Scenario, fault: PlantedFault?, isTelling: Bool) {
    self.fault = fault
    oracle = Oracle(scenario, isTelling: isTelling)
    engine = FanOutEngine(policy: scenario.policy, seed: 1)
    oracle.now = now
    oracle.isCapricious = true
    begin()
    turn()
  }
}

extension Exhaustive {
  fileprivate static func scenario(
    order: RecordOrder, keys: [Int], uncommittedMax: Int, batch: BatchPolicy?, _ extras: Extras
  ) -> Scenario {
    let retry = RetryPolicy(
      attempts: 2, backoffMin: .milliseconds(100), backoffMax: .milliseconds(100), maxAge: nil)
    let destinations = ["crm", "erp"].map { name in
      Scenario.DestinationPlan(
        policy: DestinationPolicy(
          name: name, order: order, retry: retry, breaker: BreakerPolicy(openAfter: 2, openFor: .seconds(1)),
          concurrency: 4...4, batch: batch), latency: 1...1, timeout: second, isCalm: false,
        isOptional: extras.isOptional && name == "erp",
        batches: batch.map { Scenario.BatchAPI(answersEach: !$0.isWhole, recordsMax: .max, bytesMax: .max) })
    }
    let records = keys.enumerated().map { index, key in
      Scenario.RecordPlan(
        offset: Int64(index * 2 + 5), key: key, valueBytes: 1, producedAt: 0, natures: [.fine, .fine],
        skips: extras.skips[index])
    }
    return Scenario(
      dice: 0, partitions: [Scenario.PartitionPlan(records: records, committed: nil)], destinations: destinations,
      instances: 1, faults: [],
      engine: Scenario.EnginePlan(
        commitEvery: .milliseconds(250), uncommittedMax: uncommittedMax, recordsMax: 100, bytesMax: 1 << 20,
        spanMax: 1_600,
        drain: .seconds(5), revocation: .seconds(4), keepsResults: extras.keepsResults),
      group: Scenario.GroupPlan(
        isEager: false, isStatic: false, sessionTimeout: second, commitLatency: 1...1, letterLatency: 1...1,
        fetchEvery: 1...1, fetchMax: 10))
  }
}
