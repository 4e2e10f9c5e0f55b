/// A growable write buffer. It keeps up to 64 KiB when it is emptied, so that the next request allocates nothing.
package struct ByteBuffer {
  private var bytes: [UInt8] = []
  private static let keptCapacity = 65_536

  package init() { bytes.reserveCapacity(1_024) }

  package var count: Int { bytes.count }
  package var isEmpty: Bool { bytes.isEmpty }

  package mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  package mutating func append(_ more: UnsafeRawBufferPointer) { unsafe bytes.append(contentsOf: more) }

  package mutating func append(_ text: StaticString) {
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// A number in decimal; `Content-Length` without a string.
  package mutating func append(decimal number: Int) {
    var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
    unsafe withUnsafeMutableBytes(of: &digits) { place in
      var at = 24
      var rest = number.magnitude
      repeat {
        at -= 1
        unsafe place[at] = UInt8(truncatingIfNeeded: 48 + rest % 10)
        rest /= 10
      } while rest > 0
      if number < 0 {
        at -= 1
        unsafe place[at] = UInt8(ascii: "-")
      }
      unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(place)[at...])
    }
  }

  /// Hands out what is in it and empties it.
  mutating func drain(_ body: (UnsafeRawBufferPointer) -> Void) {
    unsafe bytes.withUnsafeBytes { unsafe body($0) }
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
  }

  mutating func removeAll() { bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity) }
}
