import HTTPWire
import Payload
package import Settings

/// Why credentials of the file cannot be used; says nothing of what they are.
package struct CredentialProblem: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// Signs a request that is otherwise finished; keys are prepared once. It cannot be printed.
package struct RequestSigner: Sendable, CustomReflectable, CustomStringConvertible {
  private enum Scheme: Sendable {
    case standardWebhooks([HMACKey])
    case body(HMACKey, line: String, HMACSettings.Encoding)
  }
  private let scheme: Scheme

  /// - Parameter expose: gives a secret's present text.
  package init(_ settings: SigningSettings, expose: (Secret) -> String) throws(CredentialProblem) {
    switch settings {
    case .standardWebhooks(let secrets):
      var keys: [HMACKey] = []
      for secret in secrets { keys.append(try Self.webhookKey(expose(secret))) }
      guard !keys.isEmpty else { throw CredentialProblem("no signing secret") }
      scheme = .standardWebhooks(keys)
    case .hmac(let hmac):
      let secret = expose(hmac.secret)
      guard !secret.isEmpty else { throw CredentialProblem("an empty signing secret") }
      let algorithm: HashAlgorithm =
        switch hmac.algorithm {
        case .sha1: .sha1
        case .sha256: .sha256
        case .sha512: .sha512
        }
      let key = HMACKey(algorithm, key: Array(secret.utf8))
      scheme = .body(key, line: "\(hmac.header): \(hmac.prefix)", hmac.encoding)
    }
  }

  /// `whsec_` and Base64, or the Base64 alone.
  private static func webhookKey(_ text: String) throws(CredentialProblem) -> HMACKey {
    let base64 = text.hasPrefix("whsec_") ? String(text.dropFirst(6)) : text
    guard let key = Base64.decode(base64), !key.isEmpty else {
      throw CredentialProblem("a signing secret is not 'whsec_' and Base64")
    }
    return HMACKey(.sha256, key: key)
  }

  /// Appends the signature's headers.
  /// - Parameters:
  ///   - id: without a `.`.
  ///   - seconds: the attempt's time, since 1970.
  package func sign(_ draft: inout RequestDraft, id: RecordID, seconds: Int64) {
    switch scheme {
    case .standardWebhooks(let keys): Self.sign(&draft, id, seconds, keys)
    case .body(let key, let line, let encoding):
      let code = unsafe draft.body.withBytes { unsafe key.code($0) }
      draft.headers.append(line)
      switch encoding {
      case .hex: unsafe code.withBytes { unsafe draft.headers.append(hex: $0) }
      case .base64: unsafe code.withBytes { unsafe draft.headers.append(base64: $0) }
      }
      draft.headers.append("\r\n")
    }
  }

  /// `ID.SECONDS.BODY` under every key (https://www.standardwebhooks.com).
  private static func sign(_ draft: inout RequestDraft, _ id: RecordID, _ seconds: Int64, _ keys: [HMACKey]) {
    draft.headers.append("webhook-id: ")
    id.append(to: &draft.headers)
    draft.headers.append("\r\nwebhook-timestamp: ")
    draft.headers.append(decimal: Int(seconds))
    draft.headers.append("\r\nwebhook-signature:")
    for key in keys {
      var message = key.begin()
      unsafe id.withBytes { unsafe message.update($0) }
      message.update(".\(seconds).")
      unsafe draft.body.withBytes { unsafe message.update($0) }
      draft.headers.append(" v1,")
      unsafe key.finish(message).withBytes { unsafe draft.headers.append(base64: $0) }
    }
    draft.headers.append("\r\n")
  }

  package var description: String { "<secret>" }
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
