import HTTPWire
import Payload
package import Settings

/// What a destination's requests carry to be let in and believed, as of now: a value that lanes copy when its successor is
/// published. It cannot be printed.
package struct Credentials: Sendable, CustomReflectable, CustomStringConvertible {
  package enum Readiness: Sendable, Equatable {
    case ready
    /// A token is being fetched: requests wait for it.
    case pending
    /// There is none, and why: an outage of the destination.
    case unavailable(String)
  }

  package let readiness: Readiness
  /// Header lines that are the same in every request.
  package private(set) var lines: [UInt8] = []
  /// `name=value`, percent-encoded; empty for none.
  private var queryField = ByteBuffer()
  private var sigV4: SigV4Signer?
  private var signer: RequestSigner?

  /// Of a destination that lets everybody in.
  package static let none = Credentials()

  private init() { readiness = .ready }

  /// - Parameters:
  ///   - token: for OAuth2 what is known of it.
  ///   - expose: gives a secret's present text.
  package init(
    _ settings: DestinationSettings, token: TokenSchedule.Readiness = .pending,
    expose: (Secret) -> String = { $0.expose() }
  ) throws(CredentialProblem) {
    var readiness = Readiness.ready
    switch settings.auth {
    case nil: break
    case .bearer(let secret): lines = try Self.line("Authorization", "Bearer ", expose(secret))
    case .basic(let username, let password):
      guard !username.utf8.contains(UInt8(ascii: ":")) else { throw CredentialProblem("a user name with a colon") }
      lines = try Self.line("Authorization", "Basic ", Base64.text(Array("\(username):\(expose(password))".utf8)))
    case .apiKey(.header(let name), let secret): lines = try Self.line(name, "", expose(secret))
    case .apiKey(.query(let name), let secret):
      let value = expose(secret)
      guard !value.isEmpty else { throw CredentialProblem("an empty key") }
      queryField.append(percentEncoded: name, except: .unreserved)
      queryField.append("=")
      queryField.append(percentEncoded: value, except: .unreserved)
    case .oauth2:
      switch token {
      case .ready(let token): lines = try Self.line("Authorization", "Bearer ", token.expose())
      case .pending: readiness = .pending
      case .unavailable(let why): readiness = .unavailable(why)
      }
    case .sigv4(let sigv4): sigV4 = try SigV4Signer(sigv4, host: settings.url.hostHeader, expose: expose)
    }
    self.readiness = readiness
    if let signing = settings.signing { signer = try RequestSigner(signing, expose: expose) }
  }

  private static func line(_ name: String, _ scheme: String, _ value: String) throws(CredentialProblem) -> [UInt8] {
    guard HeaderText.isSafe(value) else {
      throw CredentialProblem(
        value.isEmpty ? "an empty secret" : "a secret for the header \(name) holds a character that no header may have")
    }
    return Array("\(name): \(scheme)\(value)\r\n".utf8)
  }

  // MARK: Requests

  /// Signs a request that is otherwise finished, and adds what lets it in.
  /// - Parameter milliseconds: the attempt's time, since 1970.
  package mutating func apply(to draft: inout RequestDraft, id: @autoclosure () -> RecordID, milliseconds: Int64) {
    signer?.sign(&draft, id: id(), seconds: milliseconds / 1_000)
    if !queryField.isEmpty {
      let hasQuery = unsafe draft.target.withBytes { unsafe $0.contains(UInt8(ascii: "?")) }
      draft.target.append(hasQuery ? "&" : "?")
      unsafe queryField.withBytes { unsafe draft.target.append($0) }
    }
    draft.headers.append(lines)
    sigV4?.sign(&draft, milliseconds: milliseconds)
  }

  package var description: String { "<secret>" }
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension DestinationSettings {
  /// Whether header lines that are the same in every request are all that its credentials are.
  var hasPlainCredentials: Bool {
    guard signing == nil else { return false }
    return switch auth {
    case nil, .bearer, .basic, .apiKey(.header, _), .oauth2: true
    case .apiKey(.query, _), .sigv4: false
    }
  }
}
