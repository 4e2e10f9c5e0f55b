import FanOut

/// The simulated world: bridges with real engines, a broker with a group, destinations, and everything that may go
/// wrong with them, on one virtual clock.
struct World: Sendable {
  let scenario: Scenario
  let policy: EnginePolicy
  var oracle: Oracle
  var shells: [Shell]
  var queue = TimeQueue()
  var dice: SeededRandom
  var now: Int64 = 0 { didSet { oracle.now = now } }
  var requests: [Request] = []
  /// Beside the oracle's commits.
  var commits: [CommitOnItsWay] = []
  var letters: [LetterOnItsWay] = []
  /// By assignment: the next record to read.
  var nextToFetch = [0]
  var isActive: [Bool]
  var group = Group()
  let repairedAt: Int64
  private let fault: PlantedFault?
  /// Mixed into the keys' bytes, which decide their hashes.
  let salt: String
  private var scratch: [Effect] = []
  private static let settlesWithin = 900 * second
  private static let stepsMax = 300_000

  /// What the group is about.
  struct Group: Sendable {
    var isRebalancing = false
    /// Assignments that are to be given back before the new ones are dealt.
    var waiting: [Int] = []
    var again = false
    var round: Int32 = 0
    /// Turns the deal, so that partitions move.
    var shift = 0
  }

  init(_ scenario: Scenario, fault: PlantedFault?, isTelling: Bool, salt: String = "a") {
    self.scenario = scenario
    self.fault = fault
    self.salt = salt
    policy = scenario.policy
    oracle = Oracle(scenario, isTelling: isTelling)
    dice = SeededRandom(seed: scenario.dice)
    repairedAt = scenario.calmAt + 60 * second
    isActive = scenario.faults.map { _ in false }
    let policy = policy
    shells = (0..<scenario.instances).map { _ in Shell(engine: FanOutEngine(policy: policy, seed: 0)) }
  }

  /// Runs to the end. What was violated is in the oracle.
  mutating func run() {
    for index in scenario.faults.indices {
      queue.plan(.faultBegins(Int32(index)), at: scenario.faults[index].start)
      queue.plan(.faultEnds(Int32(index)), at: scenario.faults[index].end)
    }
    for instance in shells.indices { queue.plan(.starts(Int32(instance)), at: roll(0...50 * millisecond)) }
    let calmAt = scenario.calmAt
    var steps = 0
    while oracle.violation == nil, let entry = queue.next() {
      now = entry.time
      steps += 1
      happen(entry.happening)
      if now >= calmAt, isDone { return }
      if now > calmAt + Self.settlesWithin || steps > Self.stepsMax { break }
    }
    guard oracle.violation == nil, !(now >= calmAt && isDone) else { return }
    if oracle.partitions.allSatisfy(\.isSettled) {
      for instance in shells.indices where shells[instance].isRunning { oracle.checkCredit(instance) }
    }
    let missing = whatIsMissing
    oracle.fail(.unsettled) { _ in "\(missing) after \(steps) steps" }
  }

  private var isDone: Bool {
    oracle.partitions.allSatisfy(\.isSettled)
      && shells.indices.allSatisfy {
        !shells[$0].isRunning
          || oracle.instances[$0].heldRecords == 0 && oracle.instances[$0].heldBytes == 0 && oracle.isNothingKept($0)
      }
  }

  private var whatIsMissing: String {
    let partitions = oracle.partitions.indices.filter { !oracle.partitions[$0].isSettled }
      .map { "p\($0): \(oracle.partitions[$0].position.map { "\($0.offset)" } ?? "nothing") committed" }
    let waiting = shells.filter(\.isRunning).flatMap { shell in
      shell.engine.snapshot(at: Instant(nanoseconds: now)).partitions.flatMap { partition in
        partition.waitingFor.map { "\(partition.partition): \($0.destination) \($0.state.rawValue)" }
      }
    }
    return (partitions + waiting).joined(separator: ", ")
  }

  private mutating func happen(_ happening: Happening) {
    switch happening {
    case .turn(let instance): turn(Int(instance))
    case .fetch(let instance): fetch(Int(instance))
    case .answer(let request): answer(Int(request))
    case .commitReaches(let commit): commitReaches(Int(commit))
    case .commitAnswered(let commit): commitAnswered(Int(commit))
    case .letterReaches(let letter): letterReaches(Int(letter))
    case .letterAnswered(let letter): letterAnswered(Int(letter))
    case .faultBegins(let index): begin(Int(index))
    case .faultEnds(let index): end(Int(index))
    case .rebalanceEnds(let round): if round == group.round { endRebalance() }
    case .sessionEnds(let instance, let life): sessionEnds(Int(instance), Int(life))
    case .starts(let instance): start(Int(instance))
    }
  }

  // MARK: - Turns

  /// A turn is to be taken soon.
  mutating func wake(_ instance: Int, at time: Int64? = nil) {
    let due = max(now, time ?? now) + roll(0...millisecond)
    if let planned = shells[instance].turnAt, planned <= due { return }
    shells[instance].turnAt = due
    queue.plan(.turn(Int32(instance)), at: due)
  }

  /// Everything that has come, then what time brings, then everything that is to be done: as Bridging's `Bridge` does.
  private mutating func turn(_ instance: Int) {
    guard shells[instance].isRunning, shells[instance].turnAt == now else { return }
    shells[instance].turnAt = nil
    guard shells[instance].freezes == 0 else { return }
    let inbox = shells[instance].inbox
    shells[instance].inbox.removeAll(keepingCapacity: true)
    for event in inbox { tell(instance, event) }
    tell(instance, .tick)
    oracle.wasTicked(instance)
    var isIdle = inbox.isEmpty
    while !shells[instance].outbox.isEmpty {
      isIdle = false
      let outbox = shells[instance].outbox
      shells[instance].outbox.removeAll(keepingCapacity: true)
      for outgoing in outbox {
        if let left = shells[instance].crashAfter {
          if left == 0 { return crash(instance) }
          shells[instance].crashAfter = left - 1
        }
        carryOut(instance, outgoing)
        guard shells[instance].isRunning else { return }
      }
    }
    if shells[instance].crashAfter != nil { return crash(instance) }
    if dice.next() & 15 == 0 {
      oracle.check(instance, shells[instance].engine.snapshot(at: Instant(nanoseconds: now)))
    }
    guard let deadline = shells[instance].engine.nextDeadline?.nanoseconds else { return }
    shells[instance].idleTurns = isIdle && deadline <= now ? shells[instance].idleTurns + 1 : 0
    if shells[instance].idleTurns > 20 { oracle.fail(.spinning) { _ in "i\(instance) at \(clock(deadline))" } }
    wake(instance, at: max(deadline, now + millisecond / 10))
  }

  mutating func tell(_ instance: Int, _ event: Event) {
    oracle.tells(instance, event)
    shells[instance].engine.handle(event, at: Instant(nanoseconds: now), into: &scratch)
    for effect in scratch {
      oracle.emits(instance, effect)
      shells[instance].outbox.append(Shell.Outgoing(effect: effect, commit: oracle.commits.count - 1))
    }
    scratch.removeAll(keepingCapacity: true)
    oracle.wasTold(instance, event)
  }

  private mutating func carryOut(_ instance: Int, _ outgoing: Shell.Outgoing) {
    switch outgoing.effect {
    case .attempt(let attempt): send(instance, attempt)
    case .attemptBatch(let batch): send(instance, batch)
    case .deadLetter(let id, let record, _), .result(let id, let record, _): write(instance, id, record)
    case .commit(_, _, let metadata): commit(instance, outgoing.commit, hasMetadata: !metadata.isEmpty)
    case .credit(let records, let bytes):
      shells[instance].creditRecords += records
      shells[instance].creditBytes += bytes
      planFetch(instance)
    case .released(let id): release(Int(id.epoch))
    case .drained: leave(instance)
    case .notice: break
    }
  }

  // MARK: - Lives

  mutating func start(_ instance: Int) {
    guard !shells[instance].isRunning else { return }
    guard now >= shells[instance].restartAt else {
      return queue.plan(.starts(Int32(instance)), at: shells[instance].restartAt)
    }
    oracle.started(instance)
    var engine = FanOutEngine(policy: policy, seed: dice.next())
    engine.plant(fault)
    var shell = Shell(engine: engine)
    shell.isRunning = true
    shell.life = oracle.instances[instance].life
    shell.freezes = shells[instance].freezes
    shell.creditRecords = policy.recordsMax
    shell.creditBytes = policy.bytesMax
    shells[instance] = shell
    join(instance)
  }

  mutating func crash(_ instance: Int) {
    oracle.tally.crashes += 1
    stop(instance)
    queue.plan(
      .sessionEnds(instance: Int32(instance), life: Int32(shells[instance].life)),
      at: now + scenario.group.sessionTimeout)
  }

  /// The end of the process, whatever the reason.
  mutating func stop(_ instance: Int) {
    oracle.crashed(instance)
    shells[instance].isRunning = false
    shells[instance].fetched = []
    shells[instance].crashAfter = nil
    shells[instance].restartAt = max(now + millisecond, shells[instance].restartAt)
    queue.plan(.starts(Int32(instance)), at: shells[instance].restartAt)
  }

  // MARK: - Dice

  mutating func roll(_ range: ClosedRange<Int64>) -> Int64 {
    // Lemire's reduction: even enough, and cheaper than the standard library's.
    let width = UInt64(range.upperBound &- range.lowerBound) &+ 1
    return range.lowerBound &+ Int64(dice.next().multipliedFullWidth(by: width).high)
  }
}

extension Record {
  /// - Parameter salt: mixed into the key.
  static func make(_ assignment: Int, _ plan: Scenario.RecordPlan, salt: String) -> Record {
    let value = [UInt8](repeating: UInt8(ascii: "v"), count: plan.valueBytes)
    let key = plan.key < 0 ? nil : Array("\(salt)k\(plan.key)".utf8)
    let id = AssignmentID(epoch: UInt32(assignment))
    return unsafe value.withUnsafeBytes { value in
      let none = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
      guard let key else {
        return unsafe Record.make(
          assignment: id, offset: plan.offset, timestampMilliseconds: 0, key: nil, headers: none, value: value)
      }
      return unsafe key.withUnsafeBytes { key in
        unsafe Record.make(
          assignment: id, offset: plan.offset, timestampMilliseconds: 0, key: key, headers: none, value: value)
      }
    }
  }
}
