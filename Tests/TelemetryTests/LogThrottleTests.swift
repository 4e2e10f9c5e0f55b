import Telemetry
import Testing

@Suite struct LogThrottleTests {
  @Test func oneLinePerIntervalAndTheCountOfTheOthers() {
    var throttle = LogThrottle(intervalNanoseconds: 100)
    #expect(throttle.admit(atNanoseconds: 0) == .emit(suppressed: 0))
    #expect(throttle.admit(atNanoseconds: 1) == .suppress)
    #expect(throttle.admit(atNanoseconds: 99) == .suppress)
    #expect(throttle.admit(atNanoseconds: 100) == .emit(suppressed: 2))
    #expect(throttle.admit(atNanoseconds: 500) == .emit(suppressed: 0))
  }

  @Test func aHundredThousandInOneSecondMakeElevenLinesAndNoneIsUncounted() {
    var throttle = LogThrottle(intervalNanoseconds: 100_000_000)
    var (lines, counted) = (0, 0)
    for i in 0..<100_000 as Range<Int64> {
      if case .emit(let suppressed) = throttle.admit(atNanoseconds: i * 10_000) {
        lines += 1
        counted += 1 + suppressed
      }
    }
    #expect(throttle.overdue(atNanoseconds: 999_999_999) == nil)
    let rest = throttle.overdue(atNanoseconds: 1_000_000_000)
    #expect(lines == 10)
    #expect(counted + (rest ?? 0) == 100_000)
    #expect(throttle.overdue(atNanoseconds: 9_000_000_000) == nil)
  }

  @Test func theEndTellsWhatIsUntoldOnce() {
    var throttle = LogThrottle(intervalNanoseconds: 100)
    _ = throttle.admit(atNanoseconds: 0)
    _ = throttle.admit(atNanoseconds: 1)
    #expect(throttle.drain() == 1)
    #expect(throttle.drain() == 0)
  }

  @Test func timesAtTheEndsOfTheClockDoNotTrap() {
    var throttle = LogThrottle(intervalNanoseconds: .max)
    #expect(throttle.admit(atNanoseconds: .min) == .emit(suppressed: 0))
    #expect(throttle.admit(atNanoseconds: .max) == .emit(suppressed: 0))
  }
}
