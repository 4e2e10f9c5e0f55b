/// Headers that two keys of a destination would set.
enum HeaderConflicts {
  static func check(_ node: Node, _ one: DestinationSettings, _ reader: inout Reader) {
    let set = others(of: one)
    for header in one.headers {
      let name = header.name.lowercased()
      let isEvent = one.cloudEvents != nil && name.hasPrefix("ce-")
      guard let key = set.first(where: { $0.name == name })?.key ?? (isEvent ? "cloudevents" : nil) else { continue }
      let own = node["headers"].flatMap { headers in headers.entry(header.name)?.keyPlace }
      reader.log.error(
        "the header \(PlainText.quoted(header.name)) is set by '\(key)'", hint: "take it out of 'headers'",
        at: own ?? node.owner ?? node.place)
    }
    checkSignature(node, one, &reader)
    guard case .apiKey(.query(let name), _) = one.auth, one.query.contains(where: { $0.name == name }) else { return }
    reader.log.error(
      "the query parameter \(PlainText.quoted(name)) is set by 'auth'", hint: "take it out of 'query'",
      at: node["query"]?.entry(name)?.keyPlace ?? node.owner ?? node.place)
  }

  /// Of the destination's other keys, in lower case.
  private static func others(of one: DestinationSettings) -> [(name: String, key: String)] {
    var all: [(String, String)] = []
    switch one.auth {
    case nil, .apiKey(.query, _): break
    case .apiKey(.header(let name), _): all.append((name.lowercased(), "auth"))
    case .bearer, .basic, .oauth2: all.append(("authorization", "auth"))
    case .sigv4:
      let names = ["authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"]
      all += names.map { ($0, "auth") }
    }
    switch one.signing {
    case nil: break
    case .standardWebhooks: all += ["webhook-id", "webhook-timestamp", "webhook-signature"].map { ($0, "sign") }
    case .hmac(let hmac): all.append((hmac.header.lowercased(), "sign"))
    }
    if one.compressesBody { all.append(("content-encoding", "compression")) }
    return all
  }

  private static func checkSignature(_ node: Node, _ one: DestinationSettings, _ reader: inout Reader) {
    guard case .hmac(let hmac) = one.signing else { return }
    var unsigned = one
    unsigned.signing = nil
    guard let other = others(of: unsigned).first(where: { $0.name == hmac.header.lowercased() }) else { return }
    reader.log.error(
      "the header \(PlainText.quoted(hmac.header)) is set by '\(other.key)'", hint: "sign in another header",
      at: node["sign"]?["hmac"]?["header"]?.place ?? node.place(of: "sign"))
  }
}

extension Node {
  func entry(_ key: String) -> Entry? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }
  }
}
