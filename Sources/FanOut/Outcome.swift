/// What one attempt came to, classified before any policy looks at it (the design's table "Outcomes").
///
/// | Case | Then |
/// |---|---|
/// | accepted | settled for this destination |
/// | refused | dead letter at once: a healthy destination says that this record is wrong |
/// | failed | counts an attempt; backoff; dead letter `exhausted` when they are used up |
/// | unavailable | the destination's fault: counts no attempt; held and tried again |
/// | stale | a reused connection was closed before the response began: once more on a fresh one, free |
/// | unsendable | dead letter: no request can be made of this record |
package enum Outcome: Equatable, Sendable {
  /// `body`: what a results row keeps of the response's body; empty for nothing.
  case accepted(status: UInt16, body: [UInt8] = [])
  case refused(DeadLetterReason, AttemptFailure)
  case failed(AttemptFailure)
  case unavailable(AttemptFailure)
  case stale
  case unsendable(DeadLetterReason, AttemptFailure)

  /// With what a results row keeps of the response's body.
  package func keeping(_ body: [UInt8]) -> Outcome {
    switch self {
    case .accepted(let status, _): .accepted(status: status, body: body)
    case .refused(let reason, let failure): .refused(reason, failure.keeping(body))
    case .failed(let failure): .failed(failure.keeping(body))
    case .unavailable(let failure): .unavailable(failure.keeping(body))
    case .stale, .unsendable: self
    }
  }
}

/// What a request for several records came to.
package enum BatchOutcome: Equatable, Sendable {
  /// Of the request as a whole. It says nothing of a single record, unless that was alone or it is acceptance.
  case all(Outcome)
  /// Of each record by itself, in the request's order. Where no request was made because some are `unsendable`, the
  /// others are `stale`.
  case each([Outcome])
}

/// Why an attempt did not succeed.
package struct AttemptFailure: Equatable, Sendable {
  /// HTTP status; 0 where there was no response.
  package let status: UInt16
  /// No response in time.
  package let isTimeout: Bool
  /// One line for people: no body, no secret.
  package let message: String
  /// More of it that may quote the record or the response: for the dead letter, not for logs.
  package let detail: String
  /// The first bytes of the response's body, for the dead letter.
  package let response: [UInt8]
  /// For how long the destination asked not to be called (`Retry-After`).
  package let retryAfter: Nanoseconds?
  /// The reason of the dead letter if this was the last attempt.
  package let whenExhausted: DeadLetterReason
  /// What a results row keeps of the response's body; empty for nothing.
  package internal(set) var kept: [UInt8]

  package init(
    status: UInt16 = 0, isTimeout: Bool = false, message: String, detail: String = "", response: [UInt8] = [],
    retryAfter: Nanoseconds? = nil, whenExhausted: DeadLetterReason = .exhausted, kept: [UInt8] = []
  ) {
    self.status = status
    self.isTimeout = isTimeout
    self.message = message
    self.detail = detail
    self.response = response
    self.retryAfter = retryAfter
    self.whenExhausted = whenExhausted
    self.kept = kept
  }

  /// As it is kept while it is tried again.
  var withoutBody: AttemptFailure { kept.isEmpty ? self : keeping([]) }

  func keeping(_ body: [UInt8]) -> AttemptFailure {
    var failure = self
    failure.kept = body
    return failure
  }

  /// The destination has more to do than it can: fewer requests at a time.
  var isOverload: Bool { isTimeout || status == 429 || status == 503 }
  /// The request was too large.
  var isTooLarge: Bool { status == 413 }
}

/// The contract's `topictee.dlq.reason`.
package enum DeadLetterReason: String, Sendable {
  case rejected, exhausted, expired, template, unsafe
  case tooLarge = "too_large"
  case successRule = "success_rule"
}

/// What the dead-letter topic is told about a delivery that ended without acceptance.
package struct DeadLetter: Equatable, Sendable {
  package let reason: DeadLetterReason
  package let failure: AttemptFailure
  /// Requests that were made, those that count no attempt included.
  package let attempts: Int
  package let firstAttemptAt: Instant
  package let failedAt: Instant
}
