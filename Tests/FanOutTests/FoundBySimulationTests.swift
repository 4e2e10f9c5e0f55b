import FanOut
import Testing

/// What the simulated world found, told in a few steps.
@Suite struct FoundBySimulationTests {
  /// A commit that was made before all restored records had been received forgot the rest: a second crash sent them
  /// again.
  @Test func progressOfRecordsThatAreNotReceivedYetStaysInTheNextCommit() {
    var script = Script(committed: CommittedPosition(offset: 5, metadata: "t1:crm=AE"))
    _ = script.accept(script.receive(5))
    #expect(script.after(.seconds(1)).contains(.commit(Script.id, offset: 6, metadata: "t1:crm=AD")))
    script.tell(.committed(Script.id, offset: 6, .committed))
    let attempts = script.receive(6)
    #expect(attempts.map(\.id.destination) == [1])
    script.tell(.finished(attempts[0].id, .accepted(status: 204)))
    #expect(script.after(.seconds(1)).contains(.commit(Script.id, offset: 7, metadata: "t1:crm=AC")))
  }

  /// The answer to one commit let a parked delivery go, which began the next commit, and what that one covers was then
  /// taken for durable at the other destination: more was in flight than a crash may repeat.
  @Test func aCommitThatTheAnswerToAnotherBeginsIsNotDurableYet() {
    var script = Script(order: .none, uncommittedMax: 1)
    let first = script.receive(0)
    _ = script.receive(1)
    _ = script.receive(2)
    #expect(script.accept([first[0]]).isEmpty)
    #expect(script.accept([first[1]]).isEmpty)
    let next = script.attempts(script.tell(.committed(Script.id, offset: 0, .committed)))
    #expect(next.map(\.id.destination) == [0], "erp's record 0 is on its way to the broker only")
  }
}
