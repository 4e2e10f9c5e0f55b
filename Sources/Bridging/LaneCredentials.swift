import Destinations
import FanOut
import HTTPWire

/// What one lane knows of its destinations' credentials, and the attempts that wait for a token.
///
/// An attempt that is answered 401 is made once more with what the store says then, without the engine's counting it: the
/// token may have been withdrawn before its end.
struct LaneCredentials {
  enum Verdict: Equatable { case go, wait, unavailable(String) }

  private let board: CredentialBoard
  private var generation: Int
  private var verdicts: [Verdict]
  private let hasToken: [Bool]
  /// Effects that make requests.
  private var waiting: [[Effect]]
  /// Requests that were answered 401 once.
  private var refused: Set<ExchangeTag> = []

  /// - Parameter hasToken: by destination, whether its credentials are a token that can be fetched anew.
  init(_ board: CredentialBoard, hasToken: [Bool]) {
    self.board = board
    self.hasToken = hasToken
    // What is newer than this is taken at the first turn.
    generation = board.generation
    verdicts = board.newest.map { Self.verdict($0.credentials.readiness) }
    waiting = hasToken.map { _ in [] }
  }

  private static func verdict(_ readiness: Credentials.Readiness) -> Verdict {
    switch readiness {
    case .ready: .go
    case .pending: .wait
    case .unavailable(let why): .unavailable(why)
    }
  }

  /// What is published since the last call: costs one look at a number when that is nothing.
  /// - Returns: effects that waited and need not any more; ask `verdict` for each.
  mutating func takeNews(_ use: (_ destination: Int, CredentialBoard.Entry) -> Void) -> [Effect] {
    let newest = board.generation
    guard newest != generation else { return [] }
    generation = newest
    var released: [Effect] = []
    for (d, entry) in board.newest.enumerated() {
      use(d, entry)
      verdicts[d] = Self.verdict(entry.credentials.readiness)
      if verdicts[d] != .wait {
        released += waiting[d]
        waiting[d] = []
      }
    }
    return released
  }

  /// Whether the request that an effect asks for can be made now; one that waits comes back from `takeNews`.
  mutating func verdict(on effect: @autoclosure () -> Effect, to destination: Int) -> Verdict {
    let verdict = verdicts[destination]
    if case .wait = verdict { waiting[destination].append(effect()) }
    return verdict
  }

  /// Whether a request that ended so is to be made once more, as if it had not been.
  mutating func isToBeRepeated(_ tag: ExchangeTag, at d: Int, _ result: ExchangeResult.Result) -> Bool {
    guard hasToken[d] else { return false }
    guard case .response(let response) = result, response.status == 401 else {
      if !refused.isEmpty { refused.remove(tag) }
      return false
    }
    guard refused.remove(tag) == nil else { return false }
    refused.insert(tag)
    // Until the store has answered nothing is sent with the token that was refused.
    verdicts[d] = .wait
    board.refuse(d)
    return true
  }
}
