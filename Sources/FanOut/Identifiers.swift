/// One assignment of one partition to this process: a number that is never used twice, so that what belongs to an
/// ended assignment (an outcome, a commit result, a buffered record) is recognised and dropped.
package struct AssignmentID: Hashable, Sendable, Comparable {
  package let epoch: UInt32
  package init(epoch: UInt32) { self.epoch = epoch }
  package static func < (a: Self, b: Self) -> Bool { a.epoch < b.epoch }
  /// Never given to an assignment.
  static let none = AssignmentID(epoch: 0)
}

/// A partition of a topic.
package struct TopicPartition: Hashable, Sendable, CustomStringConvertible {
  package let topic: String
  package let partition: Int32
  package init(topic: String, partition: Int32) {
    self.topic = topic
    self.partition = partition
  }
  package var description: String { "\(topic)[\(partition)]" }
}

/// One record for one destination.
package struct DeliveryID: Hashable, Sendable {
  package let assignment: AssignmentID
  /// Where the engine keeps the partition; valid only together with `assignment`.
  package let slot: UInt16
  /// The destination's index in the config's order.
  package let destination: UInt16
  /// The record's number among those received under this assignment, from 0.
  package let sequence: UInt64

  package init(assignment: AssignmentID, slot: UInt16, destination: UInt16, sequence: UInt64) {
    self.assignment = assignment
    self.slot = slot
    self.destination = destination
    self.sequence = sequence
  }
}

/// One request for several deliveries of one destination.
package struct BatchID: Hashable, Sendable {
  package let destination: UInt16
  /// Never used twice by one engine.
  package let number: UInt64

  package init(destination: UInt16, number: UInt64) {
    self.destination = destination
    self.number = number
  }
}

/// A point on the monotonic clock, in nanoseconds. The engine is told the time; it never asks.
package struct Instant: Hashable, Sendable, Comparable {
  package var nanoseconds: Int64
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  package static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
  package static func + (a: Self, b: Nanoseconds) -> Self { Self(nanoseconds: a.nanoseconds &+ b.count) }
  package static func - (a: Self, b: Self) -> Nanoseconds { Nanoseconds(count: a.nanoseconds &- b.nanoseconds) }
}

/// A span of time in one machine word; `Duration` has two, and the hot path adds many.
package struct Nanoseconds: Hashable, Sendable, Comparable {
  package var count: Int64
  package init(count: Int64) { self.count = count }
  package static func milliseconds(_ n: Int64) -> Self { Self(count: n * 1_000_000) }
  package static func seconds(_ n: Int64) -> Self { Self(count: n * 1_000_000_000) }
  package static let zero = Self(count: 0)
  package static func < (a: Self, b: Self) -> Bool { a.count < b.count }
  package var seconds: Double { Double(count) / 1e9 }

  /// Saturates at some 292 years.
  package init(_ duration: Duration) {
    let (whole, atto) = duration.components
    let (product, overflow) = whole.multipliedReportingOverflow(by: 1_000_000_000)
    count = overflow ? (whole < 0 ? .min : .max) : product.addingReportingOverflow(atto / 1_000_000_000).partialValue
  }
}
