/// What an engine can say of itself, copied at one moment.
package struct FanOutSnapshot: Sendable, Equatable {
  package struct DestinationCounts: Sendable, Equatable {
    package var attempts = 0
    package var accepted = 0
    package var retries = 0
    /// Attempts that were the destination's fault.
    package var holds = 0
    package var deadLetters = 0
    package init() {}

    package static func + (a: Self, b: Self) -> Self {
      var sum = Self()
      sum.attempts = a.attempts + b.attempts
      sum.accepted = a.accepted + b.accepted
      sum.retries = a.retries + b.retries
      sum.holds = a.holds + b.holds
      sum.deadLetters = a.deadLetters + b.deadLetters
      return sum
    }
  }

  package struct Destination: Sendable, Equatable {
    package var name: String
    package var inFlight: Int
    package var counts: DestinationCounts
  }

  package struct Partition: Sendable, Equatable {
    package var partition: TopicPartition
    /// The lowest offset that is not settled.
    package var watermark: Int64?
    package var committed: Int64?
    /// Records between the watermark and the newest received one.
    package var buffered: Int
  }

  package var destinations: [Destination]
  package var partitions: [Partition]

  package init(destinations: [Destination] = [], partitions: [Partition] = []) {
    self.destinations = destinations
    self.partitions = partitions
  }
}

extension FanOutEngine {
  package var snapshot: FanOutSnapshot {
    FanOutSnapshot(
      destinations: destinations.map { .init(name: $0.policy.name, inFlight: $0.inFlight, counts: $0.counts) },
      partitions: partitions.compactMap { partition in
        guard let partition else { return nil }
        return .init(
          partition: partition.partition, watermark: partition.ledger.watermark, committed: partition.committed,
          buffered: partition.ledger.count)
      })
  }
}
