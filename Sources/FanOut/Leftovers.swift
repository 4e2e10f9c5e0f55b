/// What the watermark has passed and an optional destination has not had, by sequence: it needs no place in the ring.
///
/// Not inlined into the ledger, whose hot path has no leftovers.
struct Leftovers {
  struct Record {
    var entry: PartitionLedger.Entry
    /// By destination.
    var deliveries: [PartitionLedger.Delivery]
  }
  private var records: [UInt64: Record] = [:]

  var isEmpty: Bool { records.isEmpty }
  var sequences: [UInt64] { Array(records.keys) }
  @inline(never) func contains(_ sequence: UInt64) -> Bool { !records.isEmpty && records[sequence] != nil }
  func entry(_ sequence: UInt64) -> PartitionLedger.Entry? { records[sequence]?.entry }

  subscript(sequence: UInt64, destination: Int) -> PartitionLedger.Delivery? {
    @inline(never) get { records[sequence]?.deliveries[destination] }
    @inline(never) set { if let newValue { records[sequence]?.deliveries[destination] = newValue } }
  }

  mutating func add(
    _ sequence: UInt64, _ entry: PartitionLedger.Entry, _ deliveries: ArraySlice<PartitionLedger.Delivery>
  ) {
    records[sequence] = Record(entry: entry, deliveries: Array(deliveries))
  }

  mutating func change(_ sequence: UInt64, _ change: (inout PartitionLedger.Entry) -> Void) {
    guard var record = records.removeValue(forKey: sequence) else { return }
    change(&record.entry)
    records[sequence] = record
  }

  mutating func remove(_ sequence: UInt64) { records[sequence] = nil }
}
