import Destinations
import FanOut
import HTTPWire

// Between the engine's names for requests and the client's.

/// Whose exchange it is.
enum ExchangeOwner {
  case delivery(DeliveryID)
  case batch(BatchID)
}

extension ExchangeTag {
  init(_ id: DeliveryID) {
    self.init(
      high: UInt64(id.assignment.epoch) << 32 | UInt64(id.slot) << 16 | UInt64(id.destination), low: id.sequence)
  }

  /// No assignment has the epoch 0.
  init(_ id: BatchID) { self.init(high: UInt64(id.destination), low: id.number) }

  var owner: ExchangeOwner {
    let epoch = UInt32(truncatingIfNeeded: high >> 32)
    let destination = UInt16(truncatingIfNeeded: high)
    guard epoch != 0 else { return .batch(BatchID(destination: destination, number: low)) }
    return .delivery(
      DeliveryID(
        assignment: AssignmentID(epoch: epoch), slot: UInt16(truncatingIfNeeded: high >> 16), destination: destination,
        sequence: low))
  }
}

extension ResponseRules {
  func outcome(of result: ExchangeResult.Result, _ questions: ResponseQuestions?) -> Outcome {
    switch result {
    case .response(let response): outcome(of: response, questions)
    case .timeout: timedOut("no answer in time")
    case .cutAfterSend(let message): cutAfterSend(message)
    case .stale: .stale
    case .addressRefused(let message): addressRefused(message)
    case .unreachable(let message): unreachable(message)
    case .malformed(let message): unreachable(message)
    }
  }
}
