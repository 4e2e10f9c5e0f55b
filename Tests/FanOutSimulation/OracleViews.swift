import FanOut

/// What the oracle knows of one assignment: what its instance was told, and what it did.
struct AssignmentView: Sendable {
  enum Phase: Sendable, Equatable {
    case active
    /// To be released by then.
    case revoked(by: Int64)
    case over
  }

  let instance: Int
  let life: Int
  let partition: Int
  /// The first record that is read.
  let start: Int
  var phase = Phase.active
  var received: Int
  /// By ordinal: destinations that are settled as far as the instance was told, by this assignment or by the commit
  /// that it began from.
  var told: [UInt64]
  /// By ordinal: what the commit that it began from says.
  let claims: [UInt64]
  var deliveries: [DeliveryView]
  var shares: [Share]
  /// By ordinal: optional destinations that miss it.
  var dropped: [UInt64]
  /// The first record that is not complete: all that are required have it.
  var head: Int
  /// By ordinal.
  var rows: [RowState]
  var rowsOnTheirWay = 0
  /// Requests, dead letters and rows on their way.
  var busy = 0
  var commitInFlight = false
  var lastCommit: Int64
  /// What it was told to be committed.
  var committed: Int64?
  /// The broker refused metadata for its size: from then on less may be said.
  var saysLess = false
  /// The poll thread takes no more records of it.
  var isFetched = true

  static let nobodys = AssignmentView(
    instance: -1, life: 0, partition: 0, start: 0, phase: .over, received: 0, told: [], claims: [], deliveries: [],
    shares: [], dropped: [], head: 0, rows: [], lastCommit: 0)

  struct Share: Sendable, CustomStringConvertible {
    var inFlight = 0
    /// Dead letters on their way.
    var letters = 0
    var settled = 0
    /// Of those settled, what the commit on its way covers, and what the instance was told to be committed.
    var committing = 0
    var known = 0
    /// Of those settled, what the broker has in truth.
    var covered = 0
    var description: String { "\(inFlight) in flight, \(settled) settled, \(covered) of those committed" }
  }
}

enum RowState: UInt8, Sendable { case none, onItsWay, failed, written }

struct DeliveryView: Sendable {
  enum State: UInt8, Sendable {
    case idle, inFlight, stale, refused, unsendable, lettering, letterFailed, settled, dropped
    /// A request or a dead letter is on its way, or waits to be written again.
    var isBusy: Bool { self != .idle && self != .stale && self != .settled && self != .dropped }
  }
  var state = State.idle
  /// The last failure was the destination's fault.
  var wasOutage = false
  var requests: UInt16 = 0
  /// Attempts that count.
  var failures: UInt16 = 0
  /// Healthy answers that the instance had had when the first attempt failed.
  var healthAtFirstFailure: UInt32 = 0
  /// Of those, after the destination had shown that it works since the last one.
  var proven: UInt16 = 0
  var healthAtFailure: UInt32 = 0
  var firstAttemptAt: Int64 = 0
  var receivedAt: Int64 = 0
  var settledAt: Int64 = 0
  /// As a results row is to tell it, once it is settled.
  var column = ResultRow.Column(.pending)
}

/// One record at one destination, for one instance.
struct DeliveryKey: Sendable, Equatable {
  let assignment: Int
  let ordinal: Int
}

struct KeptView: Sendable {
  let key: DeliveryKey
  let bytes: Int
}

/// What the oracle knows of one destination as one instance sees it.
struct DestinationView: Sendable {
  var inFlight = 0
  var notBefore = Int64.min
  var healthy: UInt32 = 0
  /// Failures since the last healthy answer.
  var row = 0
  var firstFailer: DeliveryKey?
  /// Not only one record has failed since the last healthy answer.
  var othersFailed = false
  /// The breaker is open until then, and then a probe may go; nil while it is closed.
  var openUntil: Int64?
  var probe: DeliveryKey?
  /// Optional: what is complete and it has not had, oldest first.
  var kept: [KeptView] = []
  var dropped = 0
  /// Generic cell rate: when the next request conforms.
  var conformsAt = Int64.min / 2
}

struct InstanceView: Sendable {
  var life = 0
  var destinations: [DestinationView]
  /// Handed to the engine and not given back.
  var heldRecords = 0
  var heldBytes = 0
  var drainBy: Int64?
  var hasDrained = false
  var assignments: [Int] = []
  /// On their way.
  var batches: [BatchID: BatchView] = [:]
}

struct BatchView: Sendable {
  /// The first one it was begun with.
  let lead: DeliveryKey
  var members: [DeliveryKey]
}

/// A commit on its way.
struct CommitView: Sendable {
  let assignment: Int
  let offset: Int64
  let metadata: String
  /// By destination: deliveries of the assignment that it makes durable.
  let settled: [Int]
}
