import Foundation
import Testing

@testable import Settings

/// Numbers from a seed (SplitMix64), so that a failing case can be made again.
struct SeededNumbers: RandomNumberGenerator {
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
  static let pieces = [
    "{", "}", "[", "]", ":", ": ", "- ", "&a ", "*a", "!", "\"", "'", "\n", "\t", "#", "|", ">", "%", "\0", "\u{FEFF}",
    "null", "~", "<<",
    "99999999999999999999", "${x}", "\r", "\u{85}", "---\n", "? ", "{}", "[]", "0", "-1", "é", "\u{2028}",
  ].map { Array($0.utf8) }

  /// Without its jq: libjq 1.6 needs some 30 ms to compile any program, and each that is changed is another one.
  private static let requests = ContractFile.text.split(separator: "\n")
    .filter { line in !["when:", "jq:", "_when:", "keep:"].contains { line.contains($0) } }
    .joined(separator: "\n")

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

  /// Variables that mean something, and some that do not.
  private static func variables(_ numbers: inout SeededNumbers) -> [String: String] {
    guard Int.random(in: 0..<4, using: &numbers) == 0 else { return [:] }
    let names = [
      "KAFKA__GROUP", "KAFKA", "TOPIC", "TOPICS", "DESTINATIONS__CRM", "DESTINATIONS__CRM__URL", "DEFAULTS__RETRY",
      "DESTINATIONS__ERP__HEADERS__X_A", "DESTINATIONS__CRM__BODY__JSON", "DESTINATIONS__CRM__AUTH",
      "DESTINATIONS__ERP__PROXY", "DESTINATIONS__CRM__SIGN__SECRETS", "KAFKA__SASL__PASSWORD",
      "KAFKA__SASL__PASSWORD__ENV", "X", "", "LIMITS__",
    ]
    let values = ["", "a", "1", "null", "[a, b]", "{ attempts: 3 }", "{", "http://h/", "5s", "*a", "\u{1}", "${key}"]
    var all: [String: String] = [:]
    for _ in 0..<Int.random(in: 1...3, using: &numbers) {
      let name = names.randomElement(using: &numbers) ?? ""
      all["TOPICTEE_\(name)"] =
        name == "KAFKA__SASL__PASSWORD" ? "hunter2" : values.randomElement(using: &numbers) ?? ""
    }
    return all
  }

  /// `TOPICTEE_TEST_MUTATED_FILES=1000000` is the long run; `TOPICTEE_SEED` makes another one of it.
  private static let count = number("TOPICTEE_TEST_MUTATED_FILES") ?? 20_000
  private static let seed = UInt64(number("TOPICTEE_SEED") ?? 1)

  static func number(_ variable: String) -> Int? {
    ProcessInfo.processInfo.environment[variable].flatMap { Int($0) }
  }

  /// The thread's own processor time: what other programs do on this machine is no fault of the loader.
  private static var processorTime: Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  /// The most memory that this program ever had, in KiB. On Linux `getrusage` counts what ran in the process before.
  private static var peakMemory: Int {
    #if os(Linux)
      let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    #else
      var usage = rusage()
      unsafe getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss / 1024
    #endif
  }

  @Test(.timeLimit(.minutes(30))) func mutatedFilesNeverTrapHangOrSwell() {
    let starts = [GoodFile.minimal, GoodFile.everything, Self.requests, BadFile.aliases].map { Array($0.utf8) }
    var slowest = Duration.zero
    var valid = 0
    let memory = Self.peakMemory
    for number in 0..<Self.count {
      var numbers = SeededNumbers(state: Self.seed << 32 | UInt64(number))
      let bytes = Self.mutate(starts[number % starts.count], &numbers)
      let environment = ContractFile.environment.merging(Self.variables(&numbers)) { $1 }
      let begin = Self.processorTime
      let result = SettingsLoader.load(text: bytes, file: "b.yaml", environment: environment)
      slowest = max(slowest, Self.processorTime - begin)
      let at = "seed \(Self.seed), number \(number)"
      switch result {
      case .valid(let settings, _):
        valid += 1
        if settings.topics.isEmpty || settings.destinations.isEmpty { Issue.record("nothing to do: \(at)") }
        if settings.destinations.contains(where: { $0.url == .unset }) { Issue.record("no URL: \(at)") }
      case .invalid(let found):
        if DiagnosticRenderer().render(found).contains("hunter2") { Issue.record("a secret: \(at)") }
        if !found.contains(where: { $0.severity == .error }) { Issue.record("no error: \(at)") }
        for one in found where !one.file.hasPrefix("TOPICTEE_") && (one.line < 1 || one.column < 1 || one.length < 1) {
          Issue.record("no place: \(at)")
        }
      }
    }
    #expect(valid > Self.count / 200 && valid < Self.count - Self.count / 200)
    #expect(slowest < .milliseconds(100), "\(slowest)")
    #expect(Self.peakMemory - memory < 64 << 10, "\(Self.peakMemory - memory) KiB")
    print("mutated files: \(Self.count), \(valid) valid, the slowest \(slowest), \(Self.peakMemory - memory) KiB more")
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
    let memory = Self.peakMemory
    let begin = clock.now
    let result = SettingsLoader.load(text: bytes, file: "b.yaml", environment: [:])
    let took = clock.now - begin
    guard case .invalid(let found) = result else {
      Issue.record("accepted: \(file)")
      return
    }
    #expect(found.count <= DiagnosticLog.countMax)
    #expect(Self.peakMemory - memory < 64 << 10, "\(file): \(Self.peakMemory - memory) KiB")
    #expect(took < .seconds(8), "\(file): \(took)")
  }
}
