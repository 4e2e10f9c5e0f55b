import FanOut

/// All that is decided before a run begins. The run's own dice (latencies, coins) are thrown from `dice`, so a
/// scenario is replayed exactly, and can be made smaller while it still fails.
package struct Scenario: Sendable {
  package var dice: UInt64
  var partitions: [PartitionPlan]
  var destinations: [DestinationPlan]
  var instances: Int
  var faults: [Fault]
  var engine: EnginePlan
  var group: GroupPlan

  struct PartitionPlan: Sendable {
    var records: [RecordPlan]
    /// What the group had committed before the story begins.
    var committed: CommittedPosition?
  }

  struct RecordPlan: Sendable {
    var offset: Int64
    /// -1 for none.
    var key: Int
    var valueBytes: Int
    /// When it is on the topic.
    var producedAt: Int64
    /// By destination.
    var natures: [Nature]
    /// One bit for each destination that it is not for.
    var skips: UInt64 = 0
  }

  /// What a destination thinks of a record.
  enum Nature: UInt8, Sendable {
    case fine
    /// 400, always.
    case refused
    /// 500, always.
    case poison
    /// No answer, always.
    case poisonHang
    /// No request can be made of it.
    case unsendable
  }

  struct DestinationPlan: Sendable {
    var policy: DestinationPolicy
    /// Latency: between the two, in nanoseconds.
    var latency: ClosedRange<Int64>
    var timeout: Int64
    /// Takes everything, has no fault and no limit: nobody else's trouble may be felt by it.
    var isCalm: Bool
    var isOptional = false
    /// Where the policy asks for batches.
    var batches: BatchAPI?
  }

  /// What a destination makes of a request for several records.
  struct BatchAPI: Sendable {
    /// An answer for each record; else it takes all of them or none.
    var answersEach: Bool
    /// 413 beyond these.
    var recordsMax: Int
    var bytesMax: Int
  }

  struct EnginePlan: Sendable {
    var commitEvery: Nanoseconds
    var uncommittedMax: Int
    var recordsMax: Int
    var bytesMax: Int
    var spanMax: Int
    var drain: Nanoseconds
    var revocation: Nanoseconds
    var keepsResults = false
  }

  struct GroupPlan: Sendable {
    /// Every partition is taken back at each rebalance; otherwise only those that move.
    var isEager: Bool
    /// Who comes back has its partitions at once (`kafka.instance_id`).
    var isStatic: Bool
    var sessionTimeout: Int64
    var commitLatency: ClosedRange<Int64>
    var letterLatency: ClosedRange<Int64>
    var fetchEvery: ClosedRange<Int64>
    var fetchMax: Int
  }

  var policy: EnginePolicy {
    EnginePolicy(
      destinations: destinations.map { $0.isOptional ? $0.policy.notRequired : $0.policy },
      commitEvery: engine.commitEvery, uncommittedMax: engine.uncommittedMax,
      recordsMax: engine.recordsMax, bytesMax: engine.bytesMax, spanMax: engine.spanMax, drain: engine.drain,
      revocation: engine.revocation, keepsResults: engine.keepsResults)
  }

  /// When the last fault is over.
  var calmAt: Int64 { faults.reduce(0) { max($0, $1.end) } }
}

/// Something that goes wrong, from `start` to `end`, in nanoseconds.
struct Fault: Sendable {
  var start: Int64
  var end: Int64
  var kind: Kind

  enum Kind: Sendable {
    /// Ends in the middle of a turn, with so many of its effects carried out; started again at the end.
    case crash(instance: Int, afterEffects: Int)
    /// Told to end in good order; started again at the end.
    case drain(instance: Int)
    /// The partitions are dealt anew.
    case rebalance
    /// The group gives the instance's partitions to others, and it hears of it at the end only.
    case zombie(instance: Int)
    /// The instance takes no turn.
    case freeze(instance: Int)
    case spell(destination: Int, Spell)
    case commits(CommitTrouble)
    case letters(LetterTrouble)
    /// Who is assigned a partition is not told what the group had committed.
    case positionsUnknown
  }

  /// What a destination does to every request.
  enum Spell: Sendable, Equatable {
    case refusesConnections
    /// 401, 403 and the like.
    case unavailable(status: UInt16)
    case tooMany(retryAfter: Int64)
    case fails
    case failsSometimes
    case hangs
    /// Takes the record, and its answer is lost.
    case losesAnswers
    case closesIdleConnections
    case slow
  }

  enum CommitTrouble: Sendable, Equatable { case lost, answerLost, appliedLate, tooLarge, forbidden, slow }
  enum LetterTrouble: Sendable, Equatable { case lost, answerLost, slow }
}

extension DestinationPolicy {
  fileprivate var notRequired: DestinationPolicy {
    DestinationPolicy(
      name: name, order: order, retry: retry, breaker: breaker, concurrency: concurrency, rate: rate,
      retriesPerSecond: retriesPerSecond, batch: batch, isRequired: false)
  }
}
