/// What is kept for one optional destination: records that the required ones are done with. It is bounded, and the oldest
/// that is not on its way makes room.
struct OptionalKeep: Sendable {
  private let recordsMax: Int
  private let bytesMax: Int
  private(set) var records = 0
  private(set) var bytes = 0
  /// Of all its deliveries, those whose request or dead letter cannot be taken back.
  private var busyRecords = 0
  private var busyBytes = 0
  /// What is kept, oldest first, and what was kept until lately.
  var queue = Ring<DeliveryID>()
  /// What was on its way when it was the oldest in `queue`: older than all there.
  var passedOver: [DeliveryID] = []
  /// Deliveries that were dropped and still stand at the gate or in the heap of backoffs.
  private var ghosts = 0

  /// One destination's share of what is set aside for the optional ones.
  init(_ share: OptionalShare) {
    recordsMax = share.recordsMax
    bytesMax = share.bytesMax
  }

  var isTooMuch: Bool { records > recordsMax || bytes > bytesMax }
  /// What is on its way cannot be dropped, so it has to fit by itself.
  var mayStart: Bool { busyRecords < recordsMax && busyBytes < bytesMax }
  /// One that stays long must not keep the places of all that came and went behind it.
  var isQueueStale: Bool { queue.count > 2 * records + 64 }

  mutating func add(_ id: DeliveryID, bytes size: Int) {
    records += 1
    bytes += size
    queue.append(id)
  }

  mutating func remove(bytes size: Int) {
    records -= 1
    bytes -= size
  }

  mutating func began(bytes size: Int) {
    busyRecords += 1
    busyBytes += size
  }

  mutating func ended(bytes size: Int) {
    busyRecords -= 1
    busyBytes -= size
  }

  /// True when so many ghosts have come together that they are worth a sweep.
  mutating func leavesGhost(among held: Int) -> Bool {
    ghosts += 1
    guard ghosts > 256, ghosts * 2 > held else { return false }
    ghosts = 0
    return true
  }
}

/// How much may be kept for one optional destination beyond what the required ones are not done with.
package struct OptionalShare: Sendable, Equatable {
  package let recordsMax: Int
  package let bytesMax: Int

  static let none = OptionalShare(recordsMax: 0, bytesMax: 0)
}
