import FanOut

/// A partition's log, who has what of it in truth, and what the group has stored.
struct PartitionTruth: Sendable {
  let records: [Scenario.RecordPlan]
  private let ordinals: [Int32]
  private let base: Int64
  /// The record before it of the same key, or -1.
  let previousOfKey: [Int32]
  /// One bit per destination that accepted the record, or whose dead letter is on the topic, or that skips it.
  var had: [UInt64]
  /// Whose row is on the results topic.
  var hasRow: [Bool]
  var position: CommittedPosition?
  /// All before this was checked to be had by everybody.
  var checkedBelow = 0
  /// The assignment that the group takes for the owner.
  var owner: Int?

  init(_ plan: Scenario.PartitionPlan) {
    records = plan.records
    base = plan.records.first?.offset ?? 0
    position = plan.committed
    had = records.map(\.skips)
    hasRow = records.map { _ in false }
    var ordinals = Array(repeating: Int32(-1), count: Int((plan.records.last?.offset ?? base) - base) + 1)
    var lastOfKey: [Int32] = Array(repeating: -1, count: 16)
    var previous: [Int32] = []
    for (ordinal, record) in records.enumerated() {
      ordinals[Int(record.offset - base)] = Int32(ordinal)
      previous.append(record.key < 0 ? -1 : lastOfKey[record.key])
      if record.key >= 0 { lastOfKey[record.key] = Int32(ordinal) }
    }
    self.ordinals = ordinals
    previousOfKey = previous
  }

  /// The record before it that the destination gets and that it waits behind; -1 for none.
  func previous(_ ordinal: Int, _ destination: Int, _ order: RecordOrder) -> Int {
    var before = ordinal
    repeat {
      switch order {
      case .key: before = Int(previousOfKey[before])
      case .partition: before -= 1
      case .none: return -1
      }
    } while before >= 0 && records[before].skips & (1 << UInt64(destination)) != 0
    return before
  }

  func ordinal(of offset: Int64) -> Int? {
    let index = offset - base
    guard index >= 0, index < ordinals.count, ordinals[Int(index)] >= 0 else { return nil }
    return Int(ordinals[Int(index)])
  }

  /// The first record at or beyond an offset.
  func firstOrdinal(from offset: Int64) -> Int {
    guard let first = records.first, let last = records.last else { return 0 }
    if offset <= first.offset { return 0 }
    if offset > last.offset { return records.count }
    for index in Int(offset - base)..<ordinals.count where ordinals[index] >= 0 { return Int(ordinals[index]) }
    return records.count
  }

  /// Where a consumer begins. A position beyond the log belongs to a topic that is no more: begins anew.
  var startOrdinal: Int {
    guard let position, !isBeyond(position) else { return 0 }
    return firstOrdinal(from: position.offset)
  }

  func isBeyond(_ position: CommittedPosition) -> Bool { position.offset > (records.last?.offset ?? 0) + 1 }

  var isSettled: Bool {
    guard let position, let last = records.last else { return false }
    return position.offset == last.offset + 1
  }
}
