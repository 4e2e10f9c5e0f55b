import FanOut
import FanOutSimulation
import Foundation
import Testing

/// Three records, two destinations, and everything in every order. `TOPICTEE_DEPTH=2` goes two steps deeper.
@Suite struct ExhaustiveTests {
  static let deeper = ProcessInfo.processInfo.environment["TOPICTEE_DEPTH"].flatMap { Int($0) } ?? 0

  struct Case: Sendable, CustomTestStringConvertible {
    let order: RecordOrder
    let keys: [Int]
    let uncommittedMax: Int
    var batch: BatchPolicy?
    var extras = Exhaustive.Extras()
    let depth: Int
    var testDescription: String {
      let batches = batch.map { ", batches of \($0.recordsMax)\($0.isWhole ? ", whole" : "")" } ?? ""
      let more =
        (extras.keepsResults ? ", results" : "") + (extras.isOptional ? ", erp optional" : "")
        + (extras.skips.allSatisfy { $0 == 0 } ? "" : ", skips \(extras.skips)")
      return "order \(order), keys \(keys), at most \(uncommittedMax) uncommitted\(batches)\(more)"
    }
  }

  private static func batch(_ records: Int, isWhole: Bool = true, waits: Bool = false) -> BatchPolicy {
    BatchPolicy(recordsMax: records, bytesMax: 1_000, wait: .milliseconds(waits ? 50 : 0), isWhole: isWhole)
  }

  private static func extras(
    results: Bool = false, optional: Bool = false, skips: [UInt64] = [0, 0, 0]
  ) -> Exhaustive.Extras {
    var extras = Exhaustive.Extras()
    (extras.keepsResults, extras.isOptional, extras.skips) = (results, optional, skips)
    return extras
  }

  static let cases = [
    Case(order: .key, keys: [0, 0, 1], uncommittedMax: 1_000, depth: 4),
    Case(order: .key, keys: [0, 1, 0], uncommittedMax: 1, depth: 5),
    Case(order: .partition, keys: [0, 1, -1], uncommittedMax: 1_000, depth: 5),
    Case(order: .none, keys: [0, 0, 0], uncommittedMax: 2, depth: 4),
    Case(order: .key, keys: [0, 1, 0], uncommittedMax: 1_000, batch: batch(3, waits: true), depth: 5),
    Case(order: .key, keys: [0, 1, -1], uncommittedMax: 2, batch: batch(3, isWhole: false), depth: 4),
    Case(order: .partition, keys: [0, 1, 0], uncommittedMax: 1_000, batch: batch(3), depth: 5),
    Case(order: .partition, keys: [0, 1, 0], uncommittedMax: 2, batch: batch(2, waits: true), depth: 5),
    Case(order: .none, keys: [0, 0, 0], uncommittedMax: 1_000, batch: batch(3), depth: 4),
    Case(order: .key, keys: [0, 0, 0], uncommittedMax: 1_000, extras: extras(skips: [0, 0b10, 0b01]), depth: 5),
    Case(order: .partition, keys: [0, 1, 0], uncommittedMax: 1, extras: extras(skips: [0b10, 0b11, 0]), depth: 5),
    Case(order: .key, keys: [0, 1, 0], uncommittedMax: 1_000, extras: extras(optional: true), depth: 4),
    Case(
      order: .partition, keys: [0, 1, 0], uncommittedMax: 2, extras: extras(optional: true, skips: [0, 0b01, 0]),
      depth: 5),
    Case(order: .key, keys: [0, 0, 1], uncommittedMax: 1_000, extras: extras(results: true), depth: 4),
    Case(
      order: .partition, keys: [0, 1, 0], uncommittedMax: 1,
      extras: extras(results: true, optional: true, skips: [0b11, 0, 0b01]), depth: 5),
  ]

  @Test(arguments: cases) func everythingInEveryOrder(_ which: Case) {
    let report = Exhaustive.explore(
      order: which.order, keys: which.keys, uncommittedMax: which.uncommittedMax, batch: which.batch,
      extras: which.extras, depth: which.depth + Self.deeper)
    print("exhaustive: \(which.testDescription), depth \(which.depth + Self.deeper): \(report.paths) paths")
    if let failure = report.failure { Issue.record("\(failure)") }
  }

  @Test(
    .enabled(if: PlantedFault.isPossible),
    arguments: [PlantedFault.unknownIsDurable, .letterSettlesWhenFailed, .readsProgressOneTooFar, .dropsParked])
  func itFindsWhatIsPlanted(_ fault: PlantedFault) {
    let report = Exhaustive.explore(order: .key, keys: [0, 1, 0], uncommittedMax: 1, depth: 5, fault: fault)
    #expect(report.failure != nil)
  }
}
