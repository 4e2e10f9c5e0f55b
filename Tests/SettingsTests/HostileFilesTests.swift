import Testing

@testable import Settings

/// Numbers from a seed (SplitMix64), so that a failing case can be made again.
private struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite struct HostileFilesTests {
  private static let pieces = [
    "{", "}", "[", "]", ":", ": ", "- ", "&a ", "*a", "!", "\"", "'", "\n", "\t", "#", "|", ">", "%", "\0", "\u{FEFF}",
    "null", "~", "<<",
    "99999999999999999999", "${x}", "\r", "\u{85}", "---\n", "? ", "{}", "[]", "0", "-1", "é", "\u{2028}",
  ].map { Array($0.utf8) }

  private static func mutate(_ start: [UInt8], _ numbers: inout SeededNumbers) -> [UInt8] {
    var bytes = start
    for _ in 0..<Int.random(in: 1...6, using: &numbers) {
      let at = Int.random(in: 0...bytes.count, using: &numbers)
      let end = min(bytes.count, at + Int.random(in: 0...24, using: &numbers))
      switch Int.random(in: 0..<6, using: &numbers) {
      case 0: bytes.insert(contentsOf: pieces.randomElement(using: &numbers) ?? [], at: at)
      case 1: bytes.removeSubrange(at..<end)
      case 2: bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &numbers))
      case 3: if at < bytes.count { bytes[at] = UInt8.random(in: 0...255, using: &numbers) }
      case 4: if at < bytes.count { bytes[at] ^= 1 << UInt8.random(in: 0..<7, using: &numbers) }
      default: bytes.replaceSubrange(at..<end, with: pieces.randomElement(using: &numbers) ?? [])
      }
    }
    return bytes
  }

  @Test(.timeLimit(.minutes(2)), arguments: [UInt64(1), 2]) func mutatedFilesNeverTrap(_ seed: UInt64) {
    let starts = [GoodFile.minimal, GoodFile.everything].map { Array($0.utf8) }
    let clock = ContinuousClock()
    var slowest = Duration.zero
    var valid = 0
    for number in 0..<10_000 {
      var numbers = SeededNumbers(state: seed << 32 | UInt64(number))
      let bytes = Self.mutate(starts[number % 2], &numbers)
      let begin = clock.now
      let result = SettingsLoader.load(text: bytes, file: "b.yaml", environment: GoodFile.environment)
      slowest = max(slowest, clock.now - begin)
      switch result {
      case .valid(let settings, _):
        valid += 1
        #expect(!settings.topics.isEmpty && !settings.destinations.isEmpty, "seed \(seed), number \(number)")
        #expect(settings.destinations.allSatisfy { $0.url != .unset }, "seed \(seed), number \(number)")
      case .invalid(let found):
        let rendered = DiagnosticRenderer().render(found)
        #expect(found.contains { $0.severity == .error }, "seed \(seed), number \(number)")
        #expect(found.allSatisfy { $0.line >= 1 && $0.column >= 1 && $0.length >= 1 }, "seed \(seed), number \(number)")
        #expect(!rendered.contains("hunter2"), "seed \(seed), number \(number)")
      }
    }
    #expect(valid > 100 && valid < 9_900)
    #expect(slowest < .seconds(1))
  }

  enum HugeFile: CaseIterable {
    case nestedLists, nestedMaps, nestedBlocks, questionMarks, unknownKeys, oneKey, longList, longKey, longText,
      anchors, lineEnds, aliases

    var text: String {
      switch self {
      case .nestedLists: "a: " + String(repeating: "[", count: 1_000_000)
      case .nestedMaps: String(repeating: "{a: ", count: 200_000)
      case .nestedBlocks: String(repeating: "- ", count: 500_000)
      case .questionMarks: String(repeating: "? ", count: 500_000)
      case .unknownKeys: (0..<60_000).map { "timeou\($0): 1\n" }.joined()
      case .oneKey: String(repeating: "topic: a\n", count: 60_000)
      case .longList: "topics: [" + (0..<90_000).map { "t\($0)" }.joined(separator: ",") + "]"
      case .longKey: String(repeating: "k", count: 1_000_000) + ": 1"
      case .longText: "topic: " + String(repeating: "1", count: 1_000_000)
      case .anchors: (0..<40_000).map { "a\($0): &x\($0) 1\n" }.joined()
      case .lineEnds: String(repeating: "\n", count: 1_048_576)
      case .aliases:
        "x: &x \(String(repeating: "a", count: 60_000))\nretry: { on: [" + String(repeating: "*x,", count: 80_000)
          + "] }"
      }
    }
  }

  /// What would be slow if a bound were missing; the limit leaves room for a debug build on a busy machine.
  @Test(.timeLimit(.minutes(1)), arguments: HugeFile.allCases) func hugeFilesAreRefusedSoon(_ file: HugeFile) {
    let bytes = Array(file.text.utf8)
    let clock = ContinuousClock()
    let begin = clock.now
    let result = SettingsLoader.load(text: bytes, file: "b.yaml", environment: [:])
    let took = clock.now - begin
    guard case .invalid(let found) = result else {
      Issue.record("accepted: \(file)")
      return
    }
    #expect(found.count <= DiagnosticLog.countMax)
    #expect(took < .seconds(8), "\(file): \(took)")
  }
}
