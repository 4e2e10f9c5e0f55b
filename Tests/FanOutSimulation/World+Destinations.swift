import FanOut

// What destinations and the dead-letter topic do with what they are sent.

extension World {
  /// What becomes of one request.
  struct Fate {
    var outcome: Outcome
    var latency: Int64
    /// Whether the destination has the record then.
    var isTaken = false
  }

  mutating func send(_ instance: Int, _ attempt: Attempt) {
    let assignment = Int(attempt.id.assignment.epoch)
    let destination = Int(attempt.id.destination)
    let partition = oracle.views[assignment].partition
    guard let ordinal = oracle.partitions[partition].ordinal(of: attempt.record.offset) else { return }
    let nature = nature(partition, ordinal, destination)
    if nature == .unsendable {
      let failure = AttemptFailure(message: "no such field")
      return tell(instance, .finished(attempt.id, .unsendable(.template, failure)))
    }
    let fate = fate(destination, nature, isFresh: attempt.needsFreshConnection)
    if fate.isTaken {
      oracle.destinationHas(partition, ordinal, destination)
      if fate.outcome != .accepted(status: 204) { oracle.mayRepeat = true }
    }
    let outcome = policy.keepsResults ? fate.outcome.with(body: "\(attempt.record.offset)") : fate.outcome
    plan(.finished(attempt.id, outcome), to: instance, after: fate.latency)
  }

  func nature(_ partition: Int, _ ordinal: Int, _ destination: Int) -> Scenario.Nature {
    let nature = oracle.partitions[partition].records[ordinal].natures[destination]
    // Failures of bad records only cannot be told from an outage, so somebody repairs the destination in the end.
    return now > repairedAt && (nature == .poison || nature == .poisonHang) ? .fine : nature
  }

  mutating func fate(_ destination: Int, _ nature: Scenario.Nature, isFresh: Bool) -> Fate {
    let plan = scenario.destinations[destination]
    var latency = roll(plan.latency)
    for index in scenario.faults.indices where isActive[index] {
      guard case .spell(destination, let spell) = scenario.faults[index].kind else { continue }
      switch spell {
      case .slow: latency += roll(0...plan.timeout)
      case .closesIdleConnections where !isFresh && coin: return Fate(outcome: .stale, latency: millisecond)
      case .closesIdleConnections: break
      case .failsSometimes where coin: return failed(500, after: latency)
      case .failsSometimes: break
      case .fails: return failed(500, after: latency)
      case .refusesConnections: return unavailable(0, after: millisecond)
      case .unavailable(let status): return unavailable(status, after: latency)
      case .tooMany(let retryAfter): return unavailable(429, after: latency, retryAfter)
      case .hangs: return timedOut(plan.timeout, isTaken: nature == .fine && coin)
      case .losesAnswers:
        return Fate(
          outcome: .failed(AttemptFailure(message: "cut after the request was sent")), latency: latency,
          isTaken: nature == .fine)
      }
    }
    if latency >= plan.timeout { return timedOut(plan.timeout, isTaken: nature == .fine) }
    switch nature {
    case .fine: return Fate(outcome: .accepted(status: 204), latency: latency, isTaken: true)
    case .refused:
      return Fate(
        outcome: .refused(.rejected, AttemptFailure(status: 400, message: "status 400")), latency: latency)
    case .poison: return failed(500, after: latency)
    case .poisonHang, .unsendable: return timedOut(plan.timeout, isTaken: false)
    }
  }

  var coin: Bool { mutating get { dice.next() & 1 == 0 } }

  private func failed(_ status: UInt16, after latency: Int64) -> Fate {
    Fate(outcome: .failed(AttemptFailure(status: status, message: "status \(status)")), latency: latency)
  }

  private func unavailable(_ status: UInt16, after latency: Int64, _ retryAfter: Int64? = nil) -> Fate {
    let failure = AttemptFailure(
      status: status, message: status == 0 ? "connection refused" : "status \(status)",
      retryAfter: retryAfter.map { Nanoseconds(count: $0) })
    return Fate(outcome: .unavailable(failure), latency: latency)
  }

  func timedOut(_ timeout: Int64, isTaken: Bool) -> Fate {
    Fate(
      outcome: .failed(AttemptFailure(isTimeout: true, message: "no answer in time")), latency: timeout,
      isTaken: isTaken)
  }

  mutating func plan(_ answer: Event, to instance: Int, after latency: Int64) {
    requests.append(Request(instance: instance, life: shells[instance].life, answer: answer))
    queue.plan(.answer(Int32(requests.count - 1)), at: now + latency)
  }

  mutating func answer(_ index: Int) {
    let request = requests[index]
    receive(request.instance, request.life, request.answer)
  }

  /// Puts something into an instance's box, if that life of it still runs.
  mutating func receive(_ instance: Int, _ life: Int, _ event: Event) {
    guard shells[instance].isRunning, shells[instance].life == life else { return }
    shells[instance].inbox.append(event)
    wake(instance)
  }

  // MARK: - Dead letters and results rows

  mutating func write(_ instance: Int, _ id: DeliveryID, _ record: Record) {
    let partition = oracle.views[Int(id.assignment.epoch)].partition
    guard let ordinal = oracle.partitions[partition].ordinal(of: record.offset) else { return }
    var fate: Fault.LetterTrouble?
    for index in scenario.faults.indices where isActive[index] {
      if case .letters(let trouble) = scenario.faults[index].kind { fate = trouble }
    }
    letters.append(
      LetterOnItsWay(
        instance: instance, life: shells[instance].life, id: id, partition: partition, ordinal: ordinal, fate: fate))
    let latency = roll(scenario.group.letterLatency) + (fate == .slow ? roll(0...2 * second) : 0)
    queue.plan(.letterReaches(Int32(letters.count - 1)), at: now + latency)
  }

  mutating func letterReaches(_ index: Int) {
    let letter = letters[index]
    switch letter.fate {
    case .lost: break
    case _ where isRow(letter): oracle.partitions[letter.partition].hasRow[letter.ordinal] = true
    default: oracle.destinationHas(letter.partition, letter.ordinal, Int(letter.id.destination))
    }
    queue.plan(.letterAnswered(Int32(index)), at: now + roll(scenario.group.letterLatency))
  }

  mutating func letterAnswered(_ index: Int) {
    let letter = letters[index]
    if letter.fate == .answerLost { oracle.mayRepeat = true }
    let error = letter.fate == .lost || letter.fate == .answerLost ? "timed out" : nil
    receive(
      letter.instance, letter.life,
      isRow(letter) ? .resultWritten(letter.id, error: error) : .deadLetterWritten(letter.id, error: error))
  }

  private func isRow(_ letter: LetterOnItsWay) -> Bool { Int(letter.id.destination) == scenario.destinations.count }
}

extension Outcome {
  /// With something of the response that a results row is to keep.
  fileprivate func with(body: String) -> Outcome {
    switch self {
    case .accepted(let status, _): .accepted(status: status, body: Array(body.utf8))
    case .refused(let reason, let failure):
      .refused(reason, AttemptFailure(status: failure.status, message: failure.message, kept: Array(body.utf8)))
    case .failed, .unavailable, .stale, .unsendable: self
    }
  }
}
