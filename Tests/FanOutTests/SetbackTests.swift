import Testing

@testable import FanOut

/// What is told of deliveries that are tried again.
@Suite struct SetbackTests {
  private func setbacks(_ effects: [Effect]) -> [Setback] {
    effects.compactMap { if case .notice(.setBack(let setback)) = $0 { setback } else { nil } }
  }

  private let refused = AttemptFailure(message: "ECONNREFUSED")

  @Test func eachTryThatWillBeFollowedByAnotherIsTold() throws {
    var script = Script(["crm"], attempts: 2)
    let first = script.receive(7)[0]
    let held = try #require(setbacks(script.tell(.finished(first.id, .unavailable(refused)))).first)
    #expect(held.partition.topic == "orders" && held.offset == 7 && held.attempts == 1 && held.failure == refused)
    #expect(held.nextTryAt >= script.now && held.nextTryAt <= script.now + .milliseconds(100))
    let second = try #require(script.attempts(script.after(.seconds(1))).first)
    #expect(setbacks(script.tell(.finished(second.id, .failed(refused)))).map(\.attempts) == [2])
    let third = try #require(script.attempts(script.after(.seconds(1))).first)
    #expect(setbacks(script.tell(.finished(third.id, .refused(.rejected, refused)))).isEmpty, "there is no other try")
  }

  @Test func ofABatchEachRecordIsTold() throws {
    var script = Script(["crm"], batch: BatchPolicy(recordsMax: 2, bytesMax: 1_000, wait: .zero, isWhole: true))
    _ = script.receive(0)
    let effects = script.tell(.received(record(1, key: nil))) + script.after(.zero)
    let batch = try #require(
      (script.effects + effects).compactMap { if case .attemptBatch(let batch) = $0 { batch } else { nil } }.first)
    let told = setbacks(script.tell(.batchFinished(batch.id, .all(.unavailable(refused)))))
    #expect(told.map(\.offset) == batch.members.map(\.record.offset))
  }

  @Test func nothingIsToldWhileTheBreakerIsOpenOrInADrain() {
    var script = Script(["crm"], breaker: BreakerPolicy(openAfter: 2, openFor: .seconds(30)))
    let attempts = (0..<3).flatMap { script.receive($0) }
    #expect(setbacks(script.tell(.finished(attempts[0].id, .unavailable(refused)))).count == 1)
    #expect(setbacks(script.tell(.finished(attempts[1].id, .unavailable(refused)))).isEmpty, "the breaker's own notice")
    #expect(setbacks(script.tell(.finished(attempts[2].id, .unavailable(refused)))).isEmpty)

    var draining = Script(["crm"])
    let last = draining.receive(0)[0]
    draining.tell(.drain)
    #expect(setbacks(draining.tell(.finished(last.id, .unavailable(refused)))).isEmpty)
  }
}
