import Testing

@testable import FanOut

private func failure(_ status: UInt16) -> AttemptFailure { AttemptFailure(status: status, message: "status \(status)") }

/// Destinations with `required: false`.
@Suite struct OptionalTests {
  /// `fraud` is optional. A share of four records, if there are no others.
  private func script(
    order: RecordOrder = .none, concurrency: ClosedRange<Int> = 8...8, recordsMax: Int = 16,
    breaker: BreakerPolicy = BreakerPolicy(openAfter: 1_000, openFor: .seconds(30))
  ) -> Script {
    Script(
      ["crm", "fraud"], order: order, concurrency: concurrency, breaker: breaker, uncommittedMax: 1_000_000,
      recordsMax: recordsMax, optional: ["fraud"])
  }

  private func dropped(_ effects: [Effect]) -> [UInt64] {
    effects.compactMap { if case .notice(.dropped(let id)) = $0 { id.sequence } else { nil } }
  }

  private func kept(_ script: Script) -> FanOutSnapshot.Destination {
    script.engine.snapshot(at: script.now).destinations[1]
  }

  private func credit(_ effects: [Effect]) -> Int {
    effects.reduce(0) { if case .credit(let records, _) = $1 { $0 + records } else { $0 } }
  }

  @Test func noCommitWaitsForItAndItHasTheRecordAllTheSame() {
    var script = script()
    let attempts = script.receive(5)
    _ = script.accept([attempts[0]])
    let effects = script.after(.milliseconds(250))
    #expect(Script.commits(effects) == [6])
    #expect(credit(effects) == 1, "the required ones are done with it")
    script.tell(.committed(Script.id, offset: 6, .committed))
    script.tell(.finished(attempts[1].id, .failed(failure(500))))
    let again = script.attempts(script.after(.seconds(1)))
    #expect(again.map(\.id) == [attempts[1].id], "kept behind the watermark")
    #expect(script.accept(again).isEmpty)
    #expect(kept(script).kept == 0)
    #expect(kept(script).counts.accepted == 1)
    #expect(Script.commits(script.after(.seconds(1))).isEmpty, "a commit has nothing to say of it")
  }

  @Test func aQuarterOfTheLimitsIsForTheOptionalOnes() {
    let policy = Script(["crm", "a", "b"], recordsMax: 80, optional: ["a", "b"]).engine.policy
    #expect(policy.recordsMax == 60)
    #expect(policy.optionalShare == OptionalShare(recordsMax: 10, bytesMax: 1 << 27))
    #expect(Script(recordsMax: 80).engine.policy.recordsMax == 80)
  }

  @Test func beyondItsShareTheOldestIsDroppedAndCounted() {
    var script = script(concurrency: 1...1)
    var first: [Attempt] = []
    for offset in 0..<10 as Range<Int64> {
      let attempts = script.receive(offset)
      first += attempts.filter { $0.id.destination == 1 }
      _ = script.accept(attempts.filter { $0.id.destination == 0 })
    }
    #expect(first.map(\.record.offset) == [0], "in flight")
    #expect(dropped(script.effects) == [1, 2, 3, 4, 5, 6])
    #expect(kept(script).kept == 4)
    #expect(kept(script).counts.dropped == 6)
    #expect(script.accept(first).map(\.record.offset) == [7])
  }

  /// What one turn drops must not stay at the gate, nor in the heap of backoffs.
  @Test func anOutageOfAnyLengthNeedsNoMoreMemoryThanTheShare() {
    var script = script(recordsMax: 4_000, breaker: BreakerPolicy(openAfter: 2, openFor: .seconds(30)))
    for offset in 0..<50_000 as Range<Int64> {
      var attempts = script.receive(offset)
      while let attempt = attempts.popLast() {
        if attempt.id.destination == 1 {
          attempts += script.attempts(script.tell(.finished(attempt.id, .unavailable(failure(503)))))
        } else {
          attempts += script.accept([attempt])
        }
      }
      if offset % 100 == 0 {
        for case .commit(let id, let offset, _) in script.after(.milliseconds(10)) {
          script.tell(.committed(id, offset: offset, .committed))
        }
      }
      script.effects.removeAll()
    }
    let state = script.engine.destinations[1]
    #expect(kept(script).kept == 1_000)
    #expect(kept(script).counts.dropped + 1_000 == 50_000)
    #expect(state.ready.count + state.retries.count + state.backoffs.count < 3_000)
    #expect(script.engine.keeps[1].queue.count < 3_000)
    #expect(script.engine.partitions[0].ledger.count == 0)
  }

  @Test func requestsThatHangTakeNoMoreThanTheShare() {
    var script = script(concurrency: 100...100)
    var hanging = 0
    for offset in 0..<100 as Range<Int64> {
      let attempts = script.receive(offset)
      hanging += attempts.count { $0.id.destination == 1 }
      _ = script.accept(attempts.filter { $0.id.destination == 0 })
      _ = script.after(.milliseconds(1))
    }
    #expect(hanging == 4)
    #expect(kept(script).kept == 4)
    #expect(credit(script.effects) == 100, "the required one reads on")
    #expect(script.engine.nextDeadline.map { $0 > script.now } ?? true, "nothing to wake for")
  }

  @Test(arguments: [RecordOrder.key, .partition]) func nothingOvertakesWhatADroppedRecordWaitedFor(_ order: RecordOrder)
  {
    var script = script(order: order)
    var fraud: [Attempt] = []
    for offset in 0..<8 as Range<Int64> {
      let attempts = script.receive(offset, key: "a")
      fraud += attempts.filter { $0.id.destination == 1 }
      _ = script.accept(attempts.filter { $0.id.destination == 0 })
    }
    #expect(fraud.map(\.record.offset) == [0])
    #expect(dropped(script.effects) == [1, 2, 3, 4])
    #expect(script.accept(fraud).map(\.record.offset) == [5])
  }

  @Test func whatItRefusesIsADeadLetterThatNoCommitWaitsFor() {
    var script = script()
    let attempts = script.receive(0)
    let letters = Script.letters(script.tell(.finished(attempts[1].id, .refused(.rejected, failure(400)))))
    #expect(letters.map(\.id) == [attempts[1].id])
    _ = script.accept([attempts[0]])
    #expect(Script.commits(script.after(.milliseconds(250))) == [1])
    script.tell(.deadLetterWritten(attempts[1].id, error: "timed out"))
    #expect(Script.letters(script.after(.seconds(1))).map(\.id) == [attempts[1].id], "written again")
    script.tell(.deadLetterWritten(attempts[1].id, error: nil))
    #expect(kept(script).kept == 0)
    #expect(kept(script).counts.deadLetters == 1)
  }

  @Test func aDrainIsCompleteThoughItsRequestHangs() {
    var script = script()
    let attempts = script.receive(0) + script.receive(1)
    _ = script.accept(attempts.filter { $0.id.destination == 0 })
    script.tell(.drain)
    for case .commit(let id, let offset, _) in script.after(.zero) {
      script.tell(.committed(id, offset: offset, .committed))
    }
    #expect(!script.after(.seconds(4)).contains { if case .drained = $0 { true } else { false } }, "it has the time")
    #expect(script.after(.seconds(1)).contains(.drained(complete: true)))
  }

  @Test func aRevokedPartitionWaitsForWhatIsInFlightAndCountsWhatIsMissed() {
    var script = script(concurrency: 1...1)
    let attempts = script.receive(0) + script.receive(1)
    let more = script.accept(attempts.filter { $0.id.destination == 0 })
    _ = script.accept(more.filter { $0.id.destination == 0 })
    script.tell(.revoked(Script.id))
    #expect(!script.after(.seconds(1)).contains(.released(Script.id)))
    let effects = script.tell(.finished(attempts[1].id, .accepted(status: 204)))
    #expect(script.attempts(effects).isEmpty)
    script.tell(.committed(Script.id, offset: 2, .committed))
    #expect(script.after(.zero).contains(.released(Script.id)))
    #expect(kept(script).counts.dropped == 1)
    #expect(kept(script).kept == 0)
  }

  /// 4 KB are beside an offset: what a required destination has comes first.
  @Test func theMetadataHasRoomForItOnlyWhereRequiredOnesLeaveSome() throws {
    var ledger = PartitionLedger(destinations: 2, required: 0b10)
    for offset in 0..<20_000 as Range<Int64> {
      guard let sequence = ledger.append(record(offset, key: nil), orderHash: 0) else { continue }
      if offset % 2 == 0 { _ = ledger.settle(sequence, for: 0) }
      if offset % 2 == 1 { _ = ledger.settle(sequence, for: 1) }
    }
    let alone = CommitMetadata.text(ledger, destinations: ["fraud", "crm"], required: 0b10)
    #expect(alone.utf8.count <= 4_095)
    let position = CommittedPosition(offset: 0, metadata: alone)
    var progress = try #require(try CommitMetadata.read(position, destinations: ["fraud", "crm"]).get())
    #expect((0..<3_900).allSatisfy { progress.bits(at: $0) & 0b10 == ($0 % 2 == 1 ? 0b10 : 0) })
    var both = CommitMetadata.text(ledger, destinations: ["fraud", "crm"])
    both = both.split(separator: "crm=").last.map(String.init) ?? ""
    #expect(both.utf8.count < alone.utf8.count * 2 / 3, "alike, they would share the room")
  }

  @Test func aConfigOfOptionalOnesOnlyCommitsWhatItReads() {
    var script = Script(["fraud"], order: .key, optional: ["fraud"])
    let attempts = script.receive(5, key: "a")
    #expect(attempts.count == 1)
    #expect(Script.commits(script.after(.milliseconds(250))) == [6])
    #expect(script.receive(6, key: "a").isEmpty, "its order is kept")
    #expect(script.accept(attempts).map(\.record.offset) == [6])
    #expect(script.tell(.lost(Script.id)).isEmpty)
    _ = script.after(.zero)
    #expect(credit(script.effects) == 2)
  }
}
