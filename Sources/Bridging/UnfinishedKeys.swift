import Settings

/// Keys that the table of fields knows and the lanes do not carry out yet: refused, for a record that is sent otherwise
/// than the file says, or an answer that is taken for acceptance, would be a loss that nobody sees.
enum UnfinishedKeys {
  static func objections(to settings: BridgeSettings) -> [Objection] {
    settings.destinations.flatMap { destination in
      keys(of: destination).map { objection(["destinations", destination.name] + $0) }
    }
  }

  private static func keys(of destination: DestinationSettings) -> [[String]] {
    var keys: [[String]] = []
    if destination.when != nil { keys.append(["when"]) }
    if !destination.response.isEmpty { keys.append(["response"]) }
    switch destination.body {
    case .jq: keys.append(["body", "jq"])
    // What their answers say of a fault is not read yet.
    case .soap: keys.append(["body", "soap"])
    case .graphQL: keys.append(["body", "graphql"])
    case .chat: keys.append(["body", "chat"])
    case .raw, .json, .form, .text: break
    }
    return keys
  }

  private static func objection(_ path: [String]) -> Objection {
    Objection(to: path, isAboutKey: true, "'\(path.last ?? "")' is not supported in this version", hint: "leave it out")
  }
}
