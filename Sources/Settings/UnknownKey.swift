/// A key that the config does not have.
package struct UnknownKey: Error, Sendable, Equatable {
  package var message: String
  package var hint: String?
}

extension LoadedFile {
  /// Why a way of these parts leads nowhere, and where the user may have wanted to go.
  func unknown(_ error: UnknownPart, _ parts: [String], _ values: PlainValue) -> UnknownKey {
    // Such as a property's name: whatever it holds, it is the last.
    let part = error.isLast ? parts[error.index...].joined(separator: ".") : parts[error.index]
    let before = error.known.keys.map { $0 + "." }.joined()
    var hint = Suggestion.closest(to: part, among: error.candidates).map { "did you mean '\(before)\($0)'?" }
    if hint == nil, error.index == 0 { hint = elsewhere(parts, values) }
    if hint == nil, !error.candidates.isEmpty { hint = "known here: \(PlainText.list(error.candidates))" }
    guard let what = error.what else {
      return UnknownKey(message: "no key \(PlainText.quoted(before + part))", hint: hint)
    }
    return UnknownKey(message: "no \(what) \(PlainText.quoted(part))", hint: hint ?? "there is none")
  }

  /// Keys deeper down that end so: `timeout`, `crm.timeout`.
  private func elsewhere(_ parts: [String], _ values: PlainValue) -> String? {
    let key = parts.joined(separator: ".")
    guard !key.isEmpty else { return nil }
    let destinations = names(at: SettingPath(keys: ["destinations"]), values)
    var found: [String] = []
    if destinations.contains(parts[0]) { found = ["destinations.\(key)"] }
    for row in ConfigReference.rows where row.path.hasSuffix(".\(key)") {
      found.append(row.path.replacing("NAME", with: destinations.first ?? "NAME"))
    }
    // The shallowest is the likeliest.
    let depths = found.map { $0.split(separator: ".").count }
    found = found.indices.sorted { (depths[$0], $0) < (depths[$1], $1) }.map { found[$0] }
    return found.isEmpty
      ? nil : "did you mean \(found.prefix(3).map(PlainText.quoted(path:)).joined(separator: " or "))?"
  }
}
