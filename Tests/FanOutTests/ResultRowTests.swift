import FanOut
import Testing

private func failure(_ status: UInt16, kept: String = "") -> AttemptFailure {
  AttemptFailure(status: status, message: "status \(status)", kept: Array(kept.utf8))
}

/// One row for each record, before its offset is committed.
@Suite struct ResultRowTests {
  private func script(
    _ names: [String] = ["crm", "erp"], committed: CommittedPosition? = nil, optional: Set<String> = []
  ) -> Script {
    Script(names, order: .key, attempts: 2, committed: committed, optional: optional, keepsResults: true)
  }

  private func rows(_ effects: [Effect]) -> [(id: DeliveryID, row: ResultRow)] {
    effects.compactMap { if case .result(let id, _, let row) = $0 { (id, row) } else { nil } }
  }

  private func column(
    _ ending: ResultRow.Ending, status: UInt16, attempts: Int, after milliseconds: Int64, body: String = ""
  ) -> ResultRow.Column {
    var column = ResultRow.Column(ending)
    (column.status, column.attempts, column.body) = (status, attempts, Array(body.utf8))
    column.duration = .milliseconds(milliseconds)
    return column
  }

  @Test func aRowTellsEveryDestinationAndTheCommitWaitsForIt() {
    var script = script()
    let attempts = script.receive(5)
    script.now = script.now + .milliseconds(12)
    #expect(rows(script.tell(.finished(attempts[0].id, .accepted(status: 201, body: Array("\"A-17\"".utf8))))).isEmpty)
    script.now = script.now + .milliseconds(3)
    #expect(rows(script.tell(.finished(attempts[1].id, .refused(.rejected, failure(400, kept: "no"))))).isEmpty)
    let written = rows(script.tell(.deadLetterWritten(attempts[1].id, error: nil)))
    #expect(
      written.map(\.row.columns) == [
        [
          column(.delivered, status: 201, attempts: 1, after: 12, body: "\"A-17\""),
          column(.deadLettered(.rejected), status: 400, attempts: 1, after: 15, body: "no"),
        ]
      ])
    #expect(Script.commits(script.after(.milliseconds(250))) == [5])
    script.tell(.committed(Script.id, offset: 5, .committed))
    script.tell(.resultWritten(written[0].id, error: nil))
    #expect(Script.commits(script.after(.milliseconds(250))) == [6])
  }

  @Test func aRowThatFailsIsWrittenAgain() {
    var script = script(["crm"])
    _ = script.accept(script.receive(0))
    let first = rows(script.effects)
    #expect(first.count == 1)
    script.tell(.resultWritten(first[0].id, error: "timed out"))
    let partition = script.engine.snapshot(at: script.now).partitions[0]
    #expect(partition.waitingFor.map(\.destination) == ["results"])
    #expect(partition.waitingFor.first?.lastFailure?.message == "timed out")
    let again = rows(script.after(.seconds(1)))
    #expect(again.map(\.id) == first.map(\.id))
    #expect(again.map(\.row) == first.map(\.row))
    #expect(Script.commits(script.effects) == [0])
    script.tell(.committed(Script.id, offset: 0, .committed))
    script.tell(.resultWritten(again[0].id, error: nil))
    script.tell(.resultWritten(again[0].id, error: nil))
    #expect(Script.commits(script.after(.seconds(1))) == [1])
  }

  @Test func theOrderOfAKeyDoesNotWaitForTheRow() {
    var script = script(["crm"])
    let first = script.receive(0, key: "a")
    #expect(script.receive(1, key: "a").isEmpty)
    #expect(script.accept(first).map(\.record.offset) == [1])
  }

  @Test func aRecordThatAllSkipHasARowToo() {
    var script = script()
    let effects = script.tell(.received(record(0, key: nil), skipped: 0b11))
    #expect(rows(effects).map { $0.row.columns.map(\.ending) } == [[.skipped, .skipped]])
  }

  /// What a destination had before a crash is told as such: how it ended is not known any more.
  @Test func whatIsRestoredIsToldAsRestored() {
    var script = script(committed: CommittedPosition(offset: 5, metadata: "t1:crm=AB"))
    _ = script.accept(script.receive(5))
    let endings = rows(script.effects).map { $0.row.columns.map(\.ending) }
    #expect(endings == [[.restored, .delivered]])
  }

  /// A commit says whose row is written beyond the watermark: it is not written again.
  @Test func aRowThatIsThereIsNotWrittenAgain() throws {
    var script = script(committed: CommittedPosition(offset: 5, metadata: ""))
    let first = script.receive(5)
    _ = script.accept(script.receive(6))
    script.tell(.resultWritten(rows(script.effects)[0].id, error: nil))
    let metadata = script.after(.seconds(1)).compactMap { effect -> String? in
      if case .commit(_, 5, let metadata) = effect { metadata } else { nil }
    }
    #expect(metadata == ["t1:crm=BB;erp=BB;*=BB"] && first.count == 2)
    var next = self.script(committed: CommittedPosition(offset: 5, metadata: try #require(metadata.first)))
    _ = next.accept(next.receive(5))
    let written = rows(next.effects)
    #expect(written.map(\.row.columns.count) == [2])
    #expect(rows(next.tell(.received(record(6, key: nil)))).isEmpty)
    next.tell(.resultWritten(written[0].id, error: nil))
    #expect(Script.commits(next.after(.seconds(1))).last == 7)
  }

  @Test func anOptionalDestinationThatIsNotDoneIsPending() {
    var script = script(["crm", "fraud"], optional: ["fraud"])
    let attempts = script.receive(0)
    script.tell(.finished(attempts[1].id, .refused(.rejected, failure(400))))
    _ = script.accept([attempts[0]])
    let written = rows(script.effects)
    #expect(written.map { $0.row.columns.map(\.ending) } == [[.delivered, .pending]], "its letter is on its way")
    script.tell(.resultWritten(written[0].id, error: nil))
    #expect(Script.commits(script.after(.seconds(1))) == [1])
  }

  /// A body that waits for its row takes the place of records that could be read.
  @Test func bodiesCountAsBytesUntilTheirRowIsWritten() {
    var script = script()
    let attempts = script.receive(0)
    script.tell(.finished(attempts[0].id, .accepted(status: 200, body: Array(repeating: 1, count: 5_000))))
    #expect(script.after(.zero).contains(.credit(records: 0, bytes: -5_000)))
    _ = script.accept([attempts[1]])
    script.tell(.resultWritten(rows(script.effects)[0].id, error: nil))
    let footprint = record(0, key: nil).footprint
    #expect(script.after(.zero).contains(.credit(records: 1, bytes: footprint + 5_000)))
  }

  @Test func theBytesOfALostPartitionsBodiesComeBack() {
    var script = script()
    let attempts = script.receive(0)
    script.tell(.finished(attempts[0].id, .accepted(status: 200, body: Array(repeating: 1, count: 5_000))))
    script.tell(.lost(Script.id))
    #expect(script.after(.zero).contains(.credit(records: 1, bytes: record(0, key: nil).footprint)))
  }

  @Test func aDrainWaitsForTheRowsOfWhatItFinishes() {
    var script = script(["crm"])
    let attempts = script.receive(0)
    script.tell(.drain)
    _ = script.accept(attempts)
    #expect(Script.commits(script.after(.zero)) == [0])
    script.tell(.committed(Script.id, offset: 0, .committed))
    #expect(!script.after(.seconds(1)).contains { if case .drained = $0 { true } else { false } })
    script.tell(.resultWritten(rows(script.effects)[0].id, error: nil))
    #expect(Script.commits(script.after(.zero)) == [1])
    script.tell(.committed(Script.id, offset: 1, .committed))
    #expect(script.after(.zero).contains(.drained(complete: true)))
  }
}
