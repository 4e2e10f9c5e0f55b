import Testing

@testable import FanOut

private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

@Suite struct ConcurrencyLimitTests {
  /// A window of answers in full use, all after the same time.
  private func window(_ limit: inout ConcurrencyLimit, _ latency: Nanoseconds, full: Bool = true, at now: Instant) {
    for _ in 0..<max(4, limit.limit) {
      if full { limit.wasInTheWay() }
      limit.answered(after: latency, at: now)
    }
  }

  @Test func itDoublesWhileAnswersAreQuickAndGoesOneDoublingBack() {
    var limit = ConcurrencyLimit(1...256)
    for expected in [2, 4, 8, 16] {
      window(&limit, .milliseconds(10), at: at(0))
      #expect(limit.limit == expected)
    }
    window(&limit, .milliseconds(40), at: at(0))
    #expect(limit.limit == 8)
    window(&limit, .milliseconds(10), at: at(0))
    #expect(limit.limit == 8, "smoothed: still slow in the mean")
    for _ in 0..<8 { window(&limit, .milliseconds(10), at: at(0)) }
    #expect(limit.limit > 8 && limit.limit <= 17)
  }

  @Test func itStaysWhereItIsNotUsedAndWithinItsRange() {
    var limit = ConcurrencyLimit(2...5)
    window(&limit, .milliseconds(10), full: false, at: at(0))
    #expect(limit.limit == 2)
    for _ in 0..<20 { window(&limit, .milliseconds(10), at: at(0)) }
    #expect(limit.limit == 5)
    for _ in 0..<20 {
      limit.overloaded()
      window(&limit, .milliseconds(10), full: false, at: at(0))
    }
    #expect(limit.limit == 2)
  }

  @Test func tooMuchReducesItOnceAWindow() {
    var limit = ConcurrencyLimit(100...100)
    limit.overloaded()
    #expect(limit.limit == 100, "never below the range")
    limit = ConcurrencyLimit(1...100)
    for _ in 0..<7 { window(&limit, .milliseconds(10), at: at(0)) }
    #expect(limit.limit == 100)
    for _ in 0..<50 { limit.overloaded() }
    #expect(limit.limit == 70)
    window(&limit, .milliseconds(10), at: at(0))
    limit.overloaded()
    #expect(limit.limit == 49)
    window(&limit, .milliseconds(10), at: at(0))
    window(&limit, .milliseconds(10), at: at(0))
    #expect(limit.limit == 50, "from here on one at a time")
  }

  @Test func afterAnOutageItBeginsAtTheBottom() {
    var limit = ConcurrencyLimit(1...64)
    for _ in 0..<7 { window(&limit, .milliseconds(10), at: at(0)) }
    limit.collapse()
    #expect(limit.limit == 1)
    for _ in 0..<5 { window(&limit, .milliseconds(10), at: at(0)) }
    #expect(limit.limit == 32)
    window(&limit, .milliseconds(10), at: at(0))
    #expect(limit.limit == 33, "quickly up to half of what it was, then slowly")
  }

  @Test func anAPIThatIsSlowerForGoodGetsANewFloor() {
    var limit = ConcurrencyLimit(1...1_000)
    for _ in 0..<4 { window(&limit, .milliseconds(10), at: at(0)) }
    window(&limit, .milliseconds(100), at: at(1_000))
    let before = limit.limit
    for second in 2..<20 { window(&limit, .milliseconds(100), at: at(Int64(second) * 1_000)) }
    #expect(limit.limit == before)
    for second in 20..<900 { window(&limit, .milliseconds(100), at: at(Int64(second) * 1_000)) }
    #expect(limit.limit > before)
  }
}

@Suite struct RateLimitTests {
  @Test func itLetsThroughWhatItSays() {
    var rate = RateLimit(perSecond: 1_000)
    var count = 0
    for now in 0..<5_000 where rate.nextAt <= at(Int64(now)) {
      rate.take(at: at(Int64(now)))
      count += 1
    }
    #expect((4_990...5_110).contains(count))
  }

  @Test func upToATenthOfASecondGoesAtOnceAndNoMore() {
    var rate = RateLimit(perSecond: 100)
    var burst = 0
    while rate.nextAt <= at(60_000) {
      rate.take(at: at(60_000))
      burst += 1
    }
    #expect(burst == 10)
    #expect(rate.nextAt == at(60_010))
  }

  @Test func slowRatesAreSpacedOut() {
    var rate = RateLimit(perSecond: 0.5)
    rate.take(at: at(1_000))
    #expect(rate.nextAt == at(3_000))
  }
}

@Suite struct RetryBudgetTests {
  @Test func tenASecondAndAFifthOfTheFirstAttempts() {
    var budget = RetryBudget(perSecond: 10)
    var taken = 0
    while budget.take(at: at(0)) { taken += 1 }
    #expect(taken == 100, "ten seconds' worth is saved up")
    #expect(budget.nextAt > at(99) && budget.nextAt <= at(101))
    #expect(budget.take(at: at(99)) == false)
    #expect(budget.take(at: at(101)) == true)
    for _ in 0..<50 { budget.earn() }
    taken = 0
    while budget.take(at: at(101)) { taken += 1 }
    #expect(taken == 10)
  }

  @Test func whatAnOutageHeldIsGrantedAtItsEnd() {
    var budget = RetryBudget(perSecond: 1)
    budget.grant(500)
    var taken = 0
    while budget.take(at: at(0)) { taken += 1 }
    #expect(taken == 510)
  }
}
