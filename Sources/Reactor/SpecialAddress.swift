/// Addresses where no API of somebody else can be: what IANA's registries of special-purpose addresses (RFC 6890) do not
/// call globally reachable, multicast, relays, and what carries such an IPv4 address inside.
///
/// Metadata services of clouds live in the link-local, unique-local and shared parts, and at Azure's 168.63.129.16.
enum SpecialAddress {
  private typealias Block = (prefix: [UInt8], bits: Int)

  private static let refusedIPv4: [Block] = [
    ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12),
    // Two of these are reachable, for protocols that are not HTTP.
    ([192, 0, 0], 24), ([192, 0, 2], 24),
    // A relay for IPv6, deprecated.
    ([192, 88, 99], 24), ([192, 168], 16), ([198, 18], 15), ([198, 51, 100], 24), ([203, 0, 113], 24),
    ([168, 63, 129, 16], 32),
    // Multicast, reserved, broadcast.
    ([224], 3),
  ]

  /// Within 2000::/3: everything else that is a host's is there.
  private static let refusedIPv6: [Block] = [
    // Protocol assignments, Teredo, ORCHID, benchmarking: no APIs among them.
    ([0x20, 0x01, 0], 23), ([0x20, 0x01, 0x0d, 0xb8], 32), ([0x3f, 0xff, 0], 20),
  ]

  static func isRefusedIPv4(_ address: [UInt8]) -> Bool { refusedIPv4.contains { isIn(address, $0) } }

  static func isRefusedIPv6(_ address: [UInt8]) -> Bool {
    if isIn(address, mapped) || isIn(address, translated) { return isRefusedIPv4(Array(address[12...])) }
    guard isIn(address, ([0x20], 3)) else { return true }
    if isIn(address, sixToFour) { return isRefusedIPv4(Array(address[2..<6])) }
    return refusedIPv6.contains { isIn(address, $0) }
  }

  /// ::ffff:0:0/96, an IPv4 address in IPv6's dress.
  private static let mapped: Block = ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], 96)
  /// 64:ff9b::/96, which a NAT64 leads to the IPv4 address within.
  private static let translated: Block = ([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], 96)
  private static let sixToFour: Block = ([0x20, 0x02], 16)

  /// Whether the first bits are the block's; a prefix has as many bytes as its bits begin.
  private static func isIn(_ address: [UInt8], _ block: Block) -> Bool {
    var bits = block.bits
    for (byte, wanted) in zip(address, block.prefix) {
      let mask = bits >= 8 ? 0xff : UInt8(truncatingIfNeeded: 0xff00 >> bits)
      guard byte & mask == wanted & mask else { return false }
      bits -= 8
    }
    return true
  }
}
