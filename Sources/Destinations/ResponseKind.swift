import Payload
import Settings

/// What a destination's kind of body says about the responses to it, besides their status.
///
/// | Kind | Asked at | Response | Means |
/// |---|---|---|---|
/// | `soap` | any status | a fault: Client, Sender, VersionMismatch, MustUnderstand, DataEncodingUnknown | refused |
/// | | any status | another fault | failed |
/// | | success | no envelope, though not empty | failed |
/// | `graphql` | any status | `errors`: all codes say that the request is wrong | refused |
/// | | any status | `errors`: a code says that nobody is let in, or too much is asked | unavailable |
/// | | success, or beside `data` | other `errors` | failed |
/// | | success | neither `data` nor `errors` (an empty list is none) | failed |
/// | `json` with `jsonrpc` | any status | `error`: a code of the request's or of the application | refused |
/// | | any status | `error`: -32603, -32000 to -32099, or no code | failed |
/// | | success | no JSON object, though not empty | failed |
/// | `chat`, `json` with `model` and `messages` | success | `error`; no `choices` | failed |
///
/// JSON of which only the beginning was kept is not asked, nor is a SOAP answer that does not show there what it is: the
/// status says that the API has the record, and sending it again would bring the same.
enum ResponseKind: Sendable, Equatable {
  case plain, soap, graphQL, jsonRPC, chat

  enum Meaning: Sendable { case refused, failed, unavailable }

  struct Finding: Equatable {
    let meaning: Meaning
    /// What the response is or has, for people; nothing of the record's.
    let message: String
    /// What the API says of it.
    var detail = ""
  }

  init(_ settings: DestinationSettings) {
    // What a response to several records says of each, `batch.results` tells.
    guard settings.batch == nil else {
      self = .plain
      return
    }
    switch settings.body {
    case .soap: self = .soap
    case .graphQL: self = .graphQL
    case .chat: self = .chat
    case .json(.map(let members)):
      let names = Set(members.map(\.name))
      self = names.contains("jsonrpc") ? .jsonRPC : names.isSuperset(of: ["model", "messages"]) ? .chat : .plain
    default: self = .plain
    }
  }

  /// What is wrong with a response, or nil.
  /// - Parameters:
  ///   - isSuccess: by its status.
  ///   - isCut: the body went on.
  func finding(in body: [UInt8], isSuccess: Bool, isCut: Bool) -> Finding? {
    switch self {
    case .plain: nil
    case .graphQL where isCut, .jsonRPC where isCut, .chat where isCut: nil
    case .soap: body.isEmpty ? nil : Self.soap(body, isSuccess: isSuccess, isCut: isCut)
    case .graphQL:
      if isSuccess {
        Self.json(body) { Self.graphQL($0, $1, isSuccess: true) }
      } else {
        Self.object(body).flatMap { Self.graphQL($0, $1, isSuccess: false) }
      }
    case .chat: isSuccess ? Self.json(body, Self.chat) : nil
    case .jsonRPC:
      if body.isEmpty {
        nil
      } else if isSuccess {
        Self.json(body, Self.jsonRPC)
      } else {
        // Where it is no JSON the status says what it is.
        Self.object(body).flatMap { Self.jsonRPC($0, $1) }
      }
    }
  }

  private static func soap(_ body: [UInt8], isSuccess: Bool, isCut: Bool) -> Finding? {
    switch SOAPAnswer.read(body, isCut: isCut) {
    case .result, .cut: return nil
    case .unreadable(let why):
      return isSuccess ? Finding(meaning: .failed, message: "no SOAP answer", detail: why) : nil
    case .fault(let fault):
      let message = "soap:Fault \(fault.code)"
      return Finding(meaning: fault.blame == .request ? .refused : .failed, message: message, detail: fault.reason)
    }
  }

  // MARK: JSON

  private typealias Reading = (JSONDocument, JSONDocument.Value) -> Finding?

  private static func json(_ body: [UInt8], _ read: Reading) -> Finding? {
    guard let (document, root) = object(body) else {
      return Finding(
        meaning: .failed, message: body.isEmpty ? "an empty response" : "a response that is no JSON object")
    }
    return read(document, root)
  }

  private static func object(_ body: [UInt8]) -> (JSONDocument, JSONDocument.Value)? {
    let document = JSONDocument()
    guard unsafe body.withUnsafeBytes({ unsafe document.read(copying: $0) }), let root = document.root,
      root.kind == .object
    else { return nil }
    return (document, root)
  }

  private static func graphQL(_ document: JSONDocument, _ root: JSONDocument.Value, isSuccess: Bool) -> Finding? {
    // Where there is `data`, null or not, the operation was carried out: the status says nothing about the request. Some
    // servers answer 400 to all that has no other `data` than null.
    let isDone = document.find(JSONPath(["data"]), in: root) != nil
    let none = isSuccess && !isDone ? Finding(meaning: .failed, message: "no GraphQL answer") : nil
    guard let errors = document.find(JSONPath(["errors"]), in: root), errors.kind != .null else { return none }
    let other: Meaning? = isSuccess || isDone ? .failed : nil
    guard errors.kind == .array else { return other.map { Finding(meaning: $0, message: "GraphQL errors") } }
    var best: Finding?
    var isEmpty = true
    document.forEachItem(of: errors) { error in
      isEmpty = false
      let code = text(document, ["extensions", "code"], error, bytesMax: 60)
      guard let meaning = GraphQLCodes.meaning(of: code) ?? other else { return true }
      if let best, best.meaning.weight >= meaning.weight { return true }
      let message = "GraphQL errors" + (code.isEmpty ? "" : ", \(code)")
      best = Finding(meaning: meaning, message: message, detail: text(document, ["message"], error, bytesMax: 200))
      return true
    }
    return isEmpty ? none : best
  }

  private static func jsonRPC(_ document: JSONDocument, _ root: JSONDocument.Value) -> Finding? {
    guard let error = document.find(JSONPath(["error"]), in: root), error.kind != .null else { return nil }
    let code = text(document, ["code"], error, bytesMax: 20)
    let number = Int(code)
    let isServers = number == nil || number == -32_603 || (-32_099 ... -32_000).contains(number ?? 0)
    return Finding(
      meaning: isServers ? .failed : .refused, message: "JSON-RPC error" + (number == nil ? "" : " \(code)"),
      detail: text(document, ["message"], error, bytesMax: 200))
  }

  private static func chat(_ document: JSONDocument, _ root: JSONDocument.Value) -> Finding? {
    if let error = document.find(JSONPath(["error"]), in: root), error.kind != .null {
      return Finding(
        meaning: .failed, message: "an error object", detail: text(document, ["message"], error, bytesMax: 200))
    }
    var hasChoice = false
    if let choices = document.find(JSONPath(["choices"]), in: root), choices.kind == .array {
      document.forEachItem(of: choices) { _ in
        hasChoice = true
        return false
      }
    }
    return hasChoice ? nil : Finding(meaning: .failed, message: "no choices")
  }

  /// Empty where it is not there.
  private static func text(
    _ document: JSONDocument, _ path: [String], _ value: JSONDocument.Value, bytesMax: Int
  ) -> String {
    guard let found = document.find(JSONPath(path), in: value) else { return "" }
    return unsafe document.withText(of: found) { bytes in
      guard let bytes = unsafe bytes else { return "" }
      return unsafe OneLine.text(bytes, bytesMax: bytesMax)
    }
  }
}

/// Codes that servers put into `extensions.code` of a GraphQL error.
private enum GraphQLCodes {
  /// Nil for one that nothing is known of.
  static func meaning(of code: String) -> ResponseKind.Meaning? {
    switch code {
    case "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT", "BAD_REQUEST",
      "OPERATION_RESOLUTION_FAILURE", "PERSISTED_QUERY_NOT_FOUND", "PERSISTED_QUERY_NOT_SUPPORTED":
      .refused
    case "UNAUTHENTICATED", "THROTTLED", "RATE_LIMITED", "TOO_MANY_REQUESTS", "SERVICE_UNAVAILABLE": .unavailable
    case "INTERNAL_SERVER_ERROR": .failed
    default: nil
    }
  }
}

extension ResponseKind.Meaning {
  /// Of several the one that gives the record the best chance.
  fileprivate var weight: Int {
    switch self {
    case .refused: 0
    case .failed: 1
    case .unavailable: 2
    }
  }
}
