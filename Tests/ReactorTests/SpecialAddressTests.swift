import Testing

@testable import Reactor

@Suite struct SpecialAddressTests {
  /// IANA's registries of special-purpose addresses, IPv4 and IPv6, every block with its column
  /// "Globally Reachable"; where that says "N/A" it is false here. First and last address of each block.
  static let registry: [(first: String, last: String, isReachable: Bool)] = [
    ("0.0.0.0", "0.255.255.255", false), ("10.0.0.0", "10.255.255.255", false),
    ("100.64.0.0", "100.127.255.255", false), ("127.0.0.0", "127.255.255.255", false),
    ("169.254.0.0", "169.254.255.255", false), ("172.16.0.0", "172.31.255.255", false),
    ("192.0.0.0", "192.0.0.255", false), ("192.0.0.8", "192.0.0.8", false), ("192.0.0.170", "192.0.0.171", false),
    ("192.0.2.0", "192.0.2.255", false), ("192.31.196.0", "192.31.196.255", true),
    ("192.52.193.0", "192.52.193.255", true), ("192.88.99.0", "192.88.99.255", false),
    ("192.168.0.0", "192.168.255.255", false), ("192.175.48.0", "192.175.48.255", true),
    ("198.18.0.0", "198.19.255.255", false), ("198.51.100.0", "198.51.100.255", false),
    ("203.0.113.0", "203.0.113.255", false), ("240.0.0.0", "255.255.255.255", false),
    ("::1", "::1", false), ("::", "::", false), ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", false),
    ("100::", "100::ffff:ffff:ffff:ffff", false), ("100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", false),
    ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", false),
    ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", false),
    ("2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", false),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", false),
    ("2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", true),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", false),
    ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
    ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
  ]

  @Test(arguments: registry.indices) func theRegistries(_ row: Int) throws {
    let block = Self.registry[row]
    for text in [block.first, block.last] {
      #expect(try isPrivate(text) == !block.isReachable, "\(text)")
    }
  }

  /// The neighbours of the blocks, and what is no registry's.
  @Test(arguments: [
    ("1.0.0.0", false), ("9.255.255.255", false), ("11.0.0.0", false), ("100.63.255.255", false),
    ("100.128.0.0", false), ("126.255.255.255", false), ("128.0.0.0", false), ("169.253.255.255", false),
    ("169.255.0.0", false), ("172.15.255.255", false), ("172.32.0.0", false), ("191.255.255.255", false),
    ("192.0.1.0", false), ("192.0.3.0", false), ("192.167.255.255", false), ("192.169.0.0", false),
    ("198.17.255.255", false), ("198.20.0.0", false), ("203.0.112.255", false), ("203.0.114.0", false),
    ("223.255.255.255", false), ("8.8.8.8", false),
    // Multicast, and metadata services.
    ("224.0.0.1", true), ("239.255.255.255", true), ("ff02::1", true), ("ff0e::1", true),
    ("169.254.169.254", true), ("fd00:ec2::254", true), ("100.100.100.200", true), ("192.0.0.192", true),
    ("168.63.129.16", true), ("168.63.129.17", false), ("168.63.129.15", false),
    // An IPv4 address inside: mapped, translated, 6to4; compatible ones are no hosts' any more.
    ("::ffff:10.0.0.1", true), ("::ffff:127.0.0.1", true), ("::ffff:169.254.169.254", true), ("::ffff:8.8.8.8", false),
    ("64:ff9b::7f00:1", true), ("64:ff9b::a9fe:a9fe", true), ("64:ff9b::808:808", false),
    ("2002:7f00:1::", true), ("2002:a9fe:a9fe::1", true), ("2002:c0a8:101::", true), ("2002:808:808::", false),
    ("::10.0.0.1", true), ("::8.8.8.8", true), ("::ffff:0:127.0.0.1", true),
    // Site-local, and space that nobody has.
    ("fec0::1", true), ("4000::1", true), ("e000::1", true), ("1fff::1", true), ("200::1", true),
    ("2000::1", false), ("2001:200::1", false), ("2001:4860:4860::8888", false), ("2001:db7::1", false),
    ("2001:db9::1", false), ("2003::1", false), ("2606:4700::1111", false), ("3fff:1000::1", false), ("3ffe::1", false),
  ]) func aroundThem(_ text: String, _ expected: Bool) throws {
    #expect(try isPrivate(text) == expected)
  }

  @Test(arguments: ["localhost", "8.8.8", "0x7f.1", "2130706433", "::g", "[::1]", ""]) func names(_ text: String) {
    // A name is looked up, and what it leads to is judged then.
    #expect(SocketAddress(literal: text, port: 1) == nil)
  }

  private func isPrivate(_ text: String) throws -> Bool {
    try #require(SocketAddress(literal: text, port: 1), "\(text)").isPrivate
  }
}
