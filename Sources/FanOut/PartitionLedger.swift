/// The records of one assignment between the watermark and the newest received one: a ring of the offsets *received*,
/// so that gaps from compaction and transactions cost nothing, each with one bit per destination. What the watermark has
/// passed though an optional destination has not had it stands beside the ring, under the same sequence.
///
/// `append` and `settle` are O(1); `advance` is O(1) per record over its life. Sequences count from 0 and never wrap.
struct PartitionLedger {
  static let noSequence = UInt64.max

  struct Entry {
    /// Let go as soon as every destination is done with the record, though the watermark has not passed it.
    var record: Record?
    /// Its sign bit says that the results topic does not have the record's row: a member more would cost all records.
    private var markedOffset: Int64
    /// One bit per destination that is done with it.
    var settled: UInt64 = 0
    /// The next record of the same key, or `noSequence`.
    var nextOfKey: UInt64 = PartitionLedger.noSequence
    /// 0 where the record has no order.
    let orderHash: UInt64

    /// - Parameter offset: not negative.
    init(record: Record, offset: Int64, orderHash: UInt64, lacksRow: Bool) {
      self.record = record
      self.orderHash = orderHash
      markedOffset = lacksRow ? offset | .min : offset
    }

    var offset: Int64 { markedOffset & .max }
    var lacksRow: Bool { markedOffset < 0 }
    mutating func endRow() { markedOffset = offset }
  }

  /// The states of a delivery:
  ///
  /// | State | Goes to |
  /// |---|---|
  /// | waiting: behind an earlier record of its key | ready, settled |
  /// | ready: waits for the destination's gate | inFlight, deadLettering (too old) |
  /// | inFlight: a request is being made | backoff, deadLettering, settled |
  /// | backoff: waits for its next attempt | ready, deadLettering |
  /// | deadLettering: the producer has it, or waits to | settled |
  /// | passing: done with before its turn (skipped), an earlier record of its key is not | settled |
  /// | settled | |
  enum Phase: UInt8 { case waiting, ready, inFlight, backoff, deadLettering, passing, settled }

  struct Delivery {
    var phase = Phase.waiting
    /// It failed before while the destination was not known to be down.
    var isRetry = false
    /// Attempts that count.
    var failures: UInt16 = 0
    /// Attempts that were given back when the breaker opened the last time.
    var forgiven: UInt16 = 0
    /// Attempts in a row that were the destination's fault.
    var holds: UInt16 = 0
    /// Requests made.
    var requests: UInt32 = 0
    /// How many healthy answers the destination had given when this one failed the last time.
    var healthSeen: UInt32 = 0
    /// Failures with a healthy answer to another record before each: the record's fault, never given back.
    var proofs: UInt16 = 0
    /// At most so many records in the next request that holds this one; 0 for no bound of its own.
    var companyMax: UInt16 = 0
    /// How many healthy answers the destination had given when a batch with this one was held the last time.
    var healthWhenHeld: UInt32 = 0
    var firstAttemptAt = Instant(nanoseconds: 0)
    var startedAt = Instant(nanoseconds: 0)
  }

  let destinations: Int
  private let everybody: UInt64
  /// Those that the watermark waits for.
  private let required: UInt64
  /// It waits for a row on the results topic too.
  private let keepsRows: Bool
  private var entries: [Entry?]
  private var deliveries: [Delivery]
  private(set) var leftovers = Leftovers()
  /// The oldest record that the watermark has not passed; equal to `end` when there is none.
  private(set) var head: UInt64 = 0
  /// The sequence of the next record.
  private(set) var end: UInt64 = 0
  /// The lowest offset that is not settled: what is committed. Nil until a record was received.
  private(set) var watermark: Int64?
  /// No destination is done with a record from here on.
  private(set) var settledEnd: UInt64 = 0
  /// Records that not every required destination is done with.
  private(set) var unsettled = 0
  /// Of the newest record; -1 before the first.
  private(set) var lastOffset: Int64 = -1
  /// Deliveries that are done with before their turn.
  private(set) var passing = 0

  /// - Parameter required: one bit for each destination that the watermark waits for.
  init(destinations: Int, required: UInt64 = .max, keepsRows: Bool = false) {
    self.keepsRows = keepsRows
    self.destinations = destinations
    everybody = destinations >= 64 ? .max : (1 << UInt64(destinations)) - 1
    self.required = required & everybody
    entries = Array(repeating: nil, count: 64)
    deliveries = Array(repeating: Delivery(), count: 64 * destinations)
  }

  var count: Int { Int(end &- head) }

  private func index(_ sequence: UInt64) -> Int { Int(truncatingIfNeeded: sequence) & (entries.count &- 1) }

  @inline(__always) func contains(_ sequence: UInt64) -> Bool {
    sequence >= head && sequence < end || leftovers.contains(sequence)
  }

  /// Takes a record; nil if its offset is not beyond the last one (a client that delivers twice).
  mutating func append(_ record: Record, orderHash: UInt64) -> UInt64? {
    let offset = record.offset
    guard offset > lastOffset else { return nil }
    if count == entries.count { grow() }
    if head == end { watermark = offset }
    lastOffset = offset
    let sequence = end
    let i = index(sequence)
    entries[i] = Entry(record: record, offset: offset, orderHash: orderHash, lacksRow: keepsRows)
    for d in i &* destinations..<(i &+ 1) &* destinations { deliveries[d] = Delivery() }
    end &+= 1
    unsettled &+= 1
    return sequence
  }

  private func entry(_ sequence: UInt64) -> Entry? {
    sequence >= head ? entries[index(sequence)] : leftovers.entry(sequence)
  }

  func record(_ sequence: UInt64) -> Record? {
    sequence >= head ? entries[index(sequence)]?.record : leftovers.entry(sequence)?.record
  }
  func offset(_ sequence: UInt64) -> Int64 { entries[index(sequence)]?.offset ?? -1 }

  /// The caller has checked `contains(sequence)`.
  subscript(sequence: UInt64, destination: Int) -> Delivery {
    @inline(__always) get {
      sequence >= head
        ? deliveries[index(sequence) &* destinations &+ destination] : leftovers[sequence, destination] ?? Delivery()
    }
    @inline(__always) set {
      if sequence >= head {
        deliveries[index(sequence) &* destinations &+ destination] = newValue
      } else {
        leftovers[sequence, destination] = newValue
      }
    }
  }

  func isSettled(_ sequence: UInt64, for destination: Int) -> Bool {
    guard contains(sequence) else { return true }
    return self[sequence, destination].phase == .settled
  }

  /// Bit `d` says that destination `d` is done with the record.
  func settledBits(_ sequence: UInt64) -> UInt64 {
    (sequence >= head ? entries[index(sequence)]?.settled : leftovers.entry(sequence)?.settled) ?? 0
  }

  /// The same, and behind the last destination's a bit that says that the results topic has the row.
  func progressBits(_ sequence: UInt64) -> UInt64 {
    guard keepsRows, destinations < 64, entry(sequence)?.lacksRow == false else { return settledBits(sequence) }
    return settledBits(sequence) | 1 << UInt64(destinations)
  }

  /// Nothing that is required is missing.
  private func isComplete(_ entry: Entry) -> Bool { entry.settled & required == required && !entry.lacksRow }

  /// Nobody has anything more to do with the record.
  private func isOver(_ entry: Entry) -> Bool { entry.settled == everybody && !entry.lacksRow }

  /// The record, if it is complete and kept for an optional destination.
  func kept(_ sequence: UInt64) -> Record? { entry(sequence).flatMap { isComplete($0) ? $0.record : nil } }

  mutating func chain(_ earlier: UInt64, to later: UInt64) {
    if earlier >= head {
      entries[index(earlier)]?.nextOfKey = later
    } else {
      leftovers.change(earlier) { $0.nextOfKey = later }
    }
  }

  /// The next record of the key, or `noSequence`.
  func nextOfKey(_ sequence: UInt64) -> UInt64 { entry(sequence)?.nextOfKey ?? Self.noSequence }

  /// Whether some destination is done with the record before its turn.
  func isPassing(_ sequence: UInt64) -> Bool {
    (0..<destinations).contains { self[sequence, $0].phase == .passing }
  }

  struct Settlement {
    /// The next record of the key, or `noSequence`.
    let nextOfKey: UInt64
    /// The record that every required destination is done with now.
    let completed: Record?
    /// Of a record that every destination is done with; 0 where it is not, or has no order.
    let orderHash: UInt64
    /// Some delivery waits only for its turn to be done with.
    let isAnyPassing: Bool

    static let none = Settlement(
      nextOfKey: PartitionLedger.noSequence, completed: nil, orderHash: 0, isAnyPassing: false)
  }

  /// - Parameter isBehind: before its turn.
  mutating func settle(_ sequence: UInt64, for destination: Int, isBehind: Bool = false) -> Settlement {
    if isBehind { passing &+= 1 }
    guard sequence >= head else { return settleLeftover(sequence, for: destination, isBehind: isBehind) }
    let i = index(sequence)
    deliveries[i &* destinations &+ destination].phase = isBehind ? .passing : .settled
    guard var entry = entries[i] else { return .none }
    let wasComplete = isComplete(entry)
    entry.settled |= 1 << UInt64(destination)
    if sequence >= settledEnd { settledEnd = sequence &+ 1 }
    let settlement = conclude(&entry, wasComplete: wasComplete)
    entries[i] = entry
    return settlement
  }

  /// The results topic has the record's row: until then it stands in the ring.
  mutating func endRow(_ sequence: UInt64) -> Settlement {
    guard sequence >= head, var entry = entries[index(sequence)], entry.lacksRow else { return .none }
    if sequence >= settledEnd { settledEnd = sequence &+ 1 }
    entry.endRow()
    let settlement = conclude(&entry, wasComplete: false)
    entries[index(sequence)] = entry
    return settlement
  }

  /// The topic has the row of a record that has just been taken, by an earlier assignment.
  mutating func restoreRow(_ sequence: UInt64) {
    if sequence >= settledEnd { settledEnd = sequence &+ 1 }
    entries[index(sequence)]?.endRow()
  }

  private mutating func conclude(_ entry: inout Entry, wasComplete: Bool) -> Settlement {
    var completed: Record?
    let isOver = isOver(entry)
    if isOver {
      swap(&completed, &entry.record)
      if wasComplete { completed = nil }
    } else if !wasComplete, isComplete(entry) {
      completed = entry.record
    }
    if completed != nil { unsettled &-= 1 }
    return Settlement(
      nextOfKey: entry.nextOfKey, completed: completed, orderHash: isOver ? entry.orderHash : 0,
      isAnyPassing: passing > 0)
  }

  private mutating func settleLeftover(
    _ sequence: UInt64, for destination: Int, isBehind: Bool
  ) -> Settlement {
    leftovers[sequence, destination]?.phase = isBehind ? .passing : .settled
    leftovers.change(sequence) { $0.settled |= 1 << UInt64(destination) }
    guard let entry = leftovers.entry(sequence) else { return .none }
    let isOver = isOver(entry)
    if isOver { removeOver(sequence) }
    return Settlement(
      nextOfKey: entry.nextOfKey, completed: nil, orderHash: isOver ? entry.orderHash : 0, isAnyPassing: passing > 0)
  }

  /// Of what every destination is done with only that is left which something waits behind.
  private mutating func removeOver(_ sequence: UInt64) {
    if isPassing(sequence) { leftovers.change(sequence) { $0.record = nil } } else { leftovers.remove(sequence) }
  }

  /// Its turn has come. Returns the key's hash, unless somebody is still to be done with the record.
  mutating func endPassing(_ sequence: UInt64, for destination: Int) -> UInt64 {
    self[sequence, destination].phase = .settled
    passing &-= 1
    guard let entry = entry(sequence), isOver(entry), !isPassing(sequence) else { return 0 }
    if sequence < head { leftovers.remove(sequence) }
    return entry.orderHash
  }

  /// Nobody required is to have the records of this ledger: the newest one is complete as it comes.
  mutating func completeUnrequired() { unsettled &-= 1 }

  /// Moves the watermark over the settled prefix and returns how many records it passed.
  mutating func advance() -> Int {
    let before = head
    while head < end, let entry = entries[index(head)], isComplete(entry) {
      if entry.settled != everybody || passing > 0 { leave(head) }
      entries[index(head)] = nil
      head &+= 1
    }
    guard head != before else { return 0 }
    watermark = head == end ? lastOffset &+ 1 : offset(head)
    return Int(head &- before)
  }

  /// What somebody is still to be done with, or to pass, stays beside the ring.
  private mutating func leave(_ sequence: UInt64) {
    guard let entry = entries[index(sequence)], entry.settled != everybody || isPassing(sequence) else { return }
    let from = index(sequence) &* destinations
    leftovers.add(sequence, entry, deliveries[from..<from &+ destinations])
  }

  private mutating func grow() {
    let capacity = entries.count * 2
    var newEntries: [Entry?] = Array(repeating: nil, count: capacity)
    var newDeliveries = Array(repeating: Delivery(), count: capacity * destinations)
    for sequence in head..<end {
      let from = index(sequence)
      let to = Int(truncatingIfNeeded: sequence) & (capacity - 1)
      newEntries[to] = entries[from]
      for d in 0..<destinations { newDeliveries[to * destinations + d] = deliveries[from * destinations + d] }
    }
    entries = newEntries
    deliveries = newDeliveries
  }
}
