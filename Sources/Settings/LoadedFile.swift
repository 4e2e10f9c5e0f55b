/// A config file as it was read: what came of it, and where each value came from.
package struct LoadedFile: Sendable {
  let file: String
  package let result: LoadResult
  let draft: SettingsDraft
  /// The file's values with those of the environment over them; `nil` for a file that is not YAML.
  let tree: Node?
  /// What is wrong with it, to be added to; `nil` for a file that cannot be read.
  let log: DiagnosticLog?

  /// All settings with their defaults, secrets masked, as a file could have them. What destinations have in common is
  /// part of each.
  package var settings: PlainValue {
    guard case .map(let entries) = SettingsDraft.type.write(draft) else { return .map([]) }
    return .map(entries.filter { $0.key != "defaults" })
  }
}
