import FanOut

/// One running bridge: a real engine, and as much of the shell around it as decides what the engine sees.
struct Shell: Sendable {
  var engine: FanOutEngine
  var isRunning = false
  /// Of this start, as the oracle counts them: what is on its way to an earlier one is dropped.
  var life = 0
  var inbox: [Event] = []
  var outbox: [Outgoing] = []
  var turnAt: Int64?
  var freezes = 0
  var creditRecords = 0
  var creditBytes = 0
  var isFetchPlanned = false
  var isFetching = true
  /// Assignments that the poll thread reads.
  var fetched: [Int] = []
  /// So many effects more, and it crashes.
  var crashAfter: Int?
  /// When it is to be started again.
  var restartAt: Int64 = 0
  /// In the group, as the group sees it.
  var isMember = false
  var idleTurns = 0

  /// An effect that is to be carried out.
  struct Outgoing: Sendable {
    let effect: Effect
    /// A commit's number in the oracle's table.
    let commit: Int
  }
}

/// A request on its way.
struct Request: Sendable {
  let instance: Int
  let life: Int
  let answer: Event
}

/// A commit on its way; the numbers are the oracle's.
struct CommitOnItsWay: Sendable {
  let instance: Int
  let life: Int
  let fate: Fault.CommitTrouble?
  var result: CommitResult
}

struct LetterOnItsWay: Sendable {
  let instance: Int
  let life: Int
  let id: DeliveryID
  let partition: Int
  let ordinal: Int
  let fate: Fault.LetterTrouble?
}
