private import Payload

/// Signing while it is read: Standard Webhooks or a plain HMAC.
struct SigningDraft: Sendable {
  enum Scheme: String, Sendable, CaseIterable { case standardWebhooks = "standard-webhooks" }
  var scheme: Scheme?
  var secrets: [Secret]?
  var secret: Secret?
  var hmac: HMACSettings?

  static let kinds = ["scheme", "hmac"]

  private static let webhookSecret = ValueType<Secret>.secret(
    example: "{env: CRM_SIGNING}", problem: WebhookSecret.problem)

  /// The keys of `sign`.
  static let fields: [Field<SigningDraft>] = [
    Field(kind: "scheme", \.scheme, .scheme, blank: .standardWebhooks, "Standard Webhooks, by 'secrets' or 'secret'"),
    Field(
      kind: "secrets", \.secrets,
      .list(of: webhookSecret, blank: Secret(""), example: "[{env: CRM_SIGNING}]") {
        $0.expose() == $1.expose()
      }, blank: [], "the secrets of a scheme, whsec_ and Base64: each signs, so that a receiver may know only one"),
    Field(kind: "secret", \.secret, webhookSecret, blank: Secret(""), "the secret of a scheme, where there is one"),
    Field(
      kind: "hmac", \.hmac,
      .map(HMACSettings.fields, example: "{ header: X-Signature, secret: {env: CRM_SIGNING} }"), blank: HMACSettings(),
      "a plain HMAC of the body in a header"),
  ]

  init(_ settings: SigningSettings? = nil) {
    switch settings {
    case nil: break
    case .standardWebhooks(let secrets):
      scheme = .standardWebhooks
      self.secrets = secrets
    case .hmac(let settings): hmac = settings
    }
  }

  /// `nil` for none, which is an error of its own.
  var settings: SigningSettings? {
    if let hmac { return .hmac(hmac) }
    guard scheme != nil else { return nil }
    return (secrets ?? secret.map { [$0] }).map { .standardWebhooks(secrets: $0) }
  }

  static func check(_ node: Node, _ draft: inout SigningDraft, _ reader: inout Reader) {
    let ownSecrets = ["secrets", "secret"]
    OneKind.check(node, kinds, and: ownSecrets, what: "a signature", &reader)
    let there = node.keys.filter { ownSecrets.contains($0) }
    if there.count > 1, let second = node[there[1]] {
      reader.log.error("both 'secrets' and 'secret'", hint: "one of them", at: second.owner ?? second.place)
    } else if let key = there.first, node["hmac"] != nil, node["scheme"] == nil {
      reader.log.error(
        "'\(key)' beside 'hmac'", hint: "the secret of an HMAC is its own: hmac: { secret: … }",
        at: node[key]?.owner ?? node.place)
    } else if there.isEmpty, node["scheme"] != nil, node["hmac"] == nil {
      reader.log.error(
        "missing key 'secrets'", hint: "for example: secrets: [{env: CRM_SIGNING}]",
        at: node.owner ?? node.place)
    }
  }
}

extension HMACSettings {
  /// The keys of `sign.hmac`.
  static let fields: [Field<HMACSettings>] = [
    Field("header", \.header, .headerName(example: "X-Signature"), required: true, "the header it is sent in"),
    Field("algorithm", \.algorithm, .choice, example: "sha256", "the hash"),
    Field("encoding", \.encoding, .choice, "how the header holds it"),
    Field("prefix", \.prefix, .prefix, "what stands before it in the header"),
    Field("secret", \.secret, .secret(example: "{env: CRM_SIGNING}"), required: true, "the key that it is made with"),
  ]
}

extension ValueType where Value == SigningSettings? {
  /// A map with one way of signing, or null for none.
  static var sign: ValueType {
    let example = "{ scheme: standard-webhooks, secrets: [{env: CRM_SIGNING}] }"
    let map = ValueType<SigningDraft>.map(SigningDraft.fields, example: example, rule: SigningDraft.check)
      .ofKinds(SigningDraft.kinds)
    return ValueType(
      expected: map.expected, example: example,
      describe: { .orNull(map.describe(SigningDraft($0))) },
      write: { $0.map { map.write(SigningDraft($0)) } ?? .null }
    ) { node, _, reader in
      if node.isNull { return .some(nil) }
      return map.read(node, SigningDraft(), &reader)?.settings.map { .some($0) }
    }
  }
}

extension ValueType where Value == SigningDraft.Scheme {
  fileprivate static var scheme: ValueType {
    let words = ValueType<SigningDraft.Scheme>.choice
    return ValueType(expected: words.expected, example: words.example, describe: words.describe, write: words.write) {
      node, current, reader in
      if case .scalar("hmac", _) = node.content {
        reader.log.error(
          "'hmac' is no scheme", hint: "it is a key: sign: { hmac: { header: X-Signature, secret: … } }", at: node.place
        )
        return nil
      }
      return words.read(node, current, &reader)
    }
  }
}

extension ValueType where Value == String {
  /// What stands before a digest in a header; may be empty.
  fileprivate static var prefix: ValueType {
    ValueType(
      expected: "text", example: "sha256=", shape: .text(pattern: "^[\\x20-\\x7e]*$"), write: { .text($0) }
    ) { node, _, reader in
      guard let text = reader.text(node, expected: "text", example: "sha256=") else { return nil }
      guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
        reader.log.error("a prefix that is not plain ASCII", hint: "for example: sha256=", at: node.place)
        return nil
      }
      return text
    }
  }
}

/// Secrets of Standard Webhooks.
enum WebhookSecret {
  /// Says nothing of the secret. What `check --json` writes is taken, so that it can be checked again.
  static func problem(_ text: String) -> String? {
    if text == PlainValue.mask { return nil }
    let base64 = text.hasPrefix("whsec_") ? String(text.dropFirst(6)) : text
    return Base64.decode(base64).map { !$0.isEmpty } ?? false
      ? nil : "a secret of Standard Webhooks is whsec_ and Base64, and this is not"
  }
}
