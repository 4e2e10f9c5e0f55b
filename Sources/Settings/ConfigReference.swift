/// The table of fields as a list for people: one row for each key.
package enum ConfigReference {
  package struct Row: Sendable {
    /// `destinations.NAME.retry.attempts`.
    package var path: String
    /// `a whole number`.
    package var type: String
    package var isRequired: Bool
    /// As the file has it; `nil` for what is required or a map of keys that follow.
    package var standard: String?
    package var example: String
    /// The first release that takes the key: `0.1`.
    package var since: String
    package var summary: String
    /// Whether keys below it follow.
    package var isMap: Bool
  }

  /// In the table's order, a map before its keys. What destinations have in common stands under `destinations.NAME` only.
  package static let rows: [Row] = rows(of: SettingsDraft.table, below: "")

  private static func rows(of shape: Shape, below path: String) -> [Row] {
    switch shape.unwrapped {
    case .keys(let keys):
      return keys.flatMap { key -> [Row] in
        let row = Row(key, at: path + key.key)
        return key.key == "defaults" ? [row] : [row] + rows(of: key.shape, below: row.path + ".")
      }
    case .named(let entries): return rows(of: entries.item, below: path + "NAME.")
    default: return []
    }
  }
}

extension ConfigReference.Row {
  fileprivate init(_ key: KeyDescription, at path: String) {
    let isMap = key.shape.isMap
    self.init(
      path: path, type: key.type, isRequired: key.isRequired, standard: isMap ? nil : key.standard?.inline,
      example: key.example, since: key.since, summary: key.summary, isMap: isMap)
  }
}
