/// A key of RFC 2104, prepared: both its blocks are hashed once, a message costs no more than its own bytes and two
/// blocks, and nothing is allocated. It cannot be printed.
package struct HMACKey: Sendable, CustomReflectable, CustomStringConvertible {
  private let inner: Hash
  private let outer: Hash

  package init(_ algorithm: HashAlgorithm, key: [UInt8]) {
    var block = key
    if key.count > algorithm.blockBytes {
      var hash = Hash(algorithm)
      hash.update(key)
      block = unsafe hash.digest().withBytes { unsafe Array($0) }
    }
    block += Array(repeating: 0, count: algorithm.blockBytes - block.count)
    var inner = Hash(algorithm)
    inner.update(block.map { $0 ^ 0x36 })
    var outer = Hash(algorithm)
    outer.update(block.map { $0 ^ 0x5c })
    self.inner = inner
    self.outer = outer
  }

  /// A message in the making, for `finish`.
  package func begin() -> Hash { inner }

  /// The code of a message that was `begin`'s.
  package func finish(_ message: consuming Hash) -> Digest {
    var hash = outer
    unsafe message.digest().withBytes { unsafe hash.update($0) }
    return hash.digest()
  }

  /// The code of a message in one piece.
  package func code(_ message: UnsafeRawBufferPointer) -> Digest {
    var hash = begin()
    unsafe hash.update(message)
    return finish(hash)
  }

  package func code(_ message: String) -> Digest {
    var hash = begin()
    hash.update(message)
    return finish(hash)
  }

  package var description: String { "<secret>" }
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
