import FanOut

// The broker: records, commits, the group.

extension World {
  // MARK: - Records

  mutating func planFetch(_ instance: Int, at time: Int64? = nil) {
    guard shells[instance].isRunning, !shells[instance].isFetchPlanned, shells[instance].isFetching else { return }
    shells[instance].isFetchPlanned = true
    queue.plan(.fetch(Int32(instance)), at: max(now + roll(scenario.group.fetchEvery), time ?? now))
  }

  /// Reads what there is and what the credit allows; a single record may take more bytes than there were.
  mutating func fetch(_ instance: Int) {
    shells[instance].isFetchPlanned = false
    guard shells[instance].isRunning, shells[instance].isFetching else { return }
    var left = scenario.group.fetchMax
    var nextAt: Int64?
    let fetched = shells[instance].fetched
    let turn = fetched.isEmpty ? 0 : Int(roll(0...Int64(fetched.count - 1)))
    for assignment in fetched[turn...] + fetched[..<turn] {
      let partition = oracle.views[assignment].partition
      let count = oracle.partitions[partition].records.count
      while nextToFetch[assignment] < count {
        let plan = oracle.partitions[partition].records[nextToFetch[assignment]]
        guard plan.producedAt <= now else {
          nextAt = min(nextAt ?? plan.producedAt, plan.producedAt)
          break
        }
        guard left > 0, shells[instance].creditRecords > 0, shells[instance].creditBytes > 0 else {
          nextAt = now
          break
        }
        hand(instance, Record.make(assignment, plan, salt: salt), skipped: plan.skips)
        left -= 1
        nextToFetch[assignment] += 1
      }
    }
    if let nextAt, shells[instance].creditRecords > 0, shells[instance].creditBytes > 0 {
      planFetch(instance, at: nextAt)
    }
  }

  private mutating func hand(_ instance: Int, _ record: Record, skipped: UInt64) {
    shells[instance].creditRecords -= 1
    shells[instance].creditBytes -= record.footprint
    oracle.instances[instance].heldRecords += 1
    oracle.instances[instance].heldBytes += record.footprint
    receive(instance, shells[instance].life, .received(record, skipped: skipped))
  }

  // MARK: - Commits

  mutating func commit(_ instance: Int, _ index: Int, hasMetadata: Bool) {
    var fate: Fault.CommitTrouble?
    for index in scenario.faults.indices where isActive[index] {
      if case .commits(let trouble) = scenario.faults[index].kind { fate = trouble }
    }
    if fate == .tooLarge, !hasMetadata { fate = nil }
    while commits.count <= index {
      commits.append(CommitOnItsWay(instance: instance, life: 0, fate: nil, result: .unknown("")))
    }
    commits[index] = CommitOnItsWay(
      instance: instance, life: shells[instance].life, fate: fate, result: .committed)
    let latency = roll(scenario.group.commitLatency) + (fate == .slow ? roll(0...3 * second) : 0)
    queue.plan(.commitReaches(Int32(index)), at: now + latency)
  }

  mutating func commitReaches(_ index: Int) {
    let answerAt = now + roll(scenario.group.commitLatency)
    let commit = oracle.commits[index]
    let isOwner = oracle.partitions[oracle.views[commit.assignment].partition].owner == commit.assignment
    switch commits[index].fate {
    case nil, .slow:
      if isOwner {
        oracle.commitApplied(index)
      } else {
        commits[index].result = roll(0...2) == 0 ? .unknown("_WAIT_COORD") : .assignmentGone
      }
    case .lost: commits[index].result = .unknown("_TIMED_OUT")
    case .answerLost:
      if isOwner { oracle.commitApplied(index) }
      commits[index].result = .unknown("_TIMED_OUT")
    case .appliedLate:
      switch commits[index].result {
      case .committed:
        commits[index].result = .unknown("_TIMED_OUT")
        queue.plan(.commitReaches(Int32(index)), at: now + roll(0...second))
      default:
        // The broker takes the requests of one connection in their order: never after a newer one.
        let isNewest = !oracle.commits[(index + 1)...].contains { $0.assignment == commit.assignment }
        if isOwner, isNewest { oracle.commitApplied(index) }
        return
      }
    case .tooLarge: commits[index].result = .metadataRefused
    case .forbidden: commits[index].result = .forbidden("GROUP_AUTHORIZATION_FAILED")
    }
    queue.plan(.commitAnswered(Int32(index)), at: answerAt)
  }

  mutating func commitAnswered(_ index: Int) {
    let commit = oracle.commits[index]
    receive(
      commits[index].instance, commits[index].life,
      .committed(
        AssignmentID(epoch: UInt32(commit.assignment)), offset: commit.offset, commits[index].result))
  }
}
