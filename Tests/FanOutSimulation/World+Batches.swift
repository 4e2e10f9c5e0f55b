import FanOut

// What destinations do with several records in one request.

extension World {
  private struct Item {
    let id: DeliveryID
    let partition: Int
    let ordinal: Int
    let nature: Scenario.Nature
    let bytes: Int
  }

  mutating func send(_ instance: Int, _ batch: BatchAttempt) {
    let destination = Int(batch.id.destination)
    let items = batch.members.compactMap { item($0, destination) }
    guard items.count == batch.members.count, let api = scenario.destinations[destination].batches else { return }
    if items.contains(where: { $0.nature == .unsendable }) {
      let unsendable = Outcome.unsendable(.template, AttemptFailure(message: "no such field"))
      return tell(
        instance, .batchFinished(batch.id, .each(items.map { $0.nature == .unsendable ? unsendable : .stale })))
    }
    let (outcome, latency) = answer(items, destination, api, isFresh: batch.needsFreshConnection)
    plan(.batchFinished(batch.id, outcome), to: instance, after: latency)
  }

  private func item(_ member: BatchAttempt.Member, _ destination: Int) -> Item? {
    let partition = oracle.views[Int(member.id.assignment.epoch)].partition
    guard let ordinal = oracle.partitions[partition].ordinal(of: member.record.offset) else { return nil }
    return Item(
      id: member.id, partition: partition, ordinal: ordinal, nature: nature(partition, ordinal, destination),
      bytes: oracle.partitions[partition].records[ordinal].valueBytes)
  }

  /// The outcome, and after how long.
  private mutating func answer(
    _ items: [Item], _ destination: Int, _ api: Scenario.BatchAPI, isFresh: Bool
  ) -> (BatchOutcome, Int64) {
    let timeout = scenario.destinations[destination].timeout
    let spell = fate(destination, .fine, isFresh: isFresh)
    guard spell.outcome == .accepted(status: 204) else {
      // Who hangs may have taken some, in their order.
      let some = items.prefix(Int(roll(1...Int64(items.count)))).prefix { $0.nature == .fine }
      if spell.isTaken { take(some, destination, isToldSo: false) }
      return (.all(spell.outcome), spell.latency)
    }
    if items.count > api.recordsMax || items.reduce(0, { $0 + $1.bytes }) > api.bytesMax {
      return (.all(refusal(413)), spell.latency)
    }
    if let hang = items.firstIndex(where: { $0.nature == .poisonHang }) {
      take(items[..<hang], destination, isToldSo: false)
      return (.all(timedOut(timeout, isTaken: false).outcome), timeout)
    }
    let failure = Outcome.failed(AttemptFailure(status: 500, message: "status 500"))
    if api.answersEach {
      take(items.filter { $0.nature == .fine }[...], destination, isToldSo: true)
      let outcomes = items.map { item -> Outcome in
        switch item.nature {
        case .fine: .accepted(status: 204)
        case .refused: refusal(400)
        case .poison, .poisonHang, .unsendable: failure
        }
      }
      return (.each(outcomes), spell.latency)
    }
    if items.contains(where: { $0.nature == .refused }) { return (.all(refusal(400)), spell.latency) }
    if items.contains(where: { $0.nature == .poison }) { return (.all(failure), spell.latency) }
    take(items[...], destination, isToldSo: true)
    return (.all(.accepted(status: 204)), spell.latency)
  }

  private func refusal(_ status: UInt16) -> Outcome {
    .refused(.rejected, AttemptFailure(status: status, message: "status \(status)"))
  }

  private mutating func take(_ items: ArraySlice<Item>, _ destination: Int, isToldSo: Bool) {
    for item in items {
      oracle.destinationHas(item.partition, item.ordinal, destination)
      if !isToldSo { oracle.mayRepeat = true }
    }
  }
}
