import Payload
import Testing

@Suite struct EncodingsTests {
  /// RFC 4648, 10; base32 in lower case and without its padding.
  @Test(arguments: [
    ("", "", "", ""), ("f", "Zg==", "my", "66"), ("fo", "Zm8=", "mzxq", "666f"), ("foo", "Zm9v", "mzxw6", "666f6f"),
    ("foob", "Zm9vYg==", "mzxw6yq", "666f6f62"), ("fooba", "Zm9vYmE=", "mzxw6ytb", "666f6f6261"),
    ("foobar", "Zm9vYmFy", "mzxw6ytboi", "666f6f626172"),
  ])
  func examples(_ text: String, _ base64: String, _ base32: String, _ hex: String) {
    let bytes = Array(text.utf8)
    #expect(Base64.text(bytes) == base64)
    #expect(Base64.decode(base64) == bytes)
    #expect(Base64.decode(base64.filter { $0 != "=" }) == bytes)
    #expect(Self.base32(bytes) == base32)
    #expect(unsafe bytes.withUnsafeBytes { unsafe Hex.text($0) } == hex)
  }

  @Test func everyByteComesBack() {
    let bytes = (0...255).map { UInt8($0) } + [0xff, 0xfe]
    for count in 0...bytes.count {
      #expect(Base64.decode(Base64.text(Array(bytes[..<count]))) == Array(bytes[..<count]))
    }
    #expect(Base64.text([0xfb, 0xff]) == "+/8=")
    #expect(unsafe [UInt8](arrayLiteral: 0x0f, 0xf0, 0xab).withUnsafeBytes { unsafe Hex.text($0) } == "0ff0ab")
  }

  @Test(arguments: [
    "Z", "Zm9vY", "Zm9v=", "Zg=", "Z===", "Zg===", "=", "====", "Zm 9", "Zm9\n", "Zm9_", "Zm9-", "Zmé", "Zg==Zg==",
  ])
  func refused(_ text: String) { #expect(Base64.decode(text) == nil) }

  private static func base32(_ bytes: [UInt8]) -> String {
    var text = [UInt8](repeating: 0, count: Base32.count(of: bytes.count))
    unsafe bytes.withUnsafeBytes { source in
      unsafe text.withUnsafeMutableBytes { unsafe Base32.encode(source, to: $0) }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
