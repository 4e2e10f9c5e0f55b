import Payload
import Testing

@Suite struct HashTests {
  static let long = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

  /// NIST's examples (FIPS 180-4), and the hash of nothing.
  @Test(arguments: [
    (HashAlgorithm.sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (.sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (.sha256, long, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    (.sha1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    (.sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (.sha1, long, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    (
      .sha512, "abc",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
        + "454d4423643ce80e2a9ac94fa54ca49f"
    ),
  ])
  func examples(_ algorithm: HashAlgorithm, _ text: String, _ hash: String) {
    var inOne = Hash(algorithm)
    inOne.update(text)
    #expect(inOne.digest().hex == hash)
    var inPieces = Hash(algorithm)
    for byte in text.utf8 { inPieces.update([byte]) }
    #expect(inPieces.digest().hex == hash)
    if algorithm == .sha256 { #expect(unsafe Array(text.utf8).withUnsafeBytes { unsafe SHA256.hex($0) } == hash) }
  }

  @Test func aCopyGoesOnByItself() {
    var one = Hash(.sha512)
    one.update("ab")
    var other = one
    one.update("c")
    other.update("d")
    var whole = Hash(.sha512)
    whole.update("abd")
    #expect(other.digest().hex == whole.digest().hex)
    var first = Hash(.sha512)
    first.update("abc")
    #expect(one.digest().hex == first.digest().hex)
  }

  struct CodeExample: Sendable {
    let algorithm: HashAlgorithm
    let key: [UInt8]
    let message: [UInt8]
    let code: String
  }

  private static let aa131 = [UInt8](repeating: 0xaa, count: 131)
  private static let first25 = (1...25).map { UInt8($0) }

  /// RFC 4231, 4.2 to 4.8 without the truncated one, and RFC 2202, 3.
  static let codes = [
    CodeExample(
      algorithm: .sha256, key: .init(repeating: 0x0b, count: 20), message: Array("Hi There".utf8),
      code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    CodeExample(
      algorithm: .sha256, key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8),
      code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    CodeExample(
      algorithm: .sha256, key: .init(repeating: 0xaa, count: 20), message: .init(repeating: 0xdd, count: 50),
      code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    CodeExample(
      algorithm: .sha256, key: first25, message: .init(repeating: 0xcd, count: 50),
      code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    CodeExample(
      algorithm: .sha256, key: aa131, message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    CodeExample(
      algorithm: .sha512, key: .init(repeating: 0x0b, count: 20), message: Array("Hi There".utf8),
      code: "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
        + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"),
    CodeExample(
      algorithm: .sha512, key: aa131, message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      code: "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
        + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"),
    CodeExample(
      algorithm: .sha1, key: .init(repeating: 0x0b, count: 20), message: Array("Hi There".utf8),
      code: "b617318655057264e28bc0b6fb378c8ef146be00"),
    CodeExample(
      algorithm: .sha1, key: .init(repeating: 0xaa, count: 80),
      message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      code: "aa4ae5e15272d00e95705637ce8a3b55ed402112"),
  ]

  @Test(arguments: codes) func messageCodes(_ example: CodeExample) {
    let key = HMACKey(example.algorithm, key: example.key)
    // Twice, for the key must not wear out.
    for _ in 0..<2 {
      #expect(unsafe example.message.withUnsafeBytes { unsafe key.code($0) }.hex == example.code)
    }
    var inPieces = key.begin()
    for byte in example.message { inPieces.update([byte]) }
    #expect(key.finish(inPieces).hex == example.code)
    #expect("\(key)" == "<secret>")
    var dumped = ""
    dump(key, to: &dumped)
    #expect(dumped == "- <secret>\n")
  }
}
