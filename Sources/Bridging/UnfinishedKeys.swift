import Settings

/// Keys that the table of fields knows and the lanes do not carry out yet: refused, for rows that nobody writes would be a
/// loss that nobody sees.
enum UnfinishedKeys {
  static func objections(to settings: BridgeSettings) -> [Objection] {
    guard settings.results != nil else { return [] }
    return [
      Objection(to: ["results"], isAboutKey: true, "'results' is not supported in this version", hint: "leave it out")
    ]
  }
}
