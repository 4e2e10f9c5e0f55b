import FanOut
import Settings
import Testing

@testable import Destinations

@Suite struct ResponseRulesTests {
  /// What a status becomes, without the words.
  enum Kind: Equatable { case accepted, refused, failed, unavailable, other }

  static func kind(_ outcome: Outcome) -> Kind {
    switch outcome {
    case .accepted: .accepted
    case .refused(.rejected, _): .refused
    case .failed: .failed
    case .unavailable: .unavailable
    default: .other
    }
  }

  static let destinationsFault: [UInt16] = [401, 403, 407, 429, 502, 503, 504]

  /// By the contract's guarantee 4, for every status there is.
  @Test func everyStatusByDefault() {
    let rules = ResponseRules(destination(), excerptBytes: 1024)
    for status in UInt16(100)...599 {
      let expected: Kind =
        switch status {
        case 200...299: .accepted
        case _ where Self.destinationsFault.contains(status): .unavailable
        case 408, 425, 500...599: .failed
        default: .refused
        }
      #expect(Self.kind(rules.outcome(status: status, body: [])) == expected, "\(status)")
    }
  }

  static func changed(_ change: (inout DestinationSettings) -> Void) -> ResponseRules {
    ResponseRules(destination(change), excerptBytes: 1024)
  }

  static let noStatusRetried = changed { $0.retry.on.statuses = StatusSet() }
  static let allRetried = changed { $0.retry.on.statuses = StatusSet([100...599]) }
  static let conflictAccepted = changed { $0.success = StatusSet([200...299, 409...409]) }
  static let onlyCreated = changed { $0.success = StatusSet([201...201]) }
  static let busyAccepted = changed { $0.success = StatusSet([200...299, 503...503]) }

  @Test(
    arguments: [
      (noStatusRetried, 500, .refused), (noStatusRetried, 408, .refused), (noStatusRetried, 503, .unavailable),
      (noStatusRetried, 429, .unavailable), (noStatusRetried, 204, .accepted),
      (allRetried, 400, .failed), (allRetried, 302, .failed), (allRetried, 401, .unavailable),
      (allRetried, 200, .accepted),
      (conflictAccepted, 409, .accepted), (conflictAccepted, 410, .refused),
      (onlyCreated, 201, .accepted), (onlyCreated, 200, .refused), (onlyCreated, 500, .failed),
      (busyAccepted, 503, .accepted), (busyAccepted, 502, .unavailable),
    ] as [(ResponseRules, UInt16, Kind)])
  func settingsChangeOnlyWhatIsTheirs(rules: ResponseRules, status: UInt16, expected: Kind) {
    #expect(Self.kind(rules.outcome(status: status, body: [])) == expected)
  }

  @Test(arguments: [(UInt16(400), Kind.refused), (500, .failed), (503, .unavailable)])
  func aFailureSaysStatusAndExcerpt(status: UInt16, kind: Kind) {
    let body = Array("{\"error\": \"no such customer\"}".utf8)
    for (excerpt, expected) in [(1024, body), (9, Array(body.prefix(9))), (0, [])] {
      let outcome = ResponseRules(destination(), excerptBytes: excerpt).outcome(status: status, body: body)
      #expect(Self.kind(outcome) == kind)
      #expect(outcome.failure?.status == status)
      #expect(outcome.failure?.response == expected)
      #expect(outcome.failure?.message == "the API answered \(status)")
    }
  }

  @Test func acceptedSaysItsStatus() {
    #expect(ResponseRules(destination(), excerptBytes: 0).outcome(status: 202, body: []) == .accepted(status: 202))
  }

  @Test func timeoutsAndCutsAreFailuresUnlessLeftOut() {
    let byDefault = ResponseRules(destination(), excerptBytes: 10)
    let noTimeout = Self.changed { $0.retry.on.timeout = false }
    let noReset = Self.changed { $0.retry.on.reset = false }
    let table: [(outcome: Outcome, message: String, isGivenUp: Bool)] = [
      (byDefault.timedOut("late"), "late", false), (byDefault.cutAfterSend("cut"), "cut", false),
      (noTimeout.timedOut("late"), "late", true), (noTimeout.cutAfterSend("cut"), "cut", false),
      (noReset.timedOut("late"), "late", false), (noReset.cutAfterSend("cut"), "cut", true),
    ]
    for (row, line) in table.enumerated() {
      switch line.outcome {
      case .failed: #expect(!line.isGivenUp, "\(row)")
      case .refused(.exhausted, _): #expect(line.isGivenUp, "\(row)")
      default: Issue.record("\(row): \(line.outcome)")
      }
      #expect(line.outcome.failure?.message == line.message && line.outcome.failure?.status == 0)
    }
  }

  @Test func aRefusedAddressIsUnsafe() {
    #expect(
      Self.changed { $0.allowPrivateAddresses = false }.addressRefused("10.0.0.1")
        == .unsendable(.unsafe, AttemptFailure(message: "10.0.0.1")))
  }

  @Test func noConnectionIsAlwaysTheDestinationsFault() {
    for rules in [Self.noStatusRetried, Self.allRetried, Self.changed { $0.retry.on.reset = false }] {
      #expect(rules.unreachable("refused") == .unavailable(AttemptFailure(message: "refused")))
    }
  }
}

extension Outcome {
  /// What went wrong, if it did.
  var failure: AttemptFailure? {
    switch self {
    case .accepted, .stale: nil
    case .refused(_, let failure), .failed(let failure), .unavailable(let failure), .unsendable(_, let failure): failure
    }
  }
}
