package import FanOut
package import HTTPWire
package import Settings

/// What a response or its absence means for a delivery (the design's table "Outcomes").
///
/// | Came back | Outcome |
/// |---|---|
/// | 401, 403, 407, 429, 502, 503, 504 | unavailable: the destination's fault, whatever `retry.on` says, unless `success` has it |
/// | what a program of `response` holds for | failed, refused or accepted (`ResponseQuestions`) |
/// | what the body's kind takes for a failure | failed, refused or unavailable (`ResponseKind`) |
/// | a status of `success` | accepted |
/// | a status of `retry.on` | failed |
/// | any other status | refused, `rejected` |
/// | timeout, cut after the request was sent | failed, or a dead letter at once where `retry.on` leaves it out |
/// | only addresses that `allow_private_addresses: false` refuses | unsendable, `unsafe` |
/// | no connection, name, TLS; a malformed response | unavailable |
package struct ResponseRules: Sendable {
  private let success: StatusSet
  private let retry: RetrySettings
  private let excerptBytes: Int
  private let kind: ResponseKind
  private let hasQuestions: Bool

  package init(_ settings: DestinationSettings, excerptBytes: Int) {
    success = settings.success
    retry = settings.retry
    self.excerptBytes = excerptBytes
    kind = ResponseKind(settings)
    hasQuestions = !settings.response.isEmpty
  }

  /// Whether what a response means depends on its body, also where its status is a success.
  package var readsBody: Bool { kind != .plain || hasQuestions }
  /// So much of it is kept then.
  package static let bodyBytesMax = 1 << 20

  /// - Parameter questions: the destination's, where it has some.
  package func outcome(of response: HTTPResponse, _ questions: ResponseQuestions?) -> Outcome {
    let isSuccess = success.contains(Int(response.status))
    guard isSuccess || !Self.isTheirs(response.status), kind != .plain || questions != nil else {
      return outcome(of: response)
    }
    func failure(_ message: String, detail: String = "", _ reason: DeadLetterReason = .exhausted) -> AttemptFailure {
      AttemptFailure(
        status: response.status, message: "the API answered \(response.status): \(message)",
        detail: excerptBytes > 0 ? detail : "", response: Array(response.body.prefix(excerptBytes)),
        retryAfter: Self.wait(response.retryAfterSeconds), whenExhausted: reason)
    }
    switch questions?.answer(to: response) ?? .none {
    case .retry(let rule): return .failed(failure(rule))
    case .refuse(let rule): return .refused(.successRule, failure(rule))
    case .accept: return .accepted(status: response.status)
    case .failed(let why, let detail): return .failed(failure(why, detail: detail, .successRule))
    case .none: break
    }
    let finding = kind.finding(in: response.body, isSuccess: isSuccess, isCut: response.isBodyCut)
    guard let finding else { return outcome(of: response) }
    switch finding.meaning {
    case .refused: return .refused(.successRule, failure(finding.message, detail: finding.detail))
    case .failed: return .failed(failure(finding.message, detail: finding.detail))
    case .unavailable: return .unavailable(failure(finding.message, detail: finding.detail))
    }
  }

  private func outcome(of response: HTTPResponse) -> Outcome {
    outcome(
      status: response.status, body: response.body, retryAfterSeconds: response.retryAfterSeconds,
      location: response.location)
  }

  /// Guarantee 4: the destination's fault, whatever the body says.
  private static func isTheirs(_ status: UInt16) -> Bool {
    switch status {
    case 401, 403, 407, 429, 502, 503, 504: true
    default: false
    }
  }

  private static func wait(_ seconds: Int?) -> Nanoseconds? {
    seconds.map { .seconds(Int64(clamping: min($0, 86_400))) }
  }

  /// - Parameters:
  ///   - retryAfterSeconds: the response's `Retry-After`, whatever its form was.
  ///   - location: where a 3xx leads; it is shown, never followed.
  package func outcome(
    status: UInt16, body: [UInt8], retryAfterSeconds: Int? = nil, location: [UInt8] = []
  ) -> Outcome {
    if success.contains(Int(status)) { return .accepted(status: status) }
    let leads = location.isEmpty ? "" : ", Location: \(RedirectText.shown(location)) (no redirect is followed)"
    let failure = AttemptFailure(
      status: status, message: "the API answered \(status)\(leads)", response: Array(body.prefix(excerptBytes)),
      retryAfter: Self.wait(retryAfterSeconds))
    if Self.isTheirs(status) { return .unavailable(failure) }
    return retry.on.statuses.contains(Int(status)) ? .failed(failure) : .refused(.rejected, failure)
  }

  package func timedOut(_ message: String) -> Outcome { fault(retry.on.timeout, message, isTimeout: true) }
  package func cutAfterSend(_ message: String) -> Outcome { fault(retry.on.reset, message) }
  package func addressRefused(_ message: String) -> Outcome {
    .unsendable(.unsafe, AttemptFailure(message: message))
  }
  package func unreachable(_ message: String) -> Outcome { .unavailable(AttemptFailure(message: message)) }

  private func fault(_ isRetried: Bool, _ message: String, isTimeout: Bool = false) -> Outcome {
    let failure = AttemptFailure(isTimeout: isTimeout, message: message)
    return isRetried ? .failed(failure) : .refused(.exhausted, failure)
  }
}
