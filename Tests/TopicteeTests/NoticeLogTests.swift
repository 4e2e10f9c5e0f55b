import Synchronization
import Telemetry
import Testing

@testable import Bridging
@testable import FanOut

/// What the log says of deliveries that are tried again.
@Suite struct NoticeLogTests {
  private final class Lines: Sendable {
    private let lines = Mutex<[(level: LogLevel, text: String, fields: LogFields)]>([])
    func take() -> [(level: LogLevel, text: String, fields: LogFields)] {
      lines.withLock { lines in
        defer { lines = [] }
        return lines
      }
    }
    var logger: Logger {
      Logger(level: .info, sink: { level, text, fields in self.lines.withLock { $0.append((level, text, fields)) } })
    }
  }

  private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

  private let failure = AttemptFailure(message: "connect: ECONNREFUSED")

  private func setback(_ destination: Int = 0, after attempts: Int = 1, next: Instant) -> Notice {
    .setBack(
      Setback(
        destination: destination, partition: TopicPartition(topic: "orders", partition: 3), offset: 42,
        attempts: attempts, failure: failure, nextTryAt: next))
  }

  @Test func theFirstIsToldAtOnceAndTheOthersAreCounted() {
    let lines = Lines()
    let log = NoticeLog(destinations: ["crm", "erp"], logger: lines.logger)
    log.tell(setback(next: Instant(nanoseconds: 1_250_000_000)), lane: 0, at: at(0))
    let first = lines.take()
    #expect(first.map(\.text) == ["a delivery did not succeed and is tried again in 1.2 s"])
    #expect(
      first.first?.fields
        == LogFields(
          topic: "orders", partition: 3, offset: 42, destination: "crm", attempt: 1, error: "connect: ECONNREFUSED"))
    #expect(first.first?.level == .warn)
    for second in 1..<30 as Range<Int64> { log.tell(setback(next: at(second)), lane: 1, at: at(second)) }
    #expect(lines.take().isEmpty)
    log.tell(setback(1, next: at(29)), lane: 0, at: at(29))
    #expect(lines.take().map(\.fields.destination) == ["erp"], "by destination")
    log.tell(setback(after: 7, next: at(31)), lane: 0, at: at(30))
    #expect(
      lines.take().map(\.text) == [
        "a delivery did not succeed and is tried again in 1.0 s (and 29 more since the last line)"
      ])
  }

  @Test func theLastIsToldWhenTheNextLineMightComeOrAtTheEnd() {
    let lines = Lines()
    let log = NoticeLog(destinations: ["crm"], logger: lines.logger)
    for attempts in 1...4 { log.tell(setback(after: attempts, next: at(32)), lane: 0, at: at(0)) }
    _ = lines.take()
    log.tellUntold(at: at(29))
    #expect(lines.take().isEmpty)
    log.tellUntold(at: at(30))
    let late = lines.take()
    #expect(
      late.map(\.text) == ["a delivery did not succeed and is tried again in 2.0 s (and 2 more since the last line)"])
    #expect(late.first?.fields.attempt == 4 && late.first?.fields.offset == 42)
    log.tellUntold(at: at(99))
    #expect(lines.take().isEmpty, "once")
    for _ in 0..<2 { log.tell(setback(next: at(100)), lane: 0, at: at(100)) }
    _ = lines.take()
    log.tellUntold(at: Instant(nanoseconds: .max))
    #expect(lines.take().map(\.text) == ["a delivery did not succeed and waits to be tried again"])
  }

  @Test func whatTheBreakerTellsIsNotToldTwice() {
    let lines = Lines()
    let log = NoticeLog(destinations: ["crm"], logger: lines.logger)
    for _ in 0..<19 { log.tell(setback(next: at(1)), lane: 0, at: at(0)) }
    log.tell(.breakerOpened(destination: 0, failure, failuresInARow: 20), lane: 0, at: at(1))
    #expect(lines.take().count == 2)
    log.tell(setback(next: at(41)), lane: 1, at: at(40))
    log.tellUntold(at: at(60))
    #expect(lines.take().isEmpty, "another lane's, and those that opened it")
    log.tell(.breakerClosed(destination: 0, openFor: .seconds(60)), lane: 0, at: at(61))
    log.tell(setback(next: at(63)), lane: 0, at: at(62))
    #expect(lines.take().map(\.level) == [.info, .warn])
  }
}
