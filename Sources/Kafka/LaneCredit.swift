import Synchronization

/// How much a lane may still be handed. Lanes add, the poll thread takes; no lock.
final class LaneCredit: Sendable {
  private let records = Atomic(0)
  private let bytes = Atomic(0)
  private let biggestRecords = Atomic(0)
  private let biggestBytes = Atomic(0)
  private let isStarved = Atomic(true)

  /// Adds credit. True when the poll thread waits for it and a useful amount has come together: then wake it.
  func grant(records count: Int, bytes size: Int) -> Bool {
    records.wrappingAdd(count, ordering: .sequentiallyConsistent)
    bytes.wrappingAdd(size, ordering: .sequentiallyConsistent)
    guard isStarved.load(ordering: .sequentiallyConsistent), isUseful else { return false }
    return isStarved.exchange(false, ordering: .sequentiallyConsistent)
  }

  /// What may be read now, nothing while only crumbs have come back; `takesCrumbs` reads those too, so that a lane
  /// whose credit was lowered for good never stands still.
  func available(takesCrumbs: Bool) -> (records: Int, bytes: Int)? {
    let now = (records: records.load(ordering: .acquiring), bytes: bytes.load(ordering: .acquiring))
    if now.records > biggestRecords.load(ordering: .relaxed) { biggestRecords.store(now.records, ordering: .relaxed) }
    if now.bytes > biggestBytes.load(ordering: .relaxed) { biggestBytes.store(now.bytes, ordering: .relaxed) }
    guard now.records > 0, now.bytes > 0 else {
      starve()
      return nil
    }
    if isStarved.load(ordering: .relaxed) {
      guard takesCrumbs || isUseful else { return nil }
      isStarved.store(false, ordering: .relaxed)
    }
    return now
  }

  /// The poll thread took this much; a single record may take more bytes than there were.
  func take(records count: Int, bytes size: Int) {
    records.wrappingSubtract(count, ordering: .sequentiallyConsistent)
    bytes.wrappingSubtract(size, ordering: .sequentiallyConsistent)
    if records.load(ordering: .relaxed) <= 0 || bytes.load(ordering: .relaxed) <= 0 { starve() }
  }

  /// A grant that comes between the look and the mark must not be missed: mark first, then look again.
  private func starve() {
    isStarved.store(true, ordering: .sequentiallyConsistent)
    if isUseful { isStarved.store(false, ordering: .sequentiallyConsistent) }
  }

  /// An eighth of the biggest credit ever: waking for every record would cost more than reading it.
  private var isUseful: Bool {
    let count = records.load(ordering: .sequentiallyConsistent)
    let size = bytes.load(ordering: .sequentiallyConsistent)
    return count > 0 && size > 0 && count >= biggestRecords.load(ordering: .relaxed) / 8
      && size >= biggestBytes.load(ordering: .relaxed) / 8
  }
}
