private import CJQ

/// What is asked of a program: a condition, or JSON that goes out.
extension JQProgram {
  /// Whether the first result is neither `false` nor `null`.
  package func holds(for input: borrowing JQInput) -> Result<Bool, JQFailure> {
    if let obstacle = input.obstacle { return .failure(JQFailure(obstacle)) }
    switch first(of: input.value()) {
    case .value(let value): return .success(value.isTruthy)
    case .nothing(let failure): return .failure(failure)
    }
  }

  /// The first result as compact JSON. Numbers and text of the input are in it as they were, or it is a failure.
  /// - Parameter bytesMax: what is longer is a failure.
  package func json(of input: borrowing JQInput, bytesMax: Int) -> Result<[UInt8], JQFailure> {
    if let obstacle = input.obstacle { return .failure(JQFailure(obstacle)) }
    if input.holdsRoundedNumber {
      return .failure(JQFailure("the input holds a number that this jq would round"))
    }
    let value: JQValue
    switch first(of: input.value()) {
    case .value(let result): value = result
    case .nothing(let failure): return .failure(failure)
    }
    var output: [UInt8] = []
    switch JQText.write(value, bytesMax: bytesMax, to: &output) {
    case .written: break
    case .tooLong: return .failure(JQFailure("a result of more than \(bytesMax) bytes"))
    case .noNumber: return .failure(JQFailure("a result with a number that JSON does not have (nan or infinite)"))
    case .tooDeep: return .failure(JQFailure("a result that is nested deeper than \(Self.depthMax)"))
    }
    if input.wasRepaired, Digits.contains(output, [0xef, 0xbf, 0xbd]) {
      return .failure(JQFailure("a result with text of the input that is not UTF-8"))
    }
    if input.holdsLargeInteger, !Digits.areAll(of: output, in: input.value()) {
      return .failure(JQFailure("a result with an integer that was computed from one beyond 2^53"))
    }
    return .success(output)
  }
}

/// Whether a result's long numbers, also those in texts, stand in the input too: jq keeps the digits of what it passes
/// on, and rounds what it computes.
private enum Digits {
  /// From 10^15 on a double may not be what it was computed to be.
  private static let long = 16

  static func areAll(of output: [UInt8], in input: consuming JQValue) -> Bool {
    let suspects = suspects(in: output)
    guard !suspects.isEmpty else { return true }
    var text: [UInt8] = []
    guard JQText.write(input, bytesMax: .max / 2, to: &text) == .written else { return false }
    let known = Set(self.suspects(in: text).map { text[$0] })
    return suspects.allSatisfy { known.contains(output[$0]) }
  }

  /// Long runs of digits, and the exponent that jq writes for a large double.
  private static func suspects(in output: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start: Int?
    for i in 0...output.count {
      let isDigit = i < output.count && (0x30...0x39).contains(output[i])
      if isDigit {
        if start == nil { start = i }
        continue
      }
      guard let first = start else { continue }
      start = nil
      if i - first >= long {
        found.append(first..<i)
      } else if i + 1 < output.count, output[i] == UInt8(ascii: "e"), output[i + 1] == UInt8(ascii: "+") {
        found.append(first..<(i + 2))
      }
    }
    return found
  }

  static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard let first = part.first, text.count >= part.count else { return part.isEmpty }
    return (0...(text.count - part.count)).contains { at in
      text[at] == first && text[at..<(at + part.count)].elementsEqual(part)
    }
  }
}
