import Testing

@testable import Destinations

@Suite struct TokenScheduleTests {
  private static let second: Int64 = 1_000_000_000
  private static func token(_ name: String, _ seconds: Double?) -> AccessToken {
    AccessToken(name, lifetimeSeconds: seconds)
  }

  /// Asked at 0, answered a second later.
  private static func answered(_ seconds: Double?, dice: Double = 0) -> TokenSchedule {
    var schedule = TokenSchedule(now: 0)
    _ = schedule.ask(now: 0)
    schedule.succeeded(token("a", seconds), now: second, dice: dice)
    return schedule
  }

  @Test func asksOnceAndWaits() {
    var schedule = TokenSchedule(now: 5)
    #expect(schedule.readiness(now: 5) == .pending)
    #expect(schedule.deadline == 5)
    #expect(schedule.ask(now: 5) == true)
    #expect(schedule.ask(now: 6) == false)
    #expect(schedule.deadline == nil)
    #expect(schedule.readiness(now: 6) == .pending)
  }

  /// From 80 to 90 % of what the server says; the old token is in use until its end.
  @Test(arguments: [(100.0, 0.0, 80.0), (100, 1, 90), (100, 0.5, 85), (3_600, 0, 2_880)])
  func refreshesBeforeTheEnd(_ lifetime: Double, _ dice: Double, _ due: Double) {
    var schedule = Self.answered(lifetime, dice: dice)
    let dueAt = Int64(due * Double(Self.second))
    #expect(schedule.deadline == dueAt)
    #expect(schedule.ask(now: dueAt - 1) == false)
    #expect(schedule.ask(now: dueAt) == true)
    #expect(schedule.readiness(now: dueAt) == .ready(Self.token("a", lifetime)))
    let end = Int64(lifetime) * Self.second
    #expect(schedule.deadline == end)
    #expect(schedule.readiness(now: end - 1) == .ready(Self.token("a", lifetime)))
    #expect(schedule.readiness(now: end) == .pending)
    schedule.succeeded(Self.token("b", lifetime), now: end, dice: 0)
    #expect(schedule.readiness(now: end) == .ready(Self.token("b", lifetime)))
  }

  /// Nothing said: five minutes. Nonsense neither asks without end nor keeps a token for ever.
  @Test(
    arguments: [
      (nil, 240), (0, 4), (-5, 4), (1, 4), (1e300, 69_120), (Double.infinity, 69_120), (Double.nan, 240),
    ] as [(Double?, Int64)])
  func strangeLifetimes(_ lifetime: Double?, _ due: Int64) {
    #expect(Self.answered(lifetime).deadline == due * Self.second)
  }

  @Test func aServerThatIsDownIsAskedLessAndLess() {
    var schedule = TokenSchedule(now: 0)
    var now: Int64 = 0
    var waits: [Int64] = []
    for _ in 0..<8 {
      #expect(schedule.ask(now: now) == true)
      schedule.failed(TokenFailure("down"), now: now, dice: 1)
      #expect(schedule.readiness(now: now) == .unavailable("down"))
      let due = schedule.deadline ?? -1
      waits.append((due - now) / Self.second)
      now = due
    }
    #expect(waits == [1, 2, 4, 8, 16, 30, 30, 30])
    #expect(schedule.ask(now: now) == true)
    // Attempts are told at once, not made to wait for the next answer.
    #expect(schedule.readiness(now: now) == .unavailable("down"))
    schedule.succeeded(Self.token("a", 100), now: now, dice: 0)
    #expect(schedule.readiness(now: now) == .ready(Self.token("a", 100)))
  }

  @Test(arguments: [(0, 1), (20, 20), (100_000, 300), (-3, 1)]) func retryAfter(_ seconds: Int, _ wait: Int64) {
    var schedule = TokenSchedule(now: 0)
    _ = schedule.ask(now: 0)
    schedule.failed(TokenFailure("busy", retryAfterSeconds: seconds), now: 0, dice: 1)
    #expect(schedule.deadline == wait * Self.second)
  }

  @Test func theOldTokenOutlivesAFailure() {
    var schedule = Self.answered(100)
    #expect(schedule.ask(now: 80 * Self.second) == true)
    schedule.failed(TokenFailure("down"), now: 81 * Self.second, dice: 1)
    #expect(schedule.readiness(now: 99 * Self.second) == .ready(Self.token("a", 100)))
    #expect(schedule.deadline == 82 * Self.second)
    #expect(schedule.readiness(now: 100 * Self.second) == .unavailable("down"))
  }

  @Test func aRefusedTokenIsReplacedOnce() {
    var schedule = Self.answered(1_000)
    // A new one: the request may have carried the one before.
    #expect(schedule.refused(now: 5 * Self.second) == false)
    #expect(schedule.refused(now: 20 * Self.second) == true)
    #expect(schedule.refused(now: 20 * Self.second) == false)
    #expect(schedule.readiness(now: 20 * Self.second) == .pending)
    #expect(schedule.ask(now: 20 * Self.second) == true)
    #expect(schedule.refused(now: 21 * Self.second) == false)
    schedule.succeeded(Self.token("b", 1_000), now: 21 * Self.second, dice: 0)
    #expect(schedule.readiness(now: 21 * Self.second) == .ready(Self.token("b", 1_000)))
    #expect(schedule.refused(now: 30 * Self.second) == false)
    #expect(schedule.refused(now: 31 * Self.second) == true)
  }

  @Test func aRefusedTokenIsUsedAgainWhereThereIsNoOther() {
    var schedule = Self.answered(1_000)
    #expect(schedule.refused(now: 20 * Self.second) == true)
    #expect(schedule.ask(now: 20 * Self.second) == true)
    schedule.failed(TokenFailure("down"), now: 22 * Self.second, dice: 1)
    #expect(schedule.readiness(now: 22 * Self.second) == .ready(Self.token("a", 1_000)))
    #expect(schedule.refused(now: 23 * Self.second) == false)
    #expect(schedule.deadline == 23 * Self.second)
  }
}
