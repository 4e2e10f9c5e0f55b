/// Records that say who they are: 300 bytes of JSON with a number, a key, and the number among those of the key.
struct Payload: Sendable {
  static let size = 300
  let keyCount: Int

  private static let form = Array(
    ("{\"n\":\"00000000\",\"s\":\"00000000\",\"k\":\"key-0000\",\"pad\":\"" + String(repeating: " ", count: 245) + "\"}")
      .utf8)
  private static let numberAt = 6
  private static let placeAt = 21
  private static let keyAt = 40
  private static let padAt = 53
  /// Where the padding of each record is cut from: no two neighbours have the same.
  private static let padding: [UInt8] = {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,;:/-_+*()[]{}<>".utf8)
    var state: UInt64 = 1
    return (0..<4_096).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return letters[Int(state >> 33) % letters.count]
    }
  }()

  func key(_ number: Int) -> [UInt8] { Array("key-\(digits(number % keyCount, 4))".utf8) }

  /// The one before it with the same key has the number less `keyCount`.
  func value(_ number: Int) -> [UInt8] {
    var bytes = Self.form
    Self.write(number, 8, at: Self.numberAt, &bytes)
    Self.write(number / keyCount, 8, at: Self.placeAt, &bytes)
    Self.write(number % keyCount, 4, at: Self.keyAt, &bytes)
    let from = number &* 37 % (Self.padding.count - 245)
    bytes.replaceSubrange(Self.padAt..<Self.padAt + 245, with: Self.padding[from..<from + 245])
    return bytes
  }

  /// -1 for bytes that are not of this form.
  static func number(in bytes: [UInt8], from start: Int) -> Int {
    guard bytes.count - start == size, bytes[start + 1] == form[1], bytes[start + 2] == form[2] else { return -1 }
    var number = 0
    for i in start + numberAt..<start + numberAt + 8 {
      guard bytes[i] >= 0x30, bytes[i] <= 0x39 else { return -1 }
      number = number * 10 + Int(bytes[i] - 0x30)
    }
    return number
  }

  private static func write(_ number: Int, _ count: Int, at start: Int, _ bytes: inout [UInt8]) {
    var left = number
    for i in stride(from: start + count - 1, through: start, by: -1) {
      bytes[i] = UInt8(0x30 + left % 10)
      left /= 10
    }
  }

  private func digits(_ number: Int, _ count: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}
