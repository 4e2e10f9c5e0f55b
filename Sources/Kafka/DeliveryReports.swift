import Synchronization

/// What became of one sent record: `error` is `nil` when every in-sync replica has it.
package typealias DeliveryReport = (token: UInt64, error: KafkaError?)
/// Who is told, on the producer's thread.
package typealias DeliverySink = @Sendable ([DeliveryReport]) -> Void

/// Which records wait for their report. The library carries a ticket through, not a pointer.
struct OutstandingReports {
  struct Entry {
    let sink: Int
    let token: UInt64
  }

  private var slots: [Entry?] = []
  private var free: [Int] = []

  var count: Int { slots.count - free.count }

  /// The ticket is never 0.
  mutating func add(_ entry: Entry) -> UInt {
    if let slot = free.popLast() {
      slots[slot] = entry
      return UInt(slot) + 1
    }
    slots.append(entry)
    return UInt(slots.count)
  }

  mutating func take(_ ticket: UInt) -> Entry? {
    guard ticket > 0, ticket <= UInt(slots.count), let entry = slots[Int(ticket) - 1] else { return nil }
    slots[Int(ticket) - 1] = nil
    free.append(Int(ticket) - 1)
    return entry
  }

  mutating func takeAll() -> [Entry] {
    defer {
      slots = []
      free = []
    }
    return slots.compactMap { $0 }
  }
}
