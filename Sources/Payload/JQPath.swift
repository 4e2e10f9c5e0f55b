/// A jq program that is only a way to a value, such as `.choices[0].message.content`: where a scalar stands there, it is
/// found without jq, which takes some 50 times longer and may round numbers elsewhere in the text.
package struct JQPath: Sendable {
  private enum Step: Sendable {
    case member(JSONPath)
    case item(JSONPath)
  }
  private let steps: [Step]

  /// nil for any other program, and for `.` alone.
  package init?(_ program: String) {
    var rest = Array(program.utf8).trimmed
    var steps: [Step] = []
    while let first = rest.first {
      rest.removeFirst()
      switch first {
      case UInt8(ascii: "."):
        let name = rest.prefix { Self.isLetter($0) || Self.isDigit($0) }
        guard let initial = name.first, Self.isLetter(initial) else { return nil }
        rest = rest.dropFirst(name.count)
        steps.append(.member(JSONPath([String(decoding: name, as: UTF8.self)])))
      case UInt8(ascii: "[") where !steps.isEmpty:
        let digits = rest.prefix(while: Self.isDigit)
        guard let position = Int(String(decoding: digits, as: UTF8.self)), digits.count <= 9,
          rest.dropFirst(digits.count).first == UInt8(ascii: "]")
        else { return nil }
        rest = rest.dropFirst(digits.count + 1)
        steps.append(.item(JSONPath(["\(position)"])))
      default: return nil
      }
    }
    if steps.isEmpty { return nil }
    self.steps = steps
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (0x61...0x7A).contains(byte | 0x20)
  }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// The bytes of what stands there in the text that was read last, `null` where nothing does. nil where jq is to be
  /// asked: for an array or an object, and where it would give an error.
  package func scalar(in document: JSONDocument) -> [UInt8]? {
    guard var value = document.root else { return nil }
    for step in steps {
      let found: JSONDocument.Value?
      switch step {
      case _ where value.kind == .null: found = nil
      case .member(let name) where value.kind == .object: found = document.find(name, in: value)
      case .item(let position) where value.kind == .array: found = document.find(position, in: value)
      default: return nil
      }
      guard let found else { return Array("null".utf8) }
      value = found
    }
    if value.kind == .array || value.kind == .object { return nil }
    return unsafe document.withBytes(of: value) { unsafe Array($0) }
  }
}

extension [UInt8] {
  fileprivate var trimmed: ArraySlice<UInt8> {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 9 || byte == 10 || byte == 13 }
    guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
      return []
    }
    return self[first...last]
  }
}
