private import COpenSSL

/// The hash of FIPS 180-4, by OpenSSL.
package enum SHA256 {
  /// 64 hexadecimal digits in lower case.
  package static func hex(_ bytes: UnsafeRawBufferPointer) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    // Nothing to hash is a pointer to nothing: OpenSSL wants an address all the same.
    _ = unsafe COpenSSL.SHA256(bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1), bytes.count, &digest)
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
