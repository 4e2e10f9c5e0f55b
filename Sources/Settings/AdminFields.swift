/// The admin endpoint: probes, metrics, states, and commands for who has the token.
package struct AdminSettings: Sendable {
  /// host:port.
  package var listen = "127.0.0.1:9640"
  /// What commands must bring.
  package var token: Secret?
  /// Whether records' contents are shown.
  package var showsPayloads = false
}

extension AdminSettings {
  /// The keys of `admin`.
  static let fields: [Field<AdminSettings>] = [
    Field("listen", \.listen, .broker, "host:port to listen at"),
    Field(
      "token", \.token,
      .optional(.secret(example: "{env: ADMIN_TOKEN}", problem: HeaderSecret.problem), blank: Secret("")),
      "what commands must bring as their bearer token; without one there are no commands"),
    Field("show_payloads", \.showsPayloads, .boolean, "whether records' contents are shown"),
  ]

  /// Whoever reaches an address beyond this machine must show a token.
  static func check(_ node: Node, _ settings: BridgeSettings, _ reader: inout Reader) {
    guard let admin = settings.admin, let node = node["admin"] else { return }
    let host = admin.listen[..<(admin.listen.lastIndex(of: ":") ?? admin.listen.endIndex)]
    let bare = host.hasPrefix("[") ? host.dropFirst().dropLast() : host
    if admin.token == nil, !LoopbackText.isLoopback(String(bare)) {
      reader.log.error(
        "\(PlainText.quoted(admin.listen)) can be reached from elsewhere, and there is no 'token'",
        hint: "token: {env: ADMIN_TOKEN}, or listen: 127.0.0.1:9640", at: node["listen"]?.place ?? node.place)
    }
  }
}
