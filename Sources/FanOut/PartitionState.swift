/// One assigned partition.
struct PartitionState: Sendable {
  let id: AssignmentID
  let partition: TopicPartition
  var ledger: PartitionLedger
  var order = KeyOrder()
  /// By destination.
  var shares: [Share]
  /// What the last commit of an earlier assignment says the destinations have, until that is read past.
  var progress: RestoredProgress?
  /// Requests, dead letters and results rows on their way.
  var busy = 0
  /// Results rows of records that are not settled, by sequence; empty where none are kept.
  var rows: [UInt64: RowDraft] = [:]
  var rowsOnTheirWay = 0
  /// Nothing new is started: revoked, or draining.
  var isStopped = false
  /// The end of the time for `released`; nil while the partition is not revoked.
  var releaseBy: Instant?
  /// What the broker has said it has.
  var committed: Int64?
  var commitInFlight: Int64?
  /// The watermark has moved since the last commit, be it over restored records only.
  var hasMoved = false
  /// No commit is to be tried before this, after an error that time alone does not mend.
  var commitNotBefore: Instant?
  /// Halved each time the broker refuses metadata for its size.
  var metadataBytesMax = CommitMetadata.bytesMax
  /// Since when the watermark has waited for the record it stands at.
  var headSince = Instant(nanoseconds: 0)

  /// What waits in a row to go into one request, as far as it was looked at: `records` of those from `start` to `end`.
  struct Run: Sendable {
    var start: UInt64 = 0
    var end: UInt64 = 0
    var records = 0
    /// Of their values.
    var bytes = 0
  }

  /// One destination's part of the partition.
  struct Share: Sendable {
    var settled = 0
    /// Of those, what a commit on its way covers, and what the broker has confirmed.
    var committing = 0
    var durable = 0
    var inFlight = 0
    /// Dead letters on their way.
    var letters = 0
    /// Ready, but too much is uncommitted.
    var parked = Ring<UInt64>()
    /// Where batches take records in a row.
    var run = Run()
    var uncommitted: Int { settled - durable }
    /// What a crash would repeat.
    var atStake: Int { uncommitted + inFlight }
  }

  init(
    id: AssignmentID, partition: TopicPartition, destinations: Int, required: UInt64 = 0, keepsRows: Bool = false
  ) {
    self.id = id
    self.partition = partition
    ledger = PartitionLedger(destinations: destinations, required: required, keepsRows: keepsRows)
    shares = Array(repeating: Share(), count: destinations)
  }

  /// Everything that was settled is known to be committed, and so is the watermark.
  var isDurable: Bool { commitInFlight == nil && !hasMoved && shares.allSatisfy { $0.uncommitted == 0 } }

  /// Nothing of a required destination is on its way, and what they have is known to be committed.
  func isComplete(_ required: UInt64) -> Bool {
    guard commitInFlight == nil || commitInFlight == committed, rowsOnTheirWay == 0 else { return false }
    return shares.indices.allSatisfy { destination in
      let share = shares[destination]
      return required & (1 << UInt64(destination)) == 0
        || share.inFlight == 0 && share.letters == 0 && share.uncommitted == 0
    }
  }
}
