import FanOut

/// The oracle's own reader of a commit's metadata, written from its description: it must not share the engine's
/// mistakes. Foreign or damaged text says nothing.
enum ProgressReader {
  /// Calls `claim` with each destination and range of offsets that the text says it has. False if it is not ours.
  static func read(
    _ text: String, from offset: Int64, names: [String], claim: (_ destination: Int, Range<Int64>) -> Void
  ) -> Bool {
    guard !text.isEmpty else { return true }
    guard text.hasPrefix("t1:"), text.utf8.count <= 4_095 else { return false }
    var claims: [(Int, Range<Int64>)] = []
    var seen: [String] = []
    for part in text.dropFirst(3).split(separator: ";", omittingEmptySubsequences: false) {
      let halves = part.split(separator: "=", omittingEmptySubsequences: false)
      guard halves.count == 2, let numbers = numbers(halves[1]), numbers.count % 2 == 0 else { return false }
      let name = String(halves[0])
      guard !seen.contains(name) else { return false }
      seen.append(name)
      guard let destination = names.firstIndex(of: name) else { continue }
      var at = offset
      for pair in stride(from: 0, to: numbers.count, by: 2) {
        guard numbers[pair + 1] > 0 else { return false }
        let start = at + numbers[pair]
        at = start + numbers[pair + 1]
        claims.append((destination, start..<at))
      }
    }
    for (destination, range) in claims { claim(destination, range) }
    return true
  }

  private static func numbers(_ text: Substring) -> [Int64]? {
    var numbers: [Int64] = []
    var number: Int64 = 0
    var scale: Int64 = 1
    var isInside = false
    for character in text.utf8 {
      guard let digit = digit(character), scale < 1 << 55 else { return nil }
      number += Int64(digit % 32) * scale
      scale *= 32
      isInside = digit >= 32
      if !isInside {
        numbers.append(number)
        (number, scale) = (0, 1)
      }
    }
    return isInside ? nil : numbers
  }

  private static func digit(_ character: UInt8) -> Int? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(character) - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(character) - 97 + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(character) - 48 + 52
    case UInt8(ascii: "-"): 62
    case UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
