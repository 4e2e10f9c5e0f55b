package import Settings

extension SampleRequest {
  /// The same for people: texts of bodies under a secret's name are masked, and a body that is packed is shown as it was before.
  package static func shown(of settings: BridgeSettings, value: [UInt8]) -> [SampleRequest] {
    var masked = settings
    masked.destinations = settings.destinations.map(\.withoutLiteralSecrets)
    var requests = all(of: masked, value: value)
    guard masked.destinations.contains(where: \.compressesBody) else { return requests }
    for d in masked.destinations.indices { masked.destinations[d].compressesBody = false }
    for (d, plain) in all(of: masked, value: value).enumerated() { requests[d].body = plain.body }
    return requests
  }
}

extension DestinationSettings {
  fileprivate var withoutLiteralSecrets: DestinationSettings {
    var masked = self
    switch body {
    case .form(let fields):
      masked.body = .form(fields.map { BodySettings.FormField($0.name, $0.value.masked(under: $0.name)) })
    case .json(let tree): masked.body = .json(tree.masked(under: ""))
    case .graphQL(var request):
      request.variables = request.variables?.masked(under: "")
      masked.body = .graphQL(request)
    case .raw, .soap, .text, .chat, .jq: break
    }
    return masked
  }
}

extension TemplateText {
  /// What comes from a record is none of the file's secrets.
  fileprivate func masked(under name: String) -> TemplateText {
    lone == nil && SecretMask.isSecret(key: name) ? TemplateText(literal: PlainValue.mask) : self
  }
}

extension TemplateTree {
  fileprivate func masked(under name: String) -> TemplateTree {
    switch self {
    case .null, .boolean, .number: self
    case .text(let text): .text(text.masked(under: name))
    case .list(let items): .list(items.map { $0.masked(under: name) })
    case .map(let members): .map(members.map { Member($0.name, $0.value.masked(under: $0.name)) })
    }
  }
}
