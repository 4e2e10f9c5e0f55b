private import COpenSSL

package enum HashAlgorithm: Sendable, CaseIterable {
  case sha1, sha256, sha512

  package var digestBytes: Int {
    switch self {
    case .sha1: 20
    case .sha256: 32
    case .sha512: 64
    }
  }

  var blockBytes: Int { self == .sha512 ? 128 : 64 }

  fileprivate var kind: topictee_hash_kind {
    switch self {
    case .sha1: TOPICTEE_SHA1
    case .sha256: TOPICTEE_SHA256
    case .sha512: TOPICTEE_SHA512
    }
  }
}

/// A hash of FIPS 180-4 in progress, by OpenSSL. A copy goes on by itself, so what many texts begin with is hashed once;
/// nothing is allocated.
package struct Hash: Sendable {
  package let algorithm: HashAlgorithm
  private var state: topictee_hash

  package init(_ algorithm: HashAlgorithm) {
    self.algorithm = algorithm
    state = topictee_hash_new(algorithm.kind)
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    // Nothing to hash may be a pointer to nothing, which OpenSSL is not asked about.
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    unsafe topictee_hash_update(&state, start, bytes.count)
  }

  package mutating func update(_ bytes: [UInt8]) { unsafe bytes.withUnsafeBytes { unsafe update($0) } }

  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { unsafe update(UnsafeRawBufferPointer($0)) }
  }

  /// The hash of all that came.
  package consuming func digest() -> Digest {
    var digest = Digest(count: algorithm.digestBytes)
    unsafe digest.withMutableBytes { unsafe topictee_hash_finish(&state, $0) }
    return digest
  }
}

/// What a hash or HMAC gives: 20 to 64 bytes.
package struct Digest: Sendable {
  private var bytes = InlineArray<64, UInt8>(repeating: 0)
  package let count: Int

  fileprivate init(count: Int) { self.count = count }

  fileprivate mutating func withMutableBytes(_ body: (UnsafeMutablePointer<UInt8>) -> Void) {
    var span = bytes.mutableSpan
    unsafe span.withUnsafeMutableBufferPointer { buffer in
      if let start = buffer.baseAddress { unsafe body(start) }
    }
  }

  /// Good inside `body` only.
  package func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    let span = bytes.span.extracting(first: count)
    return unsafe span.withUnsafeBytes { unsafe body($0) }
  }

  /// In lower case.
  package var hex: String { unsafe withBytes { unsafe Hex.text($0) } }
}

/// SHA-256 of what is at hand in one piece.
package enum SHA256 {
  package static func digest(_ bytes: UnsafeRawBufferPointer) -> Digest {
    var hash = Hash(.sha256)
    unsafe hash.update(bytes)
    return hash.digest()
  }

  /// 64 hexadecimal digits in lower case.
  package static func hex(_ bytes: UnsafeRawBufferPointer) -> String { unsafe digest(bytes).hex }
}
