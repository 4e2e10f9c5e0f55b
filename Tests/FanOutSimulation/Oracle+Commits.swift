import FanOut

// Commits, releases, credit and notices, checked before they are carried out.

extension Oracle {
  mutating func emitsCommit(_ instance: Int, _ assignment: Int, _ offset: Int64, _ metadata: String) {
    let isLive = isLive(assignment, of: instance)
    if isLive { commits.append(commit(assignment, offset, metadata)) }
    guard isLive else { return fail(.ended) { _ in "i\(instance) commits for assignment \(assignment)" } }
    tally.commits += 1
    note { _ in "i\(instance): commits \(offset) \(metadata) for assignment \(assignment)" }
    let view = views[assignment]
    if view.commitInFlight { fail(.oneCommit) { _ in "\(offset) for assignment \(assignment)" } }
    if offset < view.lastCommit { fail(.backwards) { _ in "\(offset) after \(view.lastCommit)" } }
    views[assignment].commitInFlight = true
    views[assignment].lastCommit = offset
    for destination in names.indices {
      views[assignment].shares[destination].committing = views[assignment].shares[destination].settled
    }
    let truth = partitions[view.partition]
    let below = truth.firstOrdinal(from: offset)
    for ordinal in view.start..<max(view.start, below) where !isComplete(assignment, ordinal) {
      fail(view.told[ordinal] & required == required ? .rowLost : .lost) { _ in
        "\(offset) passes @\(truth.records[ordinal].offset)"
      }
    }
    if below < truth.records.count, view.received < below {
      fail(.lost) { _ in "\(offset) passes what was not received" }
    }
    if let last = truth.records.last, offset > last.offset + 1 { fail(.lost) { _ in "\(offset) is beyond the log" } }
    checkClaims(assignment, offset, metadata, below)
  }

  /// All that is known, and nothing else.
  private mutating func checkClaims(_ assignment: Int, _ offset: Int64, _ metadata: String, _ below: Int) {
    let view = views[assignment]
    let truth = partitions[view.partition]
    var claims = Array(repeating: UInt64(0), count: truth.records.count)
    let isReadable = ProgressReader.read(metadata, from: offset, names: progressNames) { destination, range in
      for ordinal in truth.firstOrdinal(from: range.lowerBound)..<truth.records.count {
        guard truth.records[ordinal].offset < range.upperBound else { break }
        claims[ordinal] |= 1 << UInt64(destination)
      }
    }
    if !isReadable { return fail(.metadata) { _ in metadata } }
    for ordinal in max(below, view.start)..<max(truth.records.count, below) {
      if claims[ordinal] & ~view.told[ordinal] & ~view.dropped[ordinal] != 0 {
        fail(.falseClaim) { _ in "\(metadata) from \(offset) claims @\(truth.records[ordinal].offset)" }
      }
      if view.told[ordinal] & ~claims[ordinal] != 0, !view.saysLess {
        fail(.forgottenProgress) { _ in "\(metadata) from \(offset) lacks @\(truth.records[ordinal].offset)" }
      }
    }
  }

  private func commit(_ assignment: Int, _ offset: Int64, _ metadata: String) -> CommitView {
    CommitView(
      assignment: assignment, offset: offset, metadata: metadata, settled: views[assignment].shares.map(\.settled))
  }

  // MARK: - Ends

  /// What the instance has settled and the broker does not have.
  private func uncovered(_ assignment: Int) -> Bool {
    !views[assignment].saysLess && views[assignment].shares.contains { $0.settled > $0.covered }
  }

  mutating func emitsReleased(_ instance: Int, _ assignment: Int) {
    guard isLive(assignment, of: instance) else {
      return note { _ in "i\(instance): releases assignment \(assignment), which is over" }
    }
    note { _ in "i\(instance): releases assignment \(assignment)" }
    guard case .revoked(let by) = views[assignment].phase else {
      return fail(.released) { _ in "assignment \(assignment) is not revoked" }
    }
    if now >= by { mayRepeat = true }
    if now < by, views[assignment].busy > 0 || views[assignment].commitInFlight || uncovered(assignment) {
      fail(.released) {
        "assignment \(assignment) has \($0.views[assignment].busy) on their way, \($0.views[assignment].shares)"
      }
    }
    end(assignment)
  }

  mutating func emitsDrained(_ instance: Int, _ isComplete: Bool) {
    note { _ in "i\(instance): drained, \(isComplete ? "complete" : "not complete")" }
    if instances[instance].drainBy == nil || instances[instance].hasDrained {
      fail(.drained) { _ in "i\(instance) was not told to, or has said so before" }
    }
    instances[instance].hasDrained = true
    let held = instances[instance].assignments.filter { isHeld($0) }
    if isComplete, let assignment = held.first {
      fail(.drained) {
        "assignment \(assignment) has \($0.views[assignment].busy) on their way, \($0.views[assignment].shares)"
      }
    }
    if !isComplete, held.isEmpty { fail(.drained) { _ in "i\(instance) waits for optional destinations only" } }
    let isWhole = instances[instance].assignments.allSatisfy { assignment in
      let view = views[assignment]
      return view.busy == 0 && !uncovered(assignment) && partitions[view.partition].startOrdinal >= view.head
    }
    if !isComplete || !isWhole { mayRepeat = true }
    for assignment in instances[instance].assignments { leaveKept(assignment) }
  }

  /// Something of a required destination is on its way, or not known to be committed.
  private func isHeld(_ assignment: Int) -> Bool {
    let view = views[assignment]
    return view.commitInFlight && view.lastCommit != view.committed || view.rowsOnTheirWay > 0
      || names.indices.contains { destination in
        let share = view.shares[destination]
        return policy.destinations[destination].isRequired
          && (share.inFlight > 0 || share.letters > 0 || share.settled > share.known)
      }
  }

  mutating func emitsCredit(_ instance: Int, _ records: Int, _ bytes: Int) {
    instances[instance].heldRecords -= records
    instances[instance].heldBytes -= bytes
    if instances[instance].heldRecords < 0 || instances[instance].heldBytes < 0 {
      fail(.credit) { _ in "i\(instance) gives back \(records) records and \(bytes) bytes, more than it took" }
    }
  }

  mutating func emitsNotice(_ instance: Int, _ notice: Notice) {
    switch notice {
    case .breakerOpened(let destination, _, let failures):
      tally.breakersOpened += 1
      note { "i\(instance): breaker of \($0.names[destination]) opens" }
      let view = instances[instance].destinations[destination]
      let needed = policy.destinations[destination].breaker.openAfter
      if view.row < needed || failures < needed {
        fail(.breakerOpening) { "\($0.names[destination]): \(view.row) failures in a row, \(needed) needed" }
      }
      let openFor = policy.destinations[destination].breaker.openFor.count
      instances[instance].destinations[destination].openUntil = now + openFor
    case .breakerClosed(let destination, _):
      note { "i\(instance): breaker of \($0.names[destination]) closes" }
      instances[instance].destinations[destination].openUntil = nil
      instances[instance].destinations[destination].probe = nil
    case .progressIgnored(let partition, let why):
      note { _ in "i\(instance): progress of \(partition) ignored: \(why)" }
    case .setBack(let back):
      note { "i\(instance): \(back.partition)@\(back.offset) is set back at \($0.names[back.destination])" }
      if instances[instance].destinations[back.destination].openUntil != nil || back.nextTryAt.nanoseconds < now {
        fail(.setback) { "\($0.names[back.destination]): told while it is known to be down, or of a try that is past" }
      }
    case .dropped(let id): emitsDropped(instance, id)
    case .stalled(let partition): note { _ in "i\(instance): stands still at \(partition.partition)" }
    case .resumed: note { _ in "i\(instance): goes on" }
    }
  }
}
