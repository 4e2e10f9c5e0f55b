import FanOut
import Testing

private let refused = BatchOutcome.all(.refused(.rejected, Script.status(400)))
private let accepted = Script.accepted
private func failure(_ status: UInt16) -> AttemptFailure { Script.status(status) }

@Suite struct BatchTests {
  @Test func aBatchGoesWhenItIsFullOrItsFirstRecordHasWaited() {
    var script = Script.batching()
    for offset in 0..<6 as Range<Int64> { _ = script.receive(offset) }
    #expect(script.turn().map(\.offsets) == [[0, 1, 2, 3]])
    #expect(script.engine.nextDeadline == script.now + .milliseconds(50))
    #expect(script.later(49).isEmpty)
    #expect(script.later(1).map(\.offsets) == [[4, 5]])
  }

  @Test func bytesBoundABatchAndALargerRecordGoesAlone() {
    var script = Script.batching(records: 100, bytes: 100)
    for (offset, bytes) in [40, 40, 40, 500, 10].enumerated() {
      script.tell(.received(record(Int64(offset), key: nil, valueBytes: bytes)))
    }
    #expect(script.turn().map(\.offsets) == [[0, 1], [2], [3]])
    #expect(script.later(50).map(\.offsets) == [[4]])
  }

  @Test func aKeyIsInABatchOnce() {
    var script = Script.batching(order: .key, waits: 0)
    for offset in 0..<4 as Range<Int64> { _ = script.receive(offset, key: offset % 2 == 0 ? "a" : "b") }
    let first = script.turn()
    #expect(first.map(\.offsets) == [[0, 1]])
    #expect(script.end(first[0], accepted).map(\.offsets) == [[2, 3]])
  }

  @Test func anAPIThatTakesABatchWholeGetsAPartitionInARow() {
    var script = Script.batching(order: .partition, waits: 0)
    for offset in 0..<6 as Range<Int64> { _ = script.receive(offset) }
    let first = script.turn()
    #expect(first.map(\.offsets) == [[0, 1, 2, 3]])
    #expect(script.end(first[0], accepted).map(\.offsets) == [[4, 5]])
    var each = Script.batching(order: .partition, waits: 0, isWhole: false)
    for offset in 0..<3 as Range<Int64> { _ = each.receive(offset) }
    #expect(each.turn().map(\.offsets) == [[0]], "the API may take the second and not the first")
  }

  /// 8 records, the sixth is bad: it alone is a dead letter, and nobody loses an attempt or counts as tried again.
  @Test func aRefusedBatchIsSplitUntilTheBadRecordIsAlone() {
    var script = Script.batching(records: 8, attempts: 1)
    for offset in 0..<8 as Range<Int64> { _ = script.receive(offset) }
    var waiting = script.turn()
    var sizes: [Int] = []
    while let batch = waiting.popLast() {
      sizes.append(batch.members.count)
      waiting += script.end(batch, batch.offsets.contains(5) ? refused : accepted)
    }
    #expect(sizes.sorted() == [1, 1, 2, 2, 4, 4, 8])
    #expect(script.letters == [5])
    let counts = script.engine.snapshot(at: script.now).destinations[0].counts
    #expect(counts.accepted == 7)
    #expect(counts.retries == 0)
    #expect(counts.attempts == 7)
  }

  @Test func aSplitKeepsAPartitionInOrder() {
    var script = Script.batching(order: .partition, waits: 0)
    for offset in 0..<5 as Range<Int64> { _ = script.receive(offset) }
    var batches = script.turn()
    batches = script.end(batches[0], refused)
    #expect(batches.map(\.offsets) == [[0, 1]], "2 waits for 1")
    batches = script.end(batches[0], accepted)
    #expect(batches.map(\.offsets) == [[2, 3]])
    batches = script.end(batches[0], refused)
    #expect(batches.map(\.offsets) == [[2]])
    #expect(script.end(batches[0], refused).isEmpty, "3 waits for the dead letter")
    let letter = Script.letters(script.effects)[0]
    script.tell(.deadLetterWritten(letter.id, error: nil))
    batches = script.turn()
    #expect(batches.map(\.offsets) == [[3]], "4 is new and not in its company")
    #expect(script.end(batches[0], accepted).map(\.offsets) == [[4]])
  }

  /// Attempts made together are nobody's: the bad record has three alone, a good one that fails once alone has two left.
  @Test func failuresInCompanyUseNoAttemptUp() {
    var script = Script.batching(records: 2, attempts: 3)
    _ = script.receive(0)
    _ = script.receive(1)
    var batches = script.end(script.turn()[0], .all(.failed(failure(500))))
    var failures: [Int64: Int] = [:]
    for _ in 0..<20 {
      while let batch = batches.popLast() {
        #expect(batch.members.count == 1)
        let offset = batch.offsets[0]
        failures[offset, default: 0] += 1
        let isAccepted = offset == 0 && failures[0] == 3
        batches += script.end(batch, isAccepted ? accepted : .all(.failed(failure(500))))
      }
      batches += script.later(1_000)
    }
    #expect(failures[0] == 3)
    #expect(failures[1] ?? 0 >= 3)
    #expect(script.letters == [1])
  }

  @Test func a413HalvesTheBatchesAndOneAloneIsRefused() {
    var script = Script.batching(records: 8)
    for offset in 0..<16 as Range<Int64> { _ = script.receive(offset) }
    let tooLarge = BatchOutcome.all(.refused(.rejected, failure(413)))
    var batches = script.turn()
    #expect(batches.map(\.members.count) == [8, 8])
    batches = script.end(batches[0], tooLarge) + script.end(batches[1], accepted)
    #expect(batches.map(\.members.count) == [4, 4])
    for offset in 16..<24 as Range<Int64> { _ = script.receive(offset) }
    #expect(script.turn().map(\.members.count) == [4, 4], "the next ones too")
    #expect(script.letters.isEmpty)
    _ = script.receive(24)
    let alone = script.later(50)
    #expect(script.end(alone[0], tooLarge).isEmpty)
    #expect(script.letters == [24])
    for offset in 25..<45 as Range<Int64> {
      _ = script.receive(offset)
      for batch in script.later(1_000) { _ = script.end(batch, accepted) }
    }
    for offset in 45..<53 as Range<Int64> { _ = script.receive(offset) }
    #expect(script.turn().map(\.members.count) == [8], "they have grown again")
  }

  @Test func anAnswerForEachRecordSettlesEachByItself() {
    var script = Script.batching(isWhole: false, attempts: 2)
    for offset in 0..<4 as Range<Int64> { _ = script.receive(offset) }
    let each = BatchOutcome.each([
      .accepted(status: 201), .refused(.rejected, failure(400)), .failed(failure(500)), .unavailable(failure(429)),
    ])
    #expect(script.end(script.turn()[0], each).isEmpty)
    #expect(script.letters == [1])
    let again = script.later(1_000)
    #expect(Set(again.flatMap(\.offsets)) == [2, 3])
    for batch in again {
      let outcomes = batch.offsets.map { $0 == 2 ? Outcome.failed(failure(500)) : .accepted(status: 201) }
      _ = script.end(batch, .each(outcomes))
    }
    #expect(script.letters == [1, 2], "its own attempts are used up")
  }

  @Test func asManyAnswersAsRecordsOrNone() {
    var script = Script.batching(isWhole: false, attempts: 1)
    for offset in 0..<4 as Range<Int64> { _ = script.receive(offset) }
    #expect(script.end(script.turn()[0], .each([.accepted(status: 201)])).isEmpty)
    #expect(script.later(1_000).map(\.members.count) == [2, 2])
    #expect(script.letters.isEmpty)
  }
}
