import FanOut
import Testing

extension PeerComplaintsTests {
  // 12, 23
  @Test func aRebalanceRepeatsNothingThatWasDelivered() throws {
    var old = Script(order: .none)
    let attempts = (0..<4).flatMap { old.receive($0) }
    // crm has all, erp has one in the middle, the rest is in flight.
    _ = old.accept(attempts.filter { $0.id.destination == 0 || $0.record.offset == 2 })
    old.tell(.revoked(Script.id))
    for attempt in attempts where attempt.id.destination == 1 && attempt.record.offset != 2 {
      old.tell(.finished(attempt.id, .unavailable(AttemptFailure(message: "connection refused"))))
    }
    let commits = old.after(.zero).compactMap { effect -> CommittedPosition? in
      guard case .commit(_, let offset, let metadata) = effect else { return nil }
      return CommittedPosition(offset: offset, metadata: metadata)
    }
    let committed = try #require(commits.last ?? Self.lastCommit(old.effects))
    old.tell(.committed(Script.id, offset: committed.offset, .committed))
    #expect(old.after(.zero).contains(.released(Script.id)) || old.effects.contains(.released(Script.id)))

    var new = Script(order: .none, committed: committed)
    let again = (0..<4).flatMap { new.receive($0) }
    #expect(again.map(\.id.destination) == [1, 1, 1])
    #expect(again.map(\.record.offset) == [0, 1, 3])
  }

  private static func lastCommit(_ effects: [Effect]) -> CommittedPosition? {
    for case .commit(_, let offset, let metadata) in effects.reversed() {
      return CommittedPosition(offset: offset, metadata: metadata)
    }
    return nil
  }

  // 13
  @Test func theCommittedOffsetNeverMovesBackwards() {
    var script = Script(["crm"], order: .none, committed: CommittedPosition(offset: 100, metadata: ""))
    var commits: [Int64] = []
    for offset in 100..<140 as Range<Int64> {
      _ = script.accept(script.receive(offset))
      for commit in Script.commits(script.after(.seconds(11))) {
        commits.append(commit)
        let results: [CommitResult] = [.unknown("timed out"), .forbidden("denied"), .metadataRefused, .committed]
        script.tell(.committed(Script.id, offset: commit, results[Int(offset) % 4]))
      }
    }
    #expect(commits.count == 40)
    #expect(commits == commits.sorted())
    #expect(commits.allSatisfy { $0 > 100 })
  }

  // 14
  @Test func threeAttemptsAreThreeAndBackoffHasACeiling() {
    var script = Script(["crm"], attempts: 3)
    var attempts = script.receive(0)
    var waits: [Nanoseconds] = []
    while let attempt = attempts.popLast(), waits.count < 100 {
      script.tell(.finished(attempt.id, .failed(AttemptFailure(status: 500, message: "status 500"))))
      guard Script.letters(script.effects).isEmpty, let due = script.engine.nextDeadline else { break }
      waits.append(due - script.now)
      attempts = script.attempts(script.after(due - script.now))
    }
    #expect(waits.count == 2)
    let policy = RetryPolicy(attempts: 3, backoffMin: .seconds(1), backoffMax: .seconds(30), maxAge: nil)
    var random = SeededRandom(seed: 5)
    for failures in [1, 10, 63, 64, 65, 1_000, .max] {
      #expect(policy.backoff(afterFailures: failures, random: &random) <= .seconds(30))
    }
  }

  // 15
  @Test func aPartitionThatStandsStillSaysWhatItWaitsFor() throws {
    var script = Script()
    let attempts = script.receive(7, key: "a")
    _ = script.accept([attempts[0]])
    let begin = script.now
    let failure = AttemptFailure(message: "connection refused")
    script.tell(.finished(attempts[1].id, .unavailable(failure)))
    let partition = script.engine.snapshot(at: script.now + .seconds(90)).partitions[0]
    #expect(partition.watermark == 7)
    #expect(partition.waitingSince == begin)
    let pending = try #require(partition.waitingFor.first)
    #expect(partition.waitingFor.count == 1)
    #expect(pending.destination == "erp")
    #expect(pending.state == .inBackoff)
    #expect(pending.attempts == 1)
    #expect(pending.lastFailure == failure)
    #expect(pending.nextTryAt != nil)
  }

  // 16
  @Test func whatADrainCutsOffIsNotDone() {
    var script = Script(["crm"], order: .none, concurrency: 2...2)
    let attempts = (0..<4).flatMap { script.receive($0) }
    script.tell(.drain)
    script.tell(.finished(attempts[0].id, .failed(AttemptFailure(status: 500, message: "status 500"))))
    _ = script.accept([attempts[1]])
    let effects = script.after(.zero)
    #expect(Script.commits(effects) == [0], "0 failed, 2 and 3 were not begun")
    script.tell(.committed(Script.id, offset: 0, .committed))
    #expect(script.after(.zero).contains(.drained(complete: true)))
    #expect(script.attempts(script.after(.seconds(60))).isEmpty)
  }

  // 17
  @Test func keysOfOnePartitionGoInParallel() {
    var script = Script(["crm"], concurrency: 64...64)
    let attempts = (0..<100).flatMap { script.receive($0, key: "k\($0 % 50)") }
    #expect(attempts.count == 50)
  }

  // 18
  @Test func progressThatDoesNotFitIsShortenedAndStallsNothing() {
    var script = Script(order: .none, concurrency: 10_000...10_000, uncommittedMax: 100_000)
    let attempts = (0..<6_000).flatMap { script.receive($0) }
    // Each second record only, at one of two destinations: 3,000 ranges.
    _ = script.accept(attempts.filter { $0.id.destination == 0 && $0.record.offset % 2 == 1 })
    let texts = script.after(.seconds(1)).compactMap { effect -> String? in
      if case .commit(_, 0, let metadata) = effect { metadata } else { nil }
    }
    #expect(texts.count == 1)
    #expect(texts.allSatisfy { $0.utf8.count <= 4_095 && $0.utf8.count > 3_000 })
    script.tell(.committed(Script.id, offset: 0, .metadataRefused))
    #expect(Script.commits(script.after(.seconds(1))) == [0])
    script.tell(.committed(Script.id, offset: 0, .committed))
    _ = script.accept(attempts.filter { $0.id.destination == 1 || $0.record.offset % 2 == 0 })
    #expect(Script.commits(script.after(.seconds(1))) == [6_000])
  }

  // 21
  @Test func retriesOfWhatFailedTogetherAreSpreadOut() {
    let policy = RetryPolicy(attempts: 9, backoffMin: .seconds(8), backoffMax: .seconds(8), maxAge: nil)
    var random = SeededRandom(seed: 21)
    var windows = Array(repeating: 0, count: 8)
    for _ in 0..<8_000 {
      let wait = policy.backoff(afterFailures: 1, random: &random)
      windows[min(7, Int(wait.seconds))] += 1
    }
    #expect(windows.allSatisfy { (900...1_100).contains($0) }, "\(windows)")
  }
}
