import Destinations
import FanOut
import HTTPWire
import Kafka
import Payload
import Reactor
import Telemetry

/// One lane: an actor pinned on the lane's event loop, the engine inside. It turns what happens into events and
/// carries effects out; nothing on the way from record to request leaves the loop's thread.
actor Bridge: LoopParticipant {
  nonisolated let loop: EventLoop
  nonisolated let mailbox: LaneMailbox
  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

  private let parts: LaneParts
  private let consumer: KafkaConsumer
  private let drained: @Sendable (_ complete: Bool) -> Void
  private let snapshots: SnapshotBoard
  private var engine: FanOutEngine
  private var clients: [HTTPClient]
  /// What the requests are made with, by destination.
  private var renderers: [RequestRenderer]
  /// What decides which records are for which destinations, and what responses mean beyond their status.
  private let filter: WhenFilter?
  private let questions: [ResponseQuestions?]
  private let view: RecordView
  private var slowLines: LogThrottle
  private var batches: [BatchExchanges?]
  private var credentials: LaneCredentials
  private var origins: [AssignmentID: RecordOrigin] = [:]
  /// Since 1970, at the start of the turn.
  private var wallMilliseconds: Int64 = 0
  private var messages: [LaneMailbox.Message] = []
  private var effects: [Effect] = []
  private var spareEffects: [Effect] = []
  private var nextSweep: Int64 = 0
  private var topics: LaneWriter
  /// By destination; empty where no results rows are written.
  private let keeps: [ResponseKeep?]
  private var keepLines: [LogThrottle]
  private var isTurning = false

  init(
    loop: EventLoop, mailbox: LaneMailbox, parts: LaneParts, consumer: KafkaConsumer, snapshots: SnapshotBoard,
    seed: UInt64, drained: @escaping @Sendable (_ complete: Bool) -> Void
  ) {
    self.loop = loop
    self.mailbox = mailbox
    self.parts = parts
    self.consumer = consumer
    self.snapshots = snapshots
    self.drained = drained
    engine = FanOutEngine(policy: parts.policy, seed: seed)
    topics = LaneWriter(parts)
    let view = RecordView(seed: ~seed)
    self.view = view
    keeps = parts.rows == nil ? [] : parts.destinations.map { ResponseKeep(parts.results, of: $0.name, view) }
    keepLines = keeps.map { _ in LogThrottle(intervalNanoseconds: 60_000_000_000) }
    filter = WhenFilter(parts.destinations.map(\.settings), view)
    questions = parts.destinations.map { ResponseQuestions($0.settings, view) }
    slowLines = LogThrottle()
    credentials = LaneCredentials(parts.credentials, hasToken: parts.destinations.map { $0.settings.oauth2 != nil })
    let newest = zip(parts.destinations, parts.credentials.newest)
    renderers = newest.map { RequestRenderer($0.settings, view, $1.credentials) }
    batches = newest.map { BatchExchanges($0.settings, view, $1.credentials) }
    clients = newest.map { HTTPClient(loop: loop, route: $1.route, settings: $0.client) }
  }

  nonisolated func turn() { assumeIsolated { $0.takeTurn() } }

  /// Everything that has come since the last turn, then everything that is to be done, then one write a connection.
  private func takeTurn() {
    guard !isTurning else { return }
    isTurning = true
    defer { isTurning = false }
    let now = loop.now
    let instant = Instant(nanoseconds: now)
    wallMilliseconds = Logger.wallClockMilliseconds()
    takeCredentials(instant)
    takeResults(now)
    takeMessages(instant)
    engine.handle(.tick, at: instant, into: &effects)
    while !effects.isEmpty {
      swap(&effects, &spareEffects)
      for effect in spareEffects { carryOut(effect, at: instant) }
      spareEffects.removeAll(keepingCapacity: true)
    }
    var inFlight = 0
    for client in clients {
      client.flush()
      inFlight += client.inFlight
    }
    if now >= nextSweep {
      for client in clients { client.sweep(now: now) }
      nextSweep = now + 100_000_000
      snapshots.post(engine.snapshot(at: instant), lane: parts.index)
      tellUntold(now)
    }
    var deadline = engine.nextDeadline?.nanoseconds
    if inFlight > 0 || deadline != nil || !origins.isEmpty { deadline = min(deadline ?? nextSweep, nextSweep) }
    loop.setDeadline(deadline)
  }

  private func takeCredentials(_ now: Instant) {
    let released = credentials.takeNews { d, newest in
      renderers[d].take(newest.credentials)
      batches[d]?.renderer.take(newest.credentials)
      clients[d].take(newest.route)
    }
    for effect in released { carryOut(effect, at: now) }
  }

  private func takeResults(_ now: Int64) {
    let instant = Instant(nanoseconds: now)
    for d in clients.indices {
      let rules = parts.destinations[d].rules
      clients[d].takeFinished { result in
        let isRepeated = credentials.isToBeRepeated(result.tag, at: d, result.result)
        switch result.tag.owner {
        case .delivery(let id):
          var outcome = isRepeated ? .stale : rules.outcome(of: result.result, questions[d])
          if !keeps.isEmpty { outcome = kept(outcome, result.result, d) }
          engine.handle(.finished(id, outcome), at: instant, into: &effects)
        case .batch(let id):
          let keep = keeps.isEmpty ? nil : keeps[d]
          let ended = isRepeated ? .stale : result.result
          let outcome = batches[d]?.outcome(of: ended, of: id, rules, questions[d], keep) ?? .all(.stale)
          engine.handle(.batchFinished(id, outcome), at: instant, into: &effects)
        }
      }
    }
  }

  private func takeMessages(_ now: Instant) {
    mailbox.take(into: &messages)
    for message in messages {
      switch message {
      case .consumer(let events): for event in events { take(event, at: now) }
      case .written(let results):
        for result in results { engine.handle(topics.event(result, at: now), at: now, into: &effects) }
      case .drain: engine.handle(.drain, at: now, into: &effects)
      case .stop:
        tellUntold(.max)
        for client in clients { client.close() }
        loop.stop()
      }
    }
    messages.removeAll(keepingCapacity: true)
  }

  private func take(_ event: ConsumerEvent, at now: Instant) {
    switch event {
    case .records(let records):
      for record in records {
        engine.handle(.received(record, skipped: filter == nil ? 0 : skipped(record)), at: now, into: &effects)
      }
    case .assigned(let assignment):
      origins[assignment.id] = RecordOrigin(cluster: parts.cluster, assignment.partition)
      engine.handle(
        .assigned(assignment.id, assignment.partition, assignment.committed), at: now, into: &effects)
    case .revoked(let id): engine.handle(.revoked(id), at: now, into: &effects)
    case .lost(let id):
      origins[id] = nil
      engine.handle(.lost(id), at: now, into: &effects)
    case .committed(let id, let offset, let result):
      if result != .committed { parts.logger.log(.warn, "a commit did not succeed: \(result)") }
      engine.handle(.committed(id, offset: offset, result), at: now, into: &effects)
    }
  }

  // MARK: - Effects

  private func carryOut(_ effect: Effect, at now: Instant) {
    switch effect {
    case .attempt(let attempt): start(attempt, at: now)
    case .attemptBatch(let batch): start(batch, at: now)
    case .commit(let id, let offset, let metadata): consumer.commit(id, offset: offset, metadata: metadata)
    case .credit(let records, let bytes): consumer.grant(lane: parts.index, records: records, bytes: bytes)
    case .released(let id):
      origins[id] = nil
      consumer.release(id)
    case .drained(let complete):
      // The last word: what comes next takes the partitions away.
      snapshots.post(engine.snapshot(at: now), lane: parts.index)
      drained(complete)
    case .deadLetter(let id, let record, let letter): bury(id, record, letter, at: now)
    case .result(let id, let record, let row): write(id, record, row)
    case .notice(let notice): parts.notices.tell(notice, lane: parts.index, at: now)
    }
  }

  private func start(_ attempt: Attempt, at now: Instant) {
    // Of a partition that was lost in this turn: nobody waits for it.
    guard let origin = origins[attempt.id.assignment] else {
      return engine.handle(.finished(attempt.id, .stale), at: now, into: &effects)
    }
    let d = Int(attempt.id.destination)
    let context = RenderContext(origin: origin, attempt: attempt.number, wallMilliseconds: wallMilliseconds)
    if let obstacle = filter?.obstacle(to: attempt.record, d, context) {
      return engine.handle(.finished(attempt.id, obstacle), at: now, into: &effects)
    }
    switch credentials.verdict(on: .attempt(attempt), to: d) {
    case .go: break
    case .wait: return
    case .unavailable(let why):
      return engine.handle(
        .finished(attempt.id, .unavailable(AttemptFailure(message: why))), at: now, into: &effects)
    }
    let renderer = renderers[d]
    if let obstacle = renderer.prepare(attempt.record, context) {
      return engine.handle(.finished(attempt.id, obstacle), at: now, into: &effects)
    }
    clients[d].start(ExchangeTag(attempt.id), fresh: attempt.needsFreshConnection) { buffer in
      renderer.write(attempt.record, context, into: &buffer)
    }
  }

  private func start(_ batch: BatchAttempt, at now: Instant) {
    let d = Int(batch.id.destination)
    if let outcome = filter?.obstacles(to: batch, origins, wallMilliseconds: wallMilliseconds) {
      return engine.handle(.batchFinished(batch.id, outcome), at: now, into: &effects)
    }
    switch credentials.verdict(on: .attemptBatch(batch), to: d) {
    case .go: break
    case .wait: return
    case .unavailable(let why):
      let outcome = BatchOutcome.all(.unavailable(AttemptFailure(message: why)))
      return engine.handle(.batchFinished(batch.id, outcome), at: now, into: &effects)
    }
    if let outcome = batches[d]?.prepare(batch, origins, wallMilliseconds: wallMilliseconds) {
      return engine.handle(.batchFinished(batch.id, outcome), at: now, into: &effects)
    }
    clients[d].start(ExchangeTag(batch.id), fresh: batch.needsFreshConnection) { buffer in
      batches[d]?.renderer.write(into: &buffer)
    }
  }

  // MARK: - Topics

  private func bury(_ id: DeliveryID, _ record: Record, _ letter: DeadLetter, at now: Instant) {
    guard let place = origins[id.assignment]?.place else { return }
    if let error = topics.bury(id, record, letter, from: place, at: now) { mailbox.post(.written([(id, error)])) }
  }

  private func write(_ id: DeliveryID, _ record: Record, _ row: ResultRow) {
    guard let place = origins[id.assignment]?.place else { return }
    if let error = topics.write(id, record, row, from: place) { mailbox.post(.written([(id, error)])) }
  }

  /// The outcome with what a results row keeps of the response.
  private func kept(_ outcome: Outcome, _ result: ExchangeResult.Result, _ d: Int) -> Outcome {
    guard let keep = keeps[d], outcome != .stale, case .response(let response) = result else { return outcome }
    return outcome.keeping(keep.kept(of: response))
  }

  /// What throttled lines have left out, where the next one might come; at the end of time all of it.
  private func tellUntold(_ now: Int64) {
    topics.tellUntold(at: Instant(nanoseconds: now))
    parts.notices.tellUntold(at: Instant(nanoseconds: now))
    if !keeps.isEmpty { tellOfKeeps(now) }
    tellSlowness(now)
  }

  private func tellOfKeeps(_ now: Int64) {
    for (d, keep) in keeps.enumerated() {
      guard let keep, keep.hasNews, case .emit = keepLines[d].admit(atNanoseconds: now),
        let (count, why) = keep.takeNews()
      else { continue }
      let text =
        "results.keep: null stands in \(count) results row\(count == 1 ? "" : "s") for what cannot be kept: \(why)"
      parts.logger.log(.warn, text, LogFields(destination: parts.destinations[d].name))
    }
  }

  private func skipped(_ record: Record) -> UInt64 {
    guard let origin = origins[record.assignment] else { return 0 }
    let context = RenderContext(origin: origin, attempt: 1, wallMilliseconds: wallMilliseconds)
    return filter?.skipped(record, context) ?? 0
  }

  /// Slow jq programs hold up the whole lane.
  private func tellSlowness(_ now: Int64) {
    guard view.meter.hasNews, case .emit = slowLines.admit(atNanoseconds: now) else { return }
    for (name, slowness) in view.meter.takeNews() {
      var fields = LogFields()
      fields.destination = name
      let slow = "a jq program took \(slowness.longest / 1_000_000) ms, and all other records waited"
      parts.logger.log(
        .warn, "\(slow); runs longer than \(JQMeter.slow / 1_000_000) ms so far: \(slowness.runs)", fields)
    }
  }
}
