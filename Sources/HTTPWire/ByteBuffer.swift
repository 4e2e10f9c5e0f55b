/// A growable buffer that requests are rendered into; it belongs to one connection and keeps its memory between
/// requests, as long as that is at most `ByteBuffer.keptBytesMax`.
package struct ByteBuffer {
  @usableFromInline var bytes: [UInt8] = []

  package static let keptBytesMax = 65_536

  package init() {}

  @inlinable package var count: Int { bytes.count }
  @inlinable package var isEmpty: Bool { bytes.isEmpty }

  @inlinable package mutating func append(_ part: [UInt8]) { bytes.append(contentsOf: part) }

  @inlinable package mutating func append(_ part: UnsafeRawBufferPointer) {
    unsafe bytes.append(contentsOf: part)
  }

  @inlinable package mutating func append(_ part: String) { bytes.append(contentsOf: part.utf8) }

  @inlinable package mutating func append(_ part: StaticString) {
    part.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
  }

  @inlinable package mutating func append(byte: UInt8) { bytes.append(byte) }

  /// Appends a number in decimal digits.
  package mutating func append(decimal number: Int) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    var left = number.magnitude
    let start = bytes.count
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: left % 10))
      left /= 10
    } while left > 0
    bytes[start...].reverse()
  }

  /// Appends so many bytes, which `fill` writes all.
  @inlinable package mutating func append(count: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: count))
    unsafe bytes.withUnsafeMutableBytes { unsafe fill(UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
  }

  /// For what appends to an array.
  @inlinable package mutating func edit<R>(_ body: (inout [UInt8]) -> R) -> R { body(&bytes) }

  /// The bytes so far, good inside `body` only.
  @inlinable package func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    unsafe bytes.withUnsafeBytes { unsafe body($0) }
  }

  /// Empties it.
  package mutating func clear() {
    if bytes.capacity > Self.keptBytesMax { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
  }
}
