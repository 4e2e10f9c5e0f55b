/// Several records of one destination in one request.
package struct BatchPolicy: Sendable, Equatable {
  /// In one request: from 1 to 131,070, half of which fits into a delivery's sixteen bits.
  package let recordsMax: Int
  /// Bytes of the values in one request; a record that is larger goes alone.
  package let bytesMax: Int
  /// How long the first one may wait for others.
  package let wait: Nanoseconds
  /// The API takes a batch whole or not at all, and in its order. Records that wait for one another may share one only
  /// then: an API that answers for each record by itself may take the later and not the earlier one.
  package let isWhole: Bool

  package init(recordsMax: Int, bytesMax: Int, wait: Nanoseconds, isWhole: Bool) {
    self.recordsMax = min(max(1, recordsMax), 2 * Int(UInt16.max))
    self.bytesMax = max(1, bytesMax)
    self.wait = max(.zero, wait)
    self.isWhole = isWhole
  }
}

/// How large a batch may be at present: what the policy allows, until the destination says 413.
///
/// | Came back | Records and bytes |
/// |---|---|
/// | 413 to more than one record | half of what that batch had, if that is less |
/// | accepted | 1/64 of the policy's more, once a second at most |
struct BatchLimit: Sendable, Equatable {
  private static let growEvery = Nanoseconds.seconds(1)
  private let recordsMax: Int
  private let bytesMax: Int
  private(set) var records: Int
  private(set) var bytes: Int
  private var growAt = Instant(nanoseconds: .min)

  init(_ policy: BatchPolicy?) {
    recordsMax = policy?.recordsMax ?? 1
    bytesMax = policy?.bytesMax ?? 1
    records = recordsMax
    bytes = bytesMax
  }

  mutating func wasTooLarge(records: Int, bytes: Int, at now: Instant) {
    self.records = max(1, min(self.records, records / 2))
    self.bytes = max(1, min(self.bytes, bytes / 2))
    growAt = now + Self.growEvery
  }

  mutating func accepted(at now: Instant) {
    guard records < recordsMax || bytes < bytesMax, growAt <= now else { return }
    growAt = now + Self.growEvery
    records = min(recordsMax, records + max(1, recordsMax / 64))
    bytes = min(bytesMax, bytes + max(1, bytesMax / 64))
  }
}
