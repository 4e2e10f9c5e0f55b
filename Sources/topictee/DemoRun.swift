import Bridging
import FanOut
import Kafka
import Telemetry

/// The demo from beginning to end, on a thread of its own: the main one waits for signals.
final class DemoJob: DetachedJob {
  private let options: DemoOptions
  private let control: DemoControl
  private let ended: @Sendable () -> Void

  init(_ options: DemoOptions, _ control: DemoControl, ended: @escaping @Sendable () -> Void) {
    self.options = options
    self.control = control
    self.ended = ended
  }

  func run() {
    let feed = DemoFeed()
    let environment = Terminal.environment
    do {
      let stage = try DemoStage(options, feed: feed, wake: control.wake) { broker, apis in
        Terminal.print(DemoJob.introduction(broker, apis))
      }
      let screen = DemoScreen(TextStyle.of(environment, isTerminal: Terminal.isTerminal))
      var run = DemoRun(options, control, stage, feed, screen)
      control.exitCode.put(run.perform())
      stage.close()
    } catch {
      Terminal.complain("topictee demo: \(error)")
      control.exitCode.put(69)
    }
    ended()
  }

  static func introduction(_ broker: String, _ apis: [DemoAPI]) -> String {
    let (source, dead) = (DemoStage.source, DemoStage.dead)
    var text = "embedded Kafka at \(broker): \(source) (\(DemoStage.partitions) partitions), \(dead) for refusals\n"
    for api in apis { text += "  \(api.rules.name) at \(api.url)\n    \(api.rules.character)\n" }
    text += "send to it, while this runs:\n"
    text += #"  echo 'c42:{"id": 1, "total": 9.5}' | kcat -P -b \#(broker) -t \#(source) -K:"# + "\n"
    return text + "  topictee publish --brokers \(broker) --topic \(source) events.jsonl\n"
  }
}

/// The phases: the group forms, events are published, everything settles, the bridge stops, the books are compared.
struct DemoRun {
  private static let formingMax = Duration.seconds(60)
  /// Without anything being settled.
  private static let stallMax = Duration.seconds(60)
  private static let refresh = Duration.milliseconds(100)

  private let options: DemoOptions
  private let control: DemoControl
  private let stage: DemoStage
  private let feed: DemoFeed
  private var screen: DemoScreen
  private var facts = DemoFacts()
  private var outage: Range<Duration>?
  private var nextDraw = Duration.zero
  private var isSettled = false
  private var isCutShort = false

  init(_ options: DemoOptions, _ control: DemoControl, _ stage: DemoStage, _ feed: DemoFeed, _ screen: DemoScreen) {
    self.options = options
    self.control = control
    self.stage = stage
    self.feed = feed
    self.screen = screen
    facts.broker = stage.broker
    (facts.planned, facts.rate) = (options.events, options.rate)
    facts.destinations = stage.apis.map { DemoFacts.Destination(name: $0.rules.name) }
    facts.partitions = (0..<DemoStage.partitions).map { DemoFacts.Partition(name: "\(DemoStage.source)[\($0)]") }
  }

  /// The exit code, once the summary is printed.
  mutating func perform() -> Int32 {
    formGroup()
    publish()
    settle()
    let ending = stop()
    let summary = compare(ending)
    facts.stage = .done
    _ = screen.show(facts)
    Terminal.print(summary.text)
    for line in stage.errors.last(24) { Terminal.complain("topictee demo: \(line)") }
    return summary.exitCode
  }

  // MARK: - Phases

  private mutating func formGroup() {
    while isGoing, feed.elapsed < Self.formingMax, !isFormed { turn() }
    if isGoing, !isFormed { feed.add("the group did not form in \(Int(Self.formingMax.inSeconds)) s") }
  }

  private var isFormed: Bool {
    stage.service.snapshot.partitions.count == DemoStage.partitions
      && stage.watch.counts.partitions == DemoStage.partitions + 1
  }

  private mutating func publish() {
    guard isGoing, isFormed else { return }
    facts.stage = .publishing
    let begin = feed.elapsed
    outage = Self.outage(in: options.planned).map { begin + $0.lowerBound..<begin + $0.upperBound }
    while isGoing, !stage.publisher.isDone {
      let elapsed = feed.elapsed - begin
      if let end = options.publishing, elapsed >= end, stage.publisher.sent > 0 { break }
      let next = stage.publisher.publish(after: elapsed, settled: facts.settled)
      turn(until: begin + next)
    }
  }

  /// When erp is down: a part of the run that is long enough to be seen.
  static func outage(in length: Duration) -> Range<Duration>? {
    guard length >= .seconds(2) else { return nil }
    let begin = length * 2 / 5
    return begin..<begin + min(.seconds(4), length * 3 / 20)
  }

  /// Waits until all that was published is settled; what others publish meanwhile is not waited for.
  private mutating func settle() {
    guard isGoing, isFormed else { return }
    facts.stage = .settling
    while isGoing, !stage.publisher.isReported || stage.watch.counts.own < stage.publisher.acknowledged { turn() }
    let targets = stage.watch.counts.ends
    var (last, lastAt) = (facts.settled, feed.elapsed)
    while isGoing, feed.elapsed - lastAt < Self.stallMax {
      isSettled = facts.partitions.indices.allSatisfy { facts.partitions[$0].watermark >= targets[Int32($0)] ?? 0 }
      if isSettled { return }
      if facts.settled > last { (last, lastAt) = (facts.settled, feed.elapsed) }
      turn()
    }
  }

  private mutating func stop() -> BridgeService.Ending {
    isCutShort = control.isStopped
    facts.stage = .stopping
    outage = nil
    setDown(false)
    // What was sent is in Kafka or not before the account is closed.
    let deadline = feed.elapsed + .seconds(5)
    while !stage.publisher.isReported, stage.endings.take() == nil, feed.elapsed < deadline { turn() }
    stage.service.stop()
    while true {
      if let ending = stage.endings.take() {
        stage.service.tearDown()
        return ending
      }
      turn()
    }
  }

  /// Asks Kafka for the committed offsets and the topics for what stands in them, until the books agree or it is clear
  /// that they will not.
  private mutating func compare(_ ending: BridgeService.Ending) -> DemoSummary {
    let deadline = feed.elapsed + .seconds(5)
    refresh(committed: committedOffsets())
    while true {
      let summary = summary(ending)
      let isComplete = summary.audit.lostCount == 0 && stage.watch.counts.own >= stage.publisher.acknowledged
      if isComplete || feed.elapsed >= deadline { return summary }
      turn()
    }
  }

  private func committedOffsets() -> [Int32: Int64] {
    let places = (0..<DemoStage.partitions).map { TopicPartition(topic: DemoStage.source, partition: Int32($0)) }
    do {
      let positions = try KafkaAdmin.committedPositions(
        group: "demo", partitions: places, brokers: [stage.broker], properties: [], timeout: .seconds(5))
      return Dictionary(uniqueKeysWithValues: positions.map { ($0.key.partition, max(0, $0.value.offset)) })
    } catch {
      Terminal.complain("topictee demo: the committed offsets cannot be read: \(error)")
      return [:]
    }
  }

  private func summary(_ ending: BridgeService.Ending) -> DemoSummary {
    let topic = stage.watch.book
    let books = stage.apis.map { ($0.rules.name, $0.book) }
    let committed = Dictionary(
      uniqueKeysWithValues: facts.partitions.indices.map { (Int32($0), facts.partitions[$0].committed) })
    return DemoSummary(
      elapsed: feed.elapsed, published: stage.publisher.acknowledged, unpublished: stage.publisher.failure.count,
      outside: topic.outside, apis: books.map { DemoSummary.API(name: $0.0, $0.1) }, reasons: topic.reasons,
      deadTopic: DemoStage.dead, partitions: facts.partitions,
      audit: DemoAudit(
        topic, source: DemoStage.source, committed: committed, accepted: books.map { ($0.0, $0.1.acceptedBodies) }),
      isCutShort: isCutShort, isSettled: isSettled, ending: ending)
  }

  // MARK: - Turns

  private var isGoing: Bool { !control.isStopped && stage.endings.take() == nil }

  /// Brings the picture up to date and waits: for a signal, the bridge's end, the next refresh, or `deadline`.
  private mutating func turn(until deadline: Duration? = nil) {
    let now = feed.elapsed
    setDown(outage?.contains(now) == true)
    if now >= nextDraw {
      refresh(committed: [:])
      if !screen.show(facts) { control.stop() }
      nextDraw = now + Self.refresh
    }
    let wait = (min(nextDraw, deadline ?? nextDraw) - feed.elapsed).inSeconds * 1000
    _ = control.wake.waitReadable(timeoutMilliseconds: Int32(max(0, wait.rounded(.up))))
    control.wake.drain()
  }

  private mutating func setDown(_ isDown: Bool) {
    for (index, api) in stage.apis.enumerated()
    where api.rules == .erp && facts.destinations[index].isDown != isDown {
      facts.destinations[index].isDown = isDown
      api.setDown(isDown)
      feed.add(isDown ? "\(api.rules.name) is down: it answers 503 to everything" : "\(api.rules.name) is back")
    }
  }

  /// A partition that the bridge no longer has keeps what was last known of it.
  private mutating func refresh(committed: [Int32: Int64]) {
    let snapshot = stage.service.snapshot
    let counts = stage.watch.counts
    facts.elapsed = feed.elapsed
    facts.published = stage.publisher.acknowledged
    facts.outside = counts.outside
    facts.isHeldBack = stage.publisher.sent >= facts.settled + DemoPublisher.unsettledMax
    facts.events = feed.last(12)
    for (index, destination) in snapshot.destinations.enumerated() where index < facts.destinations.count {
      facts.destinations[index].delivered = destination.counts.accepted
      facts.destinations[index].inFlight = destination.inFlight
      facts.destinations[index].retried = destination.counts.retries
      facts.destinations[index].deadLetters = destination.counts.deadLetters
    }
    for partition in snapshot.partitions {
      let index = Int(partition.partition.partition)
      guard facts.partitions.indices.contains(index) else { continue }
      facts.partitions[index].watermark = max(facts.partitions[index].watermark, partition.watermark ?? 0)
      facts.partitions[index].committed = max(facts.partitions[index].committed, partition.committed ?? 0)
    }
    for (partition, end) in counts.ends where facts.partitions.indices.contains(Int(partition)) {
      // The bridge may be ahead of who watches it.
      facts.partitions[Int(partition)].end = max(end, facts.partitions[Int(partition)].watermark)
    }
    for (partition, offset) in committed {
      facts.partitions[Int(partition)].committed = offset
      facts.partitions[Int(partition)].watermark = max(offset, facts.partitions[Int(partition)].watermark)
    }
  }
}
