/// Whether the lane stands still: its limits are reached, and no watermark has moved for a while. Said once, and once
/// more when it goes on.
struct Stall: Sendable, Equatable {
  private static let after = Nanoseconds.seconds(5)
  private var movedAt = Instant(nanoseconds: 0)
  private var isTold = false

  /// When it is to be told; nil once it is.
  var tellAt: Instant? { isTold ? nil : movedAt + Self.after }

  mutating func tell(at now: Instant) -> Bool {
    guard let due = tellAt, due <= now else { return false }
    isTold = true
    return true
  }

  /// For how long it stood still, if that was told.
  mutating func moved(at now: Instant) -> Nanoseconds? {
    defer {
      movedAt = now
      isTold = false
    }
    return isTold ? now - movedAt : nil
  }
}

extension FanOutEngine {
  /// The poll thread reads again once an eighth of the limits is free, so a lane that is stuck may hold somewhat less.
  var isFull: Bool {
    heldRecords >= policy.recordsMax - policy.recordsMax / 4 || heldBytes >= policy.bytesMax - policy.bytesMax / 4
  }

  mutating func noteProgress(at now: Instant, into effects: inout [Effect]) {
    if let stoodStill = stall.moved(at: now) { effects.append(.notice(.resumed(after: stoodStill))) }
  }

  mutating func tellIfStalled(at now: Instant, into effects: inout [Effect]) {
    guard isFull, stall.tell(at: now) else { return }
    let waiting = partitions.indices.compactMap { explain($0) }.filter { $0.waitingSince != nil }
    let oldest = waiting.min { $0.waitingSince ?? now < $1.waitingSince ?? now }
    if let oldest { effects.append(.notice(.stalled(oldest))) }
  }
}
