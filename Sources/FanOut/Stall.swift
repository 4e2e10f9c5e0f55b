/// Whether the lane stands still: its limits are reached, and no watermark has moved since, for a while. Said once, and
/// once more when a watermark moves or there is room again, whatever made it.
struct Stall: Sendable, Equatable {
  private static let after = Nanoseconds.seconds(5)
  /// Nil while there is room.
  private var since: Instant?
  private var isTold = false

  /// When it is to be told; nil while there is room, and once it is.
  var tellAt: Instant? { isTold ? nil : since.map { $0 + Self.after } }

  /// True if it is to be told now.
  mutating func isFull(at now: Instant) -> Bool {
    since = since ?? now
    guard let due = tellAt, due <= now else { return false }
    isTold = true
    return true
  }

  /// A watermark moved, or there is room: for how long it stood still, if that was told.
  mutating func ends(at now: Instant) -> Nanoseconds? {
    defer {
      since = nil
      isTold = false
    }
    return isTold ? since.map { now - $0 } : nil
  }
}

extension FanOutEngine {
  /// The poll thread reads again once an eighth of the limits is free, so a lane that is stuck may hold somewhat less.
  private var isFull: Bool {
    grantedRecords <= policy.recordsMax / 4 || heldBytes >= policy.bytesMax - policy.bytesMax / 4
  }

  mutating func endStall(at now: Instant, into effects: inout [Effect]) {
    if let stoodStill = stall.ends(at: now) { effects.append(.notice(.resumed(after: stoodStill))) }
  }

  mutating func checkStall(at now: Instant, into effects: inout [Effect]) {
    guard isFull else { return endStall(at: now, into: &effects) }
    guard stall.isFull(at: now) else { return }
    let waiting = partitions.indices.compactMap { explain($0) }.filter { $0.waitingSince != nil }
    let oldest = waiting.min { $0.waitingSince ?? now < $1.waitingSince ?? now }
    if let oldest { effects.append(.notice(.stalled(oldest))) }
  }
}
