package import FanOut
package import Settings

/// What a response or its absence means for a delivery (the design's table "Outcomes").
///
/// | Came back | Outcome |
/// |---|---|
/// | a status of `success` | accepted |
/// | 401, 403, 407, 429, 502, 503, 504 | unavailable: the destination's fault, whatever `retry.on` says |
/// | a status of `retry.on` | failed |
/// | any other status | refused, `rejected` |
/// | timeout, cut after the request was sent | failed, or a dead letter at once where `retry.on` leaves it out |
/// | only addresses that `allow_private_addresses: false` refuses | unsendable, `unsafe` |
/// | no connection, name, TLS; a malformed response | unavailable |
package struct ResponseRules: Sendable {
  private let success: StatusSet
  private let retry: RetrySettings
  private let excerptBytes: Int

  package init(_ settings: DestinationSettings, excerptBytes: Int) {
    success = settings.success
    retry = settings.retry
    self.excerptBytes = excerptBytes
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
      retryAfter: retryAfterSeconds.map { .seconds(Int64(clamping: min($0, 86_400))) })
    switch status {
    case 401, 403, 407, 429, 502, 503, 504: return .unavailable(failure)
    default: return retry.on.statuses.contains(Int(status)) ? .failed(failure) : .refused(.rejected, failure)
    }
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
