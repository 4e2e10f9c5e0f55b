/// What waits at one destination to be sent together, and which batches are on their way.
///
/// What was never tried waits for company; what comes again does not, and never shares a request with what is new. What
/// was in a batch that failed or was refused comes again among at most half as many, in rings by how many that is.
struct BatchAssembly: Sendable {
  /// A delivery that is ready.
  struct Waiting: Sendable {
    let id: DeliveryID
    /// Of the record's value.
    let bytes: Int
    let since: Instant
    /// At most so many in its next request; 0 for as many as the limit allows.
    let companyMax: Int
    let isRetry: Bool
  }

  struct InFlight: Sendable {
    /// Stands for the batch where a request is known by its delivery: the first one it was begun with.
    let lead: DeliveryID
    /// In the order of the request.
    var ids: [DeliveryID]
    let bytes: Int
    let startedAt: Instant
  }

  static let fresh = 0
  /// Rings of what comes again, by the bits of how many may go together; the last one has no bound of its own.
  static let again = 1..<19

  let policy: BatchPolicy?
  var limit: BatchLimit
  private var rings: [Ring<Waiting>] = []
  private(set) var count = 0
  /// In the ring of what is new.
  private(set) var freshBytes = 0
  /// What is new fills a batch, or has not been looked at since more came.
  var mayBeFull = false
  private var inFlight: [UInt64: InFlight] = [:]
  private var started: UInt64 = 0

  init(_ policy: BatchPolicy?) {
    self.policy = policy
    limit = BatchLimit(policy)
    if policy != nil { rings = (0..<Self.again.upperBound).map { _ in Ring() } }
  }

  var isEmpty: Bool { count == 0 }
  var freshCount: Int { rings[Self.fresh].count }
  func first(_ ring: Int) -> Waiting? { rings[ring].first }

  static func ring(companyMax: Int, isRetry: Bool) -> Int {
    guard companyMax > 0 else { return isRetry ? again.upperBound - 1 : fresh }
    return 1 + Int.bitWidth - (companyMax - 1).leadingZeroBitCount
  }

  // MARK: - What waits

  mutating func append(_ waiting: Waiting) {
    let ring = Self.ring(companyMax: waiting.companyMax, isRetry: waiting.isRetry)
    rings[ring].append(waiting)
    count += 1
    if ring == Self.fresh {
      freshBytes += waiting.bytes
      mayBeFull = true
    }
  }

  mutating func popFirst(_ ring: Int) -> Waiting? {
    guard let first = rings[ring].popFirst() else { return nil }
    count -= 1
    if ring == Self.fresh { freshBytes -= first.bytes }
    return first
  }

  func forEach(_ body: (DeliveryID) -> Void) {
    for ring in rings { ring.forEach { body($0.id) } }
  }

  /// What is on its way comes back by itself.
  mutating func removeWaiting(where isGone: (DeliveryID) -> Bool) {
    guard count > 0 else { return }
    for ring in rings.indices { rings[ring].removeAll { isGone($0.id) } }
    count = rings.reduce(0) { $0 + $1.count }
    freshBytes = 0
    rings[Self.fresh].forEach { freshBytes += $0.bytes }
  }

  /// When the first that may go together is due, the gate aside; nil if nothing waits.
  func dueAt(retriesAt: Instant) -> Instant? {
    guard count > 0, let policy else { return nil }
    var earliest: Instant?
    if let first = rings[Self.fresh].first {
      earliest = mayBeFull ? first.since : first.since + policy.wait
    }
    for ring in Self.again {
      guard let first = rings[ring].first else { continue }
      let due = first.isRetry ? retriesAt : first.since
      earliest = min(earliest ?? due, due)
    }
    return earliest
  }

  // MARK: - What is on its way

  mutating func start(_ batch: InFlight) -> UInt64 {
    started += 1
    inFlight[started] = batch
    return started
  }

  mutating func putBack(_ number: UInt64, _ batch: InFlight) { inFlight[number] = batch }

  mutating func take(_ number: UInt64) -> InFlight? { inFlight.removeValue(forKey: number) }
}
