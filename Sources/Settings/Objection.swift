/// What a room that knows more than this one says against a value of the file: that Kafka's client does not take it,
/// that a file that it names holds no certificate.
package struct Objection: Sendable, Equatable {
  /// From the whole file to the value, by keys.
  package var path: [String]
  /// The key itself is meant, not its value.
  package var isAboutKey: Bool
  package var message: String
  package var hint: String?

  package init(to path: [String], isAboutKey: Bool = false, _ message: String, hint: String? = nil) {
    self.path = path
    self.isAboutKey = isAboutKey
    self.message = message
    self.hint = hint
  }
}

extension LoadedFile {
  /// What could be read, of a file that is refused too: there it may lack anything.
  package var readable: BridgeSettings { draft.settings }

  /// The same file with what others found: each becomes an error at its place, among those that are known.
  package func with(_ objections: [Objection]) -> LoadedFile {
    guard !objections.isEmpty, let tree, var log else { return self }
    for objection in objections {
      log.error(objection.message, hint: objection.hint, at: tree.place(of: objection))
    }
    return LoadedFile(file: file, result: .invalid(log.diagnostics), draft: draft, tree: tree, log: log)
  }
}

extension Node {
  /// Where the value or its key stands; for what a destination has from `defaults`, there.
  fileprivate func place(of objection: Objection) -> Place {
    let path = SettingPath(keys: objection.path)
    for path in [path, path.inDefaults].compactMap({ $0 }) {
      guard let value = value(at: path), let key = path.keys.last else { continue }
      let entry = self.value(at: SettingPath(keys: path.keys.dropLast()))?.entry(key)
      if objection.isAboutKey, let entry { return entry.keyPlace }
      // `{file: PATH}` and the path alone are the same.
      return value["file"]?.place ?? value.place
    }
    return .start
  }
}
