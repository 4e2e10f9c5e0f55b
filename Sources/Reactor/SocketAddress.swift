internal import CUV

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An IPv4 or IPv6 address with its port, as the socket calls want it.
struct SocketAddress {
  private var storage = sockaddr_storage()

  /// Reads a literal address; `nil` if `host` is a name.
  init?(literal host: String, port: UInt16) {
    let parsed: Int32 = unsafe withUnsafeMutablePointer(to: &storage) { start in
      let raw = UnsafeMutableRawPointer(start)
      let four = unsafe uv_ip4_addr(host, Int32(port), raw.assumingMemoryBound(to: sockaddr_in.self))
      if four == 0 { return 0 }
      return unsafe uv_ip6_addr(host, Int32(port), raw.assumingMemoryBound(to: sockaddr_in6.self))
    }
    guard parsed == 0 else { return nil }
  }

  /// Copies what the resolver found; `nil` for a family other than IPv4 and IPv6.
  init?(_ found: UnsafePointer<sockaddr>, length: Int) {
    let family = unsafe Int32(found.pointee.sa_family)
    guard family == AF_INET || family == AF_INET6, length <= MemoryLayout<sockaddr_storage>.size else { return nil }
    unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.copyMemory(from: .init(start: found, count: length)) }
  }

  func withPointer<R>(_ body: (UnsafePointer<sockaddr>) -> R) -> R {
    unsafe withUnsafePointer(to: storage) {
      unsafe body(UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self))
    }
  }

  /// The address without the port, as people write it.
  var text: String {
    var name = [CChar](repeating: 0, count: 64)
    let code = unsafe withPointer { unsafe uv_ip_name($0, &name, name.count) }
    guard code == 0 else { return "?" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether the address leads into this machine or a private network, or is no host's address: RFC 6890's registries
  /// and what embeds an IPv4 address of theirs. Metadata services of clouds live in the link-local and unique-local parts.
  var isPrivate: Bool {
    unsafe withUnsafeBytes(of: storage) { bytes in
      // Both structures have family and port first; IPv6 has its flow label before the address.
      if Int32(storage.ss_family) == AF_INET { return unsafe Self.isPrivateIPv4(Array(bytes[4..<8])) }
      return unsafe Self.isPrivateIPv6(Array(bytes[8..<24]))
    }
  }

  static func isPrivateIPv4(_ a: [UInt8]) -> Bool {
    switch (a[0], a[1]) {
    case (0, _), (10, _), (127, _), (169, 254), (172, 16...31), (192, 168), (100, 64...127), (198, 18...19): true
    case (192, 0): a[2] == 0 || a[2] == 2
    case (198, 51): a[2] == 100
    case (203, 0): a[2] == 113
    default: a[0] >= 224
    }
  }

  static func isPrivateIPv6(_ a: [UInt8]) -> Bool {
    let zeros = a.prefix { $0 == 0 }.count
    if zeros >= 12 { return zeros >= 15 || isPrivateIPv4(Array(a[12...])) }
    if zeros == 10, a[10] == 0xff, a[11] == 0xff { return isPrivateIPv4(Array(a[12...])) }
    switch (a[0], a[1]) {
    case (0x00, 0x64): return a[2] == 0xff && a[3] == 0x9b && (a[4] != 0 || isPrivateIPv4(Array(a[12...])))
    case (0x20, 0x02): return isPrivateIPv4(Array(a[2..<6]))
    case (0x20, 0x01): return (a[2] == 0 && a[3] == 0) || (a[2] == 0x0d && a[3] == 0xb8)
    case (0x01, 0x00), (0xfc...0xff, _): return a[0] != 0xfe || a[1] >= 0x80
    default: return false
    }
  }
}
