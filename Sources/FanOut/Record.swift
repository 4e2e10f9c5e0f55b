/// The fixed part of a record's block; what follows it in memory is `key | headers | value | padding`.
package struct RecordLayout: Sendable {
  /// The partition assignment this record was read under: work of an ended assignment is recognised by it.
  package var assignment: AssignmentID
  package var offset: Int64
  /// Milliseconds since 1970, as Kafka has it; -1 for none.
  package var timestampMilliseconds: Int64
  /// Bytes of the key; -1 for a null key.
  package var keyLength: Int32
  package var headersLength: Int32
  /// Bytes of the value; -1 for a null value (a tombstone).
  package var valueLength: Int32
  /// 0 for a record without a key.
  package var keyHash: UInt64
}

/// One Kafka message in one allocation, immutable once made.
///
/// Behind the value stand `Record.padding` zero bytes, so that a SIMD parser may read past the end of the value
/// (simdjson's rule) and parsing copies nothing.
package struct Record: @unchecked Sendable {
  // Why unchecked: `make` fills the block before anyone else sees it, and nothing writes to it afterwards.
  private final class Block: ManagedBuffer<RecordLayout, UInt8> {}
  private let block: Block
  private var header: RecordLayout { block.header }

  package static let padding = 64

  /// Copies the parts into a new block. `headers` is `encodeHeaders`' format; `nil` parts are Kafka's nulls.
  package static func make(
    assignment: AssignmentID, offset: Int64, timestampMilliseconds: Int64,
    key: UnsafeRawBufferPointer?, headers: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?
  ) -> Record {
    let keyCount = unsafe key?.count ?? 0
    let valueCount = unsafe value?.count ?? 0
    let total = keyCount + headers.count + valueCount + padding
    let layout = RecordLayout(
      assignment: assignment, offset: offset, timestampMilliseconds: timestampMilliseconds,
      keyLength: unsafe key == nil ? -1 : Int32(keyCount), headersLength: Int32(headers.count),
      valueLength: unsafe value == nil ? -1 : Int32(valueCount),
      keyHash: unsafe key.map { unsafe hash(of: $0) } ?? 0)
    let buffer = Block.create(minimumCapacity: total) { _ in layout }
    unsafe buffer.withUnsafeMutablePointerToElements { start in
      var end = unsafe append(key, at: start)
      unsafe end = append(headers, at: end)
      unsafe end = append(value, at: end)
      unsafe end.initialize(repeating: 0, count: padding)
    }
    return unsafe Record(block: unsafeDowncast(buffer, to: Block.self))
  }

  private static func append(
    _ part: UnsafeRawBufferPointer?, at end: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    guard let part = unsafe part, let base = part.baseAddress else { return unsafe end }
    unsafe UnsafeMutableRawPointer(end).copyMemory(from: base, byteCount: part.count)
    return unsafe end + part.count
  }

  /// Seeded per process (SipHash), so that a publisher cannot choose keys that collide. Never 0.
  private static func hash(of key: UnsafeRawBufferPointer) -> UInt64 {
    var hasher = Hasher()
    unsafe hasher.combine(bytes: key)
    let value = UInt64(truncatingIfNeeded: hasher.finalize())
    return value == 0 ? 1 : value
  }

  /// The same block, not only equal bytes.
  package static func === (a: Record, b: Record) -> Bool { a.block === b.block }

  package var offset: Int64 { header.offset }
  package var timestampMilliseconds: Int64 { header.timestampMilliseconds }
  package var assignment: AssignmentID { header.assignment }
  package var keyHash: UInt64 { header.keyHash }
  package var hasKey: Bool { header.keyLength >= 0 }
  package var hasHeaders: Bool { header.headersLength > 0 }
  package var hasValue: Bool { header.valueLength >= 0 }
  /// Bytes of all headers as they are kept here: a little more than their names and values.
  package var headerBytes: Int { Int(header.headersLength) }
  /// Bytes of the value, 0 for null.
  package var valueCount: Int { Int(max(0, header.valueLength)) }

  /// What it costs in memory, for the limits: the block and its bookkeeping.
  package var footprint: Int {
    let layout = header
    return Int(max(0, layout.keyLength)) + Int(layout.headersLength) + Int(max(0, layout.valueLength)) + 192
  }

  /// The key's bytes, empty for null. The pointer is good inside `body` only.
  package func withKey<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    unsafe part(from: 0, count: Int(max(0, header.keyLength)), body)
  }

  package func withHeaders<R>(_ body: (RecordHeaders) -> R) -> R {
    let from = Int(max(0, header.keyLength))
    return unsafe part(from: from, count: Int(header.headersLength)) { unsafe body(RecordHeaders(encoded: $0)) }
  }

  /// The value's bytes, empty for null. The pointer is good inside `body` only.
  package func withValue<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    let from = Int(max(0, header.keyLength)) + Int(header.headersLength)
    return unsafe part(from: from, count: Int(max(0, header.valueLength)), body)
  }

  private func part<R>(from: Int, count: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    unsafe block.withUnsafeMutablePointerToElements { start in
      unsafe body(UnsafeRawBufferPointer(start: start + from, count: count))
    }
  }
}

/// A record's headers in their encoded form: for each `nameLength: UInt32, valueLength: Int32 (-1 for null), name,
/// value`, in the machine's byte order. Kafka allows equal names, empty names and null values; all are kept.
@unsafe package struct RecordHeaders {
  private let encoded: UnsafeRawBufferPointer

  package init(encoded: UnsafeRawBufferPointer) { unsafe self.encoded = encoded }

  package var isEmpty: Bool { unsafe encoded.isEmpty }

  /// Appends one header to a block in the making.
  package static func encode(
    name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?, into block: inout [UInt8]
  ) {
    unsafe Swift.withUnsafeBytes(of: UInt32(name.count)) { unsafe block.append(contentsOf: $0) }
    let length = unsafe Int32(value?.count ?? -1)
    unsafe Swift.withUnsafeBytes(of: length) { unsafe block.append(contentsOf: $0) }
    unsafe block.append(contentsOf: name)
    if let value = unsafe value { unsafe block.append(contentsOf: value) }
  }

  /// One header; the pointers are good as long as the record's `withHeaders` runs.
  @unsafe package struct Field {
    package let name: UnsafeRawBufferPointer
    package let value: UnsafeRawBufferPointer?
  }

  /// Calls `body` with each header, in the record's order.
  package func forEach(_ body: (Field) -> Void) {
    var at = 0
    while unsafe at + 8 <= encoded.count {
      let nameLength = unsafe Int(encoded.loadUnaligned(fromByteOffset: at, as: UInt32.self))
      let valueLength = unsafe Int(encoded.loadUnaligned(fromByteOffset: at + 4, as: Int32.self))
      let nameEnd = at + 8 + nameLength
      let end = nameEnd + Swift.max(0, valueLength)
      guard unsafe end <= encoded.count else { return }
      unsafe body(
        Field(
          name: UnsafeRawBufferPointer(rebasing: encoded[at + 8..<nameEnd]),
          value: valueLength < 0 ? nil : UnsafeRawBufferPointer(rebasing: encoded[nameEnd..<end])))
      at = end
    }
  }
}
