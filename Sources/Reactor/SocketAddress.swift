internal import CUV

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Addresses that stand for themselves.
package enum AddressLiteral {
  /// The 4 or 16 bytes of `10.0.0.1` or `::1`, in the network's order; nil for a name.
  package static func bytes(of text: String) -> [UInt8]? { SocketAddress(literal: text, port: 0)?.bytes }
}

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

  /// The address's 4 or 16 bytes, in the network's order.
  var bytes: [UInt8] {
    unsafe withUnsafeBytes(of: storage) { bytes in
      // Both structures have family and port first; IPv6 has its flow label before the address.
      unsafe Array(Int32(storage.ss_family) == AF_INET ? bytes[4..<8] : bytes[8..<24])
    }
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

  /// Whether the address leads into this machine or a private network, or is no host's address.
  var isPrivate: Bool {
    let bytes = bytes
    return bytes.count == 4 ? SpecialAddress.isRefusedIPv4(bytes) : SpecialAddress.isRefusedIPv6(bytes)
  }
}
