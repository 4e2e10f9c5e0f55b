import FanOut

// What an engine says of itself.

extension Oracle {
  mutating func check(_ instance: Int, _ snapshot: FanOutSnapshot) {
    let unsettled = snapshot.partitions.reduce(0) { $0 + $1.unsettled }
    if unsettled > instances[instance].heldRecords {
      fail(.memory) { "i\(instance) holds \(unsettled) records of \($0.instances[instance].heldRecords) handed to it" }
    }
    let buffered = snapshot.partitions.reduce(0) { $0 + $1.buffered }
    if buffered > policy.spanMax {
      fail(.memory) { "i\(instance) has \(buffered) records beyond its watermarks, \($0.policy.spanMax) allowed" }
    }
    for assignment in instances[instance].assignments where views[assignment].received > views[assignment].start {
      let known = snapshot.partitions.filter { $0.partition.partition == views[assignment].partition }
      // A partition that came back before it was released is there twice.
      if known.count == 1 { check(assignment, known[0]) }
      if known.isEmpty { fail(.explanation) { _ in "nothing is said of assignment \(assignment)" } }
    }
    for (destination, known) in snapshot.destinations.enumerated() {
      let view = instances[instance].destinations[destination]
      if known.inFlight != view.inFlight {
        fail(.explanation) { "\($0.names[destination]): \(known.inFlight) in flight, not \(view.inFlight)" }
      }
      if known.counts.dropped != view.dropped || known.kept != view.kept.count {
        fail(.explanation) {
          "\($0.names[destination]): \(known.kept) kept, \(known.counts.dropped) dropped, not "
            + "\(view.kept.count) and \(view.dropped)"
        }
      }
      if (view.openUntil != nil) != known.condition.isDown {
        fail(.explanation) { "\($0.names[destination]) is \(known.condition)" }
      }
    }
  }

  /// The watermark, and who has not settled the record there.
  private mutating func check(_ assignment: Int, _ known: FanOutSnapshot.Partition) {
    let view = views[assignment]
    let records = partitions[view.partition].records
    let head = (view.start..<view.received).first { !isComplete(assignment, $0) }
    let watermark = head.map { records[$0].offset } ?? records[view.received - 1].offset + 1
    if known.watermark != watermark {
      fail(.explanation) { _ in "p\(view.partition): watermark \(known.watermark ?? -1), not \(watermark)" }
    }
    let missing =
      head.map { head in names.indices.filter { required & ~view.told[head] & (1 << UInt64($0)) != 0 } } ?? []
    // All that are required have it: only its row is missing.
    let isRow = head != nil && missing.isEmpty
    if known.waitingFor.map(\.destination) != (isRow ? ["results"] : missing.map { names[$0] }) {
      fail(.explanation) { _ in "p\(view.partition): waits for \(known.waitingFor), not \(missing)" }
    }
  }
}

extension FanOutSnapshot.Condition {
  fileprivate var isDown: Bool {
    switch self {
    case .down, .probing: true
    case .working, .paused: false
    }
  }
}
