import FanOut

// Optional destinations: what is kept for them, and what they may miss.

extension Oracle {
  /// All that are required are done with the record, perhaps: from now on it is kept for the others only.
  mutating func complete(_ assignment: Int, _ ordinal: Int, bytes: Int? = nil) {
    let view = views[assignment]
    guard isComplete(assignment, ordinal) else { return }
    for destination in names.indices where view.told[ordinal] & (1 << UInt64(destination)) == 0 {
      let plan = partitions[view.partition].records[ordinal]
      let bytes = bytes ?? Record.make(assignment, plan, salt: "a").footprint
      instances[view.instance].destinations[destination].kept.append(
        KeptView(key: DeliveryKey(assignment: assignment, ordinal: ordinal), bytes: bytes))
    }
    while views[assignment].head < views[assignment].received, isComplete(assignment, views[assignment].head) {
      views[assignment].head += 1
    }
  }

  /// The assignment or the process ends: what waits behind the watermark is missed, and counted.
  mutating func leaveKept(_ assignment: Int) {
    let view = views[assignment]
    let isOver = !instances[view.instance].hasDrained
    for destination in names.indices {
      let kept = instances[view.instance].destinations[destination].kept
      let isMissed = kept.map { kept in
        kept.key.assignment == assignment && kept.key.ordinal < view.head
          && !view.deliveries[delivery(assignment, kept.key.ordinal, destination)].state.isBusy
      }
      instances[view.instance].destinations[destination].dropped += isMissed.count { $0 }
      instances[view.instance].destinations[destination].kept = zip(kept, isMissed).compactMap { kept, isMissed in
        isMissed || isOver && kept.key.assignment == assignment ? nil : kept
      }
    }
  }

  mutating func emitsDropped(_ instance: Int, _ id: DeliveryID) {
    let assignment = Int(id.assignment.epoch)
    let destination = Int(id.destination)
    guard isLive(assignment, of: instance) else {
      return fail(.ended) { _ in "i\(instance) drops something of assignment \(assignment)" }
    }
    let key = DeliveryKey(assignment: assignment, ordinal: views[assignment].start + Int(id.sequence))
    note { "i\(instance): drops \($0.name(assignment, key.ordinal, destination))" }
    tally.dropped += 1
    let kept = instances[instance].destinations[destination].kept
    let oldest = kept.first { kept in
      let at = delivery(kept.key.assignment, kept.key.ordinal, destination)
      return !views[kept.key.assignment].deliveries[at].state.isBusy
    }
    if oldest?.key != key {
      fail(.dropped) { "\($0.name(assignment, key.ordinal, destination)) is not the oldest that waits" }
    }
    let share = policy.optionalShare
    if kept.count <= share.recordsMax, kept.reduce(0, { $0 + $1.bytes }) <= share.bytesMax {
      fail(.dropped) { "\($0.name(assignment, key.ordinal, destination)): only \(kept.count) are kept" }
    }
    instances[instance].destinations[destination].kept.removeAll { $0.key == key }
    instances[instance].destinations[destination].dropped += 1
    views[assignment].dropped[key.ordinal] |= 1 << UInt64(destination)
    views[assignment].deliveries[delivery(assignment, key.ordinal, destination)].state = .dropped
  }

  /// After an event was handled.
  mutating func checkKept(_ instance: Int) {
    let share = policy.optionalShare
    for destination in names.indices {
      let kept = instances[instance].destinations[destination].kept
      let bytes = kept.reduce(0) { $0 + $1.bytes }
      let biggest = kept.reduce(0) { max($0, $1.bytes) }
      if kept.count > share.recordsMax || bytes > share.bytesMax + biggest {
        fail(.memory) { "\(kept.count) records, \(bytes) bytes are kept for \($0.names[destination]): \(share)" }
      }
    }
  }

  /// It may miss what stands before, and must not overtake it.
  /// - Parameter others: what stands before it in the same request.
  mutating func checkOptionalOrder(
    _ assignment: Int, _ ordinal: Int, _ destination: Int, behind others: [DeliveryKey] = []
  ) {
    let view = views[assignment]
    let truth = partitions[view.partition]
    let order = policy.destinations[destination].order
    var before = truth.previous(ordinal, destination, order)
    while before >= view.start {
      if (view.told[before] | view.dropped[before]) & (1 << UInt64(destination)) == 0,
        !others.contains(DeliveryKey(assignment: assignment, ordinal: before))
      {
        fail(.order) { "\($0.name(assignment, ordinal, destination)) waits for @\(truth.records[before].offset)" }
      }
      before = truth.previous(before, destination, order)
    }
  }

  /// Everybody has had everything that the instance was handed, or misses it.
  func isNothingKept(_ instance: Int) -> Bool {
    instances[instance].assignments.allSatisfy { assignment in
      let view = views[assignment]
      return (view.start..<view.received).allSatisfy { (view.told[$0] | view.dropped[$0]) & everybody == everybody }
    }
  }
}
