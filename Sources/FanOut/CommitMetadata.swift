/// Which destinations have which records beyond the watermark, as text beside the committed offset, so that a crash or
/// a rebalance does not send a destination what it has because another one lags behind.
///
/// `t1:crm=AEB;erp=CB`: per destination pairs of numbers, a gap and a length in offsets, counted from the committed
/// offset on. Each number stands in digits of five bits, the lowest first, of the alphabet of base64url, whose upper
/// half says that more follow. ASCII, at most 4,095 bytes (Kafka refuses 4,096): what is farthest is left out until it
/// fits. Read as hostile input.
package enum CommitMetadata {
  package static let bytesMax = 4_095
  private static let prefix = "t1:"
  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }()
  /// The longest number: 63 bits in groups of 5.
  private static let numberBytesMax = 13

  // MARK: - Writing

  /// One destination's ranges in the making.
  private struct Writer {
    var bytes: [UInt8] = []
    /// Where the last range ended, and where the one being made began.
    var end: Int64
    var start: Int64?

    mutating func close(at offset: Int64) {
      guard let from = start else { return }
      append(UInt64(from - end))
      append(UInt64(offset - from))
      end = offset
      start = nil
    }

    private mutating func append(_ number: UInt64) {
      var left = number
      repeat {
        let more = left > 31
        bytes.append(CommitMetadata.digits[Int(left & 31) + (more ? 32 : 0)])
        left >>= 5
      } while left > 0
    }
  }

  /// Empty where there is nothing to say, or no room.
  /// - Parameters:
  ///   - progress: what an earlier commit says of records that have not been received yet: it is still so.
  ///   - required: one bit for each destination that comes first; the others have what room is left.
  static func text(
    _ ledger: PartitionLedger, progress: RestoredProgress? = nil, destinations: [String], required: UInt64 = .max,
    bytesMax: Int = bytesMax
  ) -> String {
    guard ledger.head < ledger.end || progress != nil else { return "" }
    let isFirst = { (destination: Int) in required & (1 << UInt64(destination)) != 0 }
    let first = destinations.indices.filter(isFirst)
    var text = parts(first, ledger, progress, destinations, bytesMax: bytesMax - prefix.utf8.count)
    if first.count < destinations.count {
      let others = destinations.indices.filter { !isFirst($0) }
      let room = bytesMax - prefix.utf8.count - text.utf8.count - 1
      let more = parts(others, ledger, progress, destinations, bytesMax: room)
      text += text.isEmpty || more.isEmpty ? more : ";" + more
    }
    return text.isEmpty ? "" : prefix + text
  }

  /// What some of the destinations have.
  private static func parts(
    _ chosen: [Int], _ ledger: PartitionLedger, _ progress: RestoredProgress?, _ names: [String], bytesMax: Int
  ) -> String {
    guard let watermark = ledger.watermark else { return "" }
    // What every destination needs besides its ranges, and the range that is open when the room ends.
    let fixed = chosen.reduce(0) { $0 + names[$1].utf8.count + 2 + 2 * numberBytesMax }
    guard fixed <= bytesMax else { return "" }
    var writers = chosen.map { _ in Writer(end: watermark) }
    var used = fixed
    var end = watermark
    var isWhole = true
    // What was read ahead is most of the ledger, and nothing to tell of.
    for sequence in ledger.head..<max(ledger.head, ledger.settledEnd) {
      let bits = ledger.progressBits(sequence)
      let offset = ledger.offset(sequence)
      for index in writers.indices {
        let before = writers[index].bytes.count
        if bits & (1 << UInt64(chosen[index])) == 0 {
          writers[index].close(at: end)
        } else if writers[index].start == nil {
          writers[index].start = offset
        }
        used += writers[index].bytes.count - before
      }
      end = offset + 1
      if used + 2 * numberBytesMax * writers.count > bytesMax {
        isWhole = false
        break
      }
    }
    let unread = max(end, ledger.lastOffset + 1)
    for index in writers.indices {
      writers[index].close(at: end)
      guard let progress, isWhole else { continue }
      for range in progress.ranges(of: chosen[index], from: unread) where used + 2 * numberBytesMax <= bytesMax {
        let before = writers[index].bytes.count
        writers[index].start = range.lowerBound
        writers[index].close(at: range.upperBound)
        used += writers[index].bytes.count - before
      }
    }
    return zip(chosen, writers).filter { !$1.bytes.isEmpty }
      .map { "\(names[$0])=\(String(decoding: $1.bytes, as: UTF8.self))" }.joined(separator: ";")
  }

  // MARK: - Reading

  /// Why metadata is not used.
  struct Foreign: Error, Equatable { let text: String }

  /// What it says of these destinations; nil where it says nothing of any. Destinations that are no more are skipped.
  static func read(_ position: CommittedPosition, destinations: [String]) -> Result<RestoredProgress?, Foreign> {
    guard !position.metadata.isEmpty else { return .success(nil) }
    let bytes = Array(position.metadata.utf8.prefix(bytesMax + 1))
    guard bytes.count <= bytesMax else { return .failure(Foreign(text: "it is longer than \(bytesMax) bytes")) }
    guard bytes.starts(with: prefix.utf8) else { return .failure(Foreign(text: "another program wrote it")) }
    var ranges = destinations.map { _ in [Range<Int64>]() }
    var seen: Set<Int> = []
    for part in bytes.dropFirst(prefix.utf8.count).split(separator: UInt8(ascii: ";")) {
      guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return .failure(Foreign(text: "it is damaged")) }
      guard let found = self.ranges(part[(equals + 1)...], from: position.offset) else {
        return .failure(Foreign(text: "it is damaged"))
      }
      let name = part[..<equals]
      guard let destination = destinations.firstIndex(where: { name.elementsEqual($0.utf8) }) else { continue }
      guard seen.insert(destination).inserted else { return .failure(Foreign(text: "it names a destination twice")) }
      ranges[destination] = found
    }
    return .success(seen.isEmpty ? nil : RestoredProgress(ranges: ranges))
  }

  private static func ranges(_ text: ArraySlice<UInt8>, from offset: Int64) -> [Range<Int64>]? {
    var found: [Range<Int64>] = []
    var end = offset
    var rest = text
    while !rest.isEmpty {
      guard let gap = number(&rest), let length = number(&rest), length > 0 else { return nil }
      let (start, overflow) = end.addingReportingOverflow(gap)
      let (stop, overflow2) = start.addingReportingOverflow(length)
      guard !overflow, !overflow2 else { return nil }
      found.append(start..<stop)
      end = stop
    }
    return found
  }

  private static func number(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while let digit = rest.popFirst() {
      let value = values[Int(digit)]
      guard value < 64, shift <= 60 else { return nil }
      let bits = UInt64(value & 31)
      guard shift < 60 || bits < 8 else { return nil }
      number |= bits << shift
      shift += 5
      if value < 32 { return Int64(exactly: number) }
    }
    return nil
  }
}

/// What a durable commit says that the destinations have, asked for offsets in ascending order.
struct RestoredProgress: Sendable, Equatable {
  private let ranges: [[Range<Int64>]]
  private var next: [Int]
  private let end: Int64

  init(ranges: [[Range<Int64>]]) {
    self.ranges = ranges
    next = Array(repeating: 0, count: ranges.count)
    end = ranges.compactMap { $0.last?.upperBound }.max() ?? .min
  }

  /// Nothing is known of this offset or any later one.
  func isOver(at offset: Int64) -> Bool { offset >= end }

  /// What is known of one destination from an offset on.
  func ranges(of destination: Int, from offset: Int64) -> [Range<Int64>] {
    ranges[destination].compactMap { $0.upperBound > offset ? max($0.lowerBound, offset)..<$0.upperBound : nil }
  }

  /// Bit `d` says that destination `d` has the record.
  mutating func bits(at offset: Int64) -> UInt64 {
    var bits: UInt64 = 0
    for destination in ranges.indices {
      let own = ranges[destination]
      while next[destination] < own.count, own[next[destination]].upperBound <= offset { next[destination] += 1 }
      if next[destination] < own.count, own[next[destination]].contains(offset) { bits |= 1 << UInt64(destination) }
    }
    return bits
  }
}
