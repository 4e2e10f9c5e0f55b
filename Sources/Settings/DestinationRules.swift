/// What concerns more than one key of a destination, those that it has from `defaults` included.
enum DestinationRules {
  static func check(_ node: Node, _ one: inout DestinationSettings, _ reader: inout Reader) {
    // What has no URL yet is wrong already; so may be what stands beside it.
    checkMethod(node, one, &reader)
    checkBatch(node, one, &reader)
    HeaderConflicts.check(node, one, &reader)
    checkNetwork(node, one, &reader)
  }

  private static func checkMethod(_ node: Node, _ one: DestinationSettings, _ reader: inout Reader) {
    guard one.method == .get else { return }
    var keys: [(key: String, hint: String)] = []
    if one.body != .raw { keys.append(("body", "what the API needs goes into 'query'; or use another method")) }
    if one.compressesBody { keys.append(("compression", "a GET has no body")) }
    if one.batch != nil { keys.append(("batch", "a GET has no body that records could stand in")) }
    if let mode = one.cloudEvents?.mode, mode != .binary {
      keys.append(("cloudevents", "a GET has no body; 'mode: binary' keeps to headers"))
    }
    for (key, hint) in keys {
      let isOwn = node[key] != nil
      reader.log.error(
        "'\(key)' with the method GET",
        hint: isOwn ? hint : "'\(key): \(key == "compression" ? "none" : "null")' takes that of 'defaults' away",
        at: node.place(of: key))
    }
  }

  /// A batch is one request, so that nothing but its body can differ from record to record.
  private static func checkBatch(_ node: Node, _ one: DestinationSettings, _ reader: inout Reader) {
    let place = node.place(of: "batch")
    let events = one.cloudEvents?.mode
    guard let batch = one.batch else {
      if events == .batched {
        reader.log.error(
          "'mode: batched' without 'batch'", hint: "for example: batch: { format: cloudevents }",
          at: node.place(of: "cloudevents"))
      }
      return
    }
    let varying = [
      ("url", one.target != nil), ("query", one.query.contains(where: \.value.hasReferences)),
      ("headers", one.headers.contains(where: \.value.hasReferences)),
    ]
    for (key, _) in varying.filter(\.1) {
      reader.log.error(
        "'batch' with a template in '\(key)'",
        hint: "a batch is one request: only its body can differ from record to record", at: place)
    }
    switch one.body {
    case .raw, .json, .jq: break
    default:
      reader.log.error(
        "'batch' with a body of the kind '\(BodyDraft.kind(of: one.body))'",
        hint: "the items of a batch are the records themselves, json or jq", at: place)
    }
    switch (batch.format, events) {
    case (.cloudevents, nil):
      reader.log.error(
        "'format: cloudevents' without 'cloudevents'",
        hint: "for example: cloudevents: { mode: batched, type: shop.order.placed, source: /orders }", at: place)
    case (.cloudevents, .batched?), (_, nil): break
    case (_, let mode?):
      reader.log.error(
        "'batch' in the format '\(batch.format.rawValue)' with 'cloudevents' in the mode '\(mode.rawValue)'",
        hint: "events in a batch want 'mode: batched' and 'format: cloudevents'", at: place)
    }
  }

  private static func checkNetwork(_ node: Node, _ one: DestinationSettings, _ reader: inout Reader) {
    guard one.url != .unset else { return }
    if one.http2, !one.url.isTLS {
      reader.log.warning(
        "'http2' without TLS", hint: "HTTP/2 is agreed on in the TLS handshake; this will be HTTP/1.1",
        at: node.place(of: "http2"))
    }
    guard case .proxy = one.proxy else { return }
    if one.url.unixPath != nil {
      reader.log.error("a proxy on the way to a socket", hint: "'proxy: none'", at: node.place(of: "proxy"))
    } else if !one.allowPrivateAddresses {
      reader.log.error(
        "'allow_private_addresses: false' cannot be kept through a proxy",
        hint: "it is the proxy that looks up the name; let it refuse addresses, or write 'proxy: none'",
        at: node.place(of: "proxy"))
    }
  }
}

extension Node {
  /// Of a destination's key, or of the destination where the key is one of `defaults`.
  func place(of key: String) -> Place { self[key]?.owner ?? owner ?? place }
}

extension BodyDraft {
  /// The key of its kind.
  static func kind(of body: BodySettings) -> String {
    switch body {
    case .raw: "raw"
    case .json: "json"
    case .soap: "soap"
    case .graphQL: "graphql"
    case .form: "form"
    case .text: "text"
    case .chat: "chat"
    case .jq: "jq"
    }
  }
}
