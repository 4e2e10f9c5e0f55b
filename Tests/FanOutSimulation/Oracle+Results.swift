import FanOut

// Results rows: each tells what became of the record, and no commit passes the record before the topic has it.

extension Oracle {
  /// All that are required are done with the record, and its row is written.
  func isComplete(_ assignment: Int, _ ordinal: Int) -> Bool {
    views[assignment].told[ordinal] & required == required
      && (!policy.keepsResults || views[assignment].rows[ordinal] == .written)
  }

  /// What a row is to tell of a delivery that ends here.
  mutating func conclude(
    _ at: Int, of assignment: Int, _ ending: ResultRow.Ending, status: UInt16, body: [UInt8]
  ) {
    let known = views[assignment].deliveries[at]
    var column = ResultRow.Column(ending)
    column.status = status
    column.attempts = Int(known.requests)
    column.duration = known.requests == 0 ? nil : Nanoseconds(count: now - known.firstAttemptAt)
    column.body = body
    views[assignment].deliveries[at].column = column
  }

  mutating func emitsRow(_ instance: Int, _ id: DeliveryID, _ record: Record, _ row: ResultRow) {
    let assignment = Int(id.assignment.epoch)
    guard isLive(assignment, of: instance) else {
      return fail(.ended) { _ in "i\(instance) writes a row of assignment \(assignment)" }
    }
    let view = views[assignment]
    let ordinal = view.start + Int(id.sequence)
    guard policy.keepsResults, partitions[view.partition].ordinal(of: record.offset) == ordinal,
      Int(id.destination) == names.count
    else { return fail(.identity) { _ in "\(id) is not the id of a row of offset \(record.offset)" } }
    let what = "the row of p\(view.partition)@\(record.offset)"
    note { _ in "i\(instance): \(what)" }
    tally.rows += 1
    if view.told[ordinal] & required != required { fail(.row) { _ in "\(what) before all are done" } }
    if view.rows[ordinal] == .onItsWay || view.rows[ordinal] == .written { fail(.row) { _ in "\(what) twice" } }
    for (destination, column) in row.columns.enumerated() {
      let expected = expected(assignment, ordinal, destination)
      // A row that is written again tells what it told before.
      let isOlder =
        view.rows[ordinal] == .failed && column.ending == .pending && required & (1 << UInt64(destination)) == 0
      if column != expected, !isOlder {
        fail(.row) { "\(what) says of \($0.names[destination]): \(column), not \(expected)" }
      }
    }
    if row.columns.count != names.count { fail(.row) { _ in "\(what) has \(row.columns.count) columns" } }
    views[assignment].rows[ordinal] = .onItsWay
    views[assignment].rowsOnTheirWay += 1
    views[assignment].busy += 1
  }

  private func expected(_ assignment: Int, _ ordinal: Int, _ destination: Int) -> ResultRow.Column {
    let view = views[assignment]
    let bit = UInt64(1) << UInt64(destination)
    if partitions[view.partition].records[ordinal].skips & bit != 0 { return ResultRow.Column(.skipped) }
    if view.claims[ordinal] & bit != 0 { return ResultRow.Column(.restored) }
    guard view.told[ordinal] & bit != 0 else { return ResultRow.Column(.pending) }
    return view.deliveries[delivery(assignment, ordinal, destination)].column
  }

  mutating func tellsRow(_ instance: Int, _ id: DeliveryID, _ error: String?) {
    let assignment = Int(id.assignment.epoch)
    guard isLive(assignment, of: instance) else { return }
    let ordinal = views[assignment].start + Int(id.sequence)
    let offset = partitions[views[assignment].partition].records[ordinal].offset
    note { _ in "i\(instance): the row of assignment \(assignment) @\(offset): \(error ?? "written")" }
    views[assignment].busy -= 1
    views[assignment].rowsOnTheirWay -= 1
    views[assignment].rows[ordinal] = error == nil ? .written : .failed
    guard error == nil else { return }
    views[assignment].told[ordinal] |= rowBit
    complete(assignment, ordinal)
  }
}
