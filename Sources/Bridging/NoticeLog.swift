import FanOut
import Synchronization
import Telemetry

/// The engines' notices as log lines. One for all lanes: what holds the topic up is said once, by the lane that stands
/// still first, and that it goes on when none does any more.
final class NoticeLog: Sendable {
  private struct Standstill {
    var lanes: Set<Int> = []
    var since = Instant(nanoseconds: 0)
  }
  /// A lane that finds a destination down soon after another has said so says nothing new.
  private static let newsAfter = Nanoseconds.seconds(60)
  private let destinations: [String]
  private let logger: Logger
  private let standstill = Mutex(Standstill())
  /// By destination: when it was said to be down; nil when it was last said to be back.
  private let saidDownAt: Mutex<[Instant?]>
  private let drops: Mutex<[ThrottledEvents<Int>]>
  private let setbacks: Mutex<[ThrottledEvents<Setback>]>

  init(destinations: [String], logger: Logger) {
    self.destinations = destinations
    self.logger = logger
    saidDownAt = Mutex(Array(repeating: nil, count: destinations.count))
    drops = Mutex(destinations.map { _ in ThrottledEvents(every: Self.newsAfter) })
    setbacks = Mutex(destinations.map { _ in ThrottledEvents(every: .seconds(30)) })
  }

  func tell(_ notice: Notice, lane: Int, at now: Instant) {
    switch notice {
    case .setBack(let setback): tell(setback, at: now)
    case .breakerOpened(let destination, let failure, let count):
      // The row of failures that it tells of.
      setbacks.withLock { $0[destination].forget() }
      let isNews = saidDownAt.withLock { said in
        if let before = said[destination], now - before < Self.newsAfter { return false }
        said[destination] = now
        return true
      }
      guard isNews else { return }
      let isRefusal = failure.status == 401 || failure.status == 403
      // Let in again it will be only by somebody's doing; back it may be by itself.
      logger.log(
        isRefusal ? .error : .warn,
        isRefusal
          ? "the API does not let us in: its deliveries are held until it does"
          : "the API is down: its deliveries are held",
        fields(destination, failure, error: "\(failure.message); \(count) failures in a row"))
    case .breakerClosed(let destination, let openFor):
      let isNews = saidDownAt.withLock { said in
        defer { said[destination] = nil }
        return said[destination] != nil
      }
      guard isNews else { return }
      logger.log(.info, "the API is back after \(Self.seconds(openFor)) s", fields(destination))
    case .progressIgnored(let partition, let reason):
      var fields = LogFields()
      (fields.topic, fields.partition, fields.error) = (partition.topic, partition.partition, reason)
      logger.log(.warn, "the metadata beside the committed offset is not used; duplicates are possible", fields)
    case .dropped(let id):
      let destination = Int(id.destination)
      let verdict = drops.withLock { $0[destination].admit(destination, at: now) }
      if case .emit(let untold) = verdict { tellDrop(destination, untold) }
    case .stalled(let partition):
      let isFirst = standstill.withLock { standstill in
        if standstill.lanes.isEmpty { standstill.since = partition.waitingSince ?? now }
        defer { standstill.lanes.insert(lane) }
        return standstill.lanes.isEmpty
      }
      if isFirst { stalled(partition, at: now) }
    case .resumed:
      let since: Instant? = standstill.withLock { standstill in
        guard standstill.lanes.remove(lane) != nil, standstill.lanes.isEmpty else { return nil }
        return standstill.since
      }
      if let since { logger.log(.info, "it goes on after \(Self.seconds(now - since)) s") }
    }
  }

  /// Also of a destination that fails too seldom, or has too little to do, for its breaker to say anything.
  private func tell(_ setback: Setback, at now: Instant) {
    let destination = setback.destination
    // Another lane's breaker has said it.
    guard saidDownAt.withLock({ $0[destination] == nil }),
      case .emit(let untold) = setbacks.withLock({ $0[destination].admit(setback, at: now) })
    else { return }
    tell(setback, untold, at: now)
  }

  private func tell(_ setback: Setback, _ untold: Int, at now: Instant) {
    var fields = fields(setback.destination, setback.failure, error: setback.failure.message)
    (fields.topic, fields.partition) = (setback.partition.topic, setback.partition.partition)
    (fields.offset, fields.attempt) = (setback.offset, setback.attempts)
    let tenths = (setback.nextTryAt - now).count / 100_000_000
    let next = tenths < 0 ? "waits to be tried again" : "is tried again in \(tenths / 10).\(tenths % 10) s"
    let more = ThrottledEvents<Setback>.more(untold)
    logger.log(.warn, "a delivery did not succeed and \(next)\(more)", fields)
  }

  private func tellDrop(_ destination: Int, _ untold: Int) {
    let what = "the API is optional and lags by more than its share of the limits: it misses a record"
    logger.log(.warn, what + ThrottledEvents<Int>.more(untold), fields(destination))
  }

  /// What was left out since the last line, when the next one might come; at the end of time all of it.
  func tellUntold(at now: Instant) {
    for destination in destinations.indices {
      if let (setback, untold) = setbacks.withLock({ $0[destination].overdue(at: now) }) {
        tell(setback, untold, at: now)
      }
      if let (_, untold) = drops.withLock({ $0[destination].overdue(at: now) }) { tellDrop(destination, untold) }
    }
  }

  private func fields(_ destination: Int, _ failure: AttemptFailure? = nil, error: String? = nil) -> LogFields {
    var fields = LogFields()
    fields.destination = destinations[destination]
    fields.status = failure.flatMap { $0.status == 0 ? nil : Int($0.status) }
    fields.error = error
    return fields
  }

  private func stalled(_ partition: FanOutSnapshot.Partition, at now: Instant) {
    var fields = LogFields()
    (fields.topic, fields.partition) = (partition.partition.topic, partition.partition.partition)
    fields.offset = partition.watermark
    fields.destination = partition.waitingFor.first { $0.state != .writingRow }?.destination
    fields.attempt = partition.waitingFor.first?.attempts
    fields.error = partition.waitingFor.first?.lastFailure?.message
    let names = partition.waitingFor.map { $0.state == .writingRow ? "the results topic" : $0.destination }
      .joined(separator: " and ")
    let since = partition.waitingSince.map { Self.seconds(now - $0) } ?? 0
    logger.log(
      .warn, "the limits are reached and no more is read: the topic has waited for \(names) for \(since) s", fields)
  }

  private static func seconds(_ span: Nanoseconds) -> Int64 { span.count / 1_000_000_000 }
}
