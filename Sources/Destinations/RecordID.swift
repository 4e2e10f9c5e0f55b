package import HTTPWire
private import Payload

/// A record's name to the outside, the same for ever: at every attempt, for every destination, after a crash.
///
/// ```
/// partition = SHA-256 of the UTF-8 text CLUSTER/TOPIC/PARTITION (the partition's number in decimal digits)
/// id        = SHA-256 of those 32 bytes and the offset as 8 bytes, big-endian
/// ```
/// The first 20 bytes of `id` in base32 (RFC 4648) with lower-case letters: 32 characters of `a-z2-7`. Nothing in the
/// text is ambiguous, for a topic has no slash in its name.
package struct RecordID: Sendable {
  package static let count = 32
  private var text = InlineArray<32, UInt8>(repeating: 0)

  fileprivate init(hash: UnsafeRawBufferPointer) {
    var span = text.mutableSpan
    unsafe span.withUnsafeMutableBytes {
      unsafe Base32.encode(UnsafeRawBufferPointer(rebasing: hash[..<20]), to: $0)
    }
  }

  package func append(to buffer: inout ByteBuffer) { unsafe withBytes { unsafe buffer.append($0) } }

  /// Good inside `body` only.
  package func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    let span = text.span
    return unsafe span.withUnsafeBytes { unsafe body($0) }
  }

  package var string: String { unsafe withBytes { unsafe String(decoding: $0, as: UTF8.self) } }
}

extension RecordID {
  /// Of several records in one request: the same for the same ones in the same order. Of one record it is its own.
  package static func joint(_ ids: [RecordID]) -> RecordID? {
    guard ids.count > 1 else { return ids.first }
    var hash = Hash(.sha256)
    for id in ids { unsafe id.withBytes { unsafe hash.update($0) } }
    return unsafe hash.digest().withBytes { unsafe RecordID(hash: $0) }
  }
}

/// What the ids of one partition's records are made of, hashed once per assignment; a record costs one block of SHA-256.
package struct RecordIDs: Sendable {
  private var partition = InlineArray<32, UInt8>(repeating: 0)

  /// - Parameter cluster: as the brokers name their cluster.
  package init(cluster: String, topic: String, partition: Int32) {
    var text = Hash(.sha256)
    text.update("\(cluster)/\(topic)/\(partition)")
    var span = self.partition.mutableSpan
    unsafe text.digest().withBytes { digest in
      unsafe span.withUnsafeMutableBytes { unsafe $0.copyMemory(from: digest) }
    }
  }

  package func id(ofOffset offset: Int64) -> RecordID {
    var hash = Hash(.sha256)
    unsafe partition.span.withUnsafeBytes { unsafe hash.update($0) }
    unsafe withUnsafeBytes(of: offset.bigEndian) { unsafe hash.update($0) }
    return unsafe hash.digest().withBytes { unsafe RecordID(hash: $0) }
  }
}
