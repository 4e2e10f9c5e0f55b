/// AWS Signature Version 4 while it is read: keys that are left out come from the usual variables of the environment.
struct SigV4Draft: Sendable {
  var service = ""
  var region = ""
  var accessKeyID: Secret?
  var secretAccessKey: Secret?
  var sessionToken: Secret?

  private static let blank = Secret("")

  /// The keys of `auth.sigv4`.
  static let fields: [Field<SigV4Draft>] = [
    Field("service", \.service, .scopePart(example: "execute-api"), required: true, "the service's name to AWS"),
    Field("region", \.region, .scopePart(example: "eu-central-1"), required: true, "the service's region"),
    Field(
      "access_key_id", \.accessKeyID,
      .optional(.secret(example: "{env: AWS_ACCESS_KEY_ID}", problem: HeaderSecret.problem), blank: blank),
      "the key's name; by default the environment's AWS_ACCESS_KEY_ID"),
    Field(
      "secret_access_key", \.secretAccessKey, .optional(.secret(example: "{env: AWS_SECRET_ACCESS_KEY}"), blank: blank),
      "the key; by default the environment's AWS_SECRET_ACCESS_KEY"),
    Field(
      "session_token", \.sessionToken,
      .optional(.secret(example: "{env: AWS_SESSION_TOKEN}", problem: HeaderSecret.problem), blank: blank),
      "of temporary keys; by default the environment's AWS_SESSION_TOKEN, if the keys are the environment's too"),
  ]

  init() {}

  init(_ settings: SigV4Settings) {
    service = settings.service
    region = settings.region
    accessKeyID = settings.accessKeyID
    secretAccessKey = settings.secretAccessKey
    sessionToken = settings.sessionToken
  }

  var settings: SigV4Settings {
    var settings = SigV4Settings()
    settings.service = service
    settings.region = region
    settings.accessKeyID = accessKeyID ?? SigV4Draft.blank
    settings.secretAccessKey = secretAccessKey ?? SigV4Draft.blank
    settings.sessionToken = sessionToken
    return settings
  }

  static func check(_ node: Node, _ draft: inout SigV4Draft, _ reader: inout Reader) {
    let (id, key) = (node["access_key_id"], node["secret_access_key"])
    switch (id.isThere, key.isThere) {
    case (true, true): return
    case (false, false):
      for (name, variable) in [("access_key_id", "AWS_ACCESS_KEY_ID"), ("secret_access_key", "AWS_SECRET_ACCESS_KEY")] {
        guard let value = reader.needsSecrets ? reader.environment[variable] : "{env: \(variable)}", !value.isEmpty
        else {
          reader.log.error(
            "no '\(name)', and the environment has no '\(variable)'", hint: "set it before starting",
            at: node.owner ?? node.place)
          continue
        }
        if name == "access_key_id" { draft.accessKeyID = Secret(value) } else { draft.secretAccessKey = Secret(value) }
      }
      guard !node["session_token"].isThere, let token = reader.environment["AWS_SESSION_TOKEN"], !token.isEmpty else {
        return
      }
      draft.sessionToken = Secret(token)
    case (let hasID, _):
      let (there, missing) = hasID ? ("access_key_id", "secret_access_key") : ("secret_access_key", "access_key_id")
      reader.log.error(
        "'\(there)' without '\(missing)'", hint: "they are given together, or both by the environment",
        at: node[there]?.owner ?? node.place)
    }
  }
}

extension Node? {
  fileprivate var isThere: Bool { self.map { !$0.isNull } ?? false }
}

extension ValueType where Value == String {
  /// A part of a credential's scope.
  static func scopePart(example: String) -> ValueType {
    checked("text", example: example, pattern: "^[A-Za-z0-9_.-]+$") { text in
      text.utf8.allSatisfy { NameText.isWord($0) || $0 == UInt8(ascii: ".") }
        ? nil : "\(PlainText.quoted(text)) is no name of a service or a region"
    }
  }
}
