/// What the engine promises, and what the oracle holds it to.
package enum Rule: String, Sendable {
  case lost = "a commit passes what a destination does not have"
  case falseClaim = "a commit says that a destination has what it was not told to have"
  case forgottenProgress = "a commit leaves out what a destination is known to have"
  case oneCommit = "a second commit while one is in flight"
  case backwards = "a commit of an older watermark"
  case metadata = "metadata that is not ours to read"
  case skipped = "attempted though the record is not for the destination"
  case dropped = "dropped though it need not be"
  case row = "a results row that tells what is not so, or comes too early or twice"
  case rowLost = "a commit passes a record whose row is not on the results topic"
  case order = "attempted before the record it waits behind is settled"
  case repeated = "attempted though settled"
  case restored = "attempted though the commit that it began from says that the destination has it"
  case overlapping = "attempted while its last request is in flight"
  case identity = "a delivery's id or number is not its own"
  case ended = "something of an assignment that is over"
  case stopped = "started after the partition was revoked or the drain began"
  case duplicate = "a destination has a record twice, though nothing went wrong on our side or the wire"
  case tooOld = "attempted long after its greatest age"
  case breakerStaysClosed = "the breaker stays closed though enough failed"
  case retryAfter = "attempted before the end of Retry-After"
  case breaker = "attempted while the breaker is open"
  case breakerOpening = "the breaker opened without so many failures"
  case setback = "a try that failed was told where it should not be"
  case concurrency = "more in flight than allowed"
  case rate = "more requests than the rate allows"
  case uncommitted = "more delivered than a crash may repeat"
  case givesNotUp = "fails again and again while the destination works, and is not given up"
  case letterReason = "a dead letter without its reason"
  case outageLetter = "a dead letter in an outage"
  case letterTwice = "a dead letter that is written already"
  case released = "released too early"
  case overdue = "not released or drained in time"
  case drained = "drained, though something is not durable"
  case credit = "credit that was never taken, or never comes back"
  case memory = "more held than was granted"
  case explanation = "what the engine says of itself is not so"
  case batchSize = "a batch larger than allowed"
  case batchWait = "a batch waits longer than it should"
  case neighbour = "a dead letter for a record that its destination takes"
  case isolation = "held up by another destination's trouble"
  case spinning = "deadlines that bring nothing"
  case unsettled = "does not settle though nothing is wrong any more"
}

package struct Violation: Sendable, Equatable, CustomStringConvertible {
  package let rule: Rule
  let detail: String
  let at: Int64

  package var description: String { "\(clock(at)) \(rule.rawValue): \(detail)" }
}

/// A moment for people: seconds with milliseconds.
func clock(_ nanoseconds: Int64) -> String {
  let milliseconds = max(0, nanoseconds) / millisecond
  let rest = String(milliseconds % 1_000)
  return "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
}
