/// Puts variables such as `TOPICTEE_KAFKA__GROUP` over what the file says, before it is read: the same table of fields
/// and the same value types then judge both.
struct EnvironmentOverlay {
  static let prefix = "TOPICTEE_"
  private static let levels = "__"

  /// A variable with the prefix that leads to no key. Whether it is an error is known once the file is read: a secret
  /// may name it.
  struct Stray {
    var variable: String
    var message: String
    var hint: String?
  }

  private let table: Shape
  private var root: Node
  private var strays: [Stray] = []
  private var known: [String]?

  static func apply(
    _ environment: [String: String], to root: inout Node, table: Shape, _ log: inout DiagnosticLog
  ) -> [Stray] {
    guard case .mapping = root.content else { return [] }
    var overlay = EnvironmentOverlay(table: table, root: root)
    let ours = environment.filter { $0.key.hasPrefix(prefix) && !ForeignVariable.isForeign($0.key, value: $0.value) }
    // A shorter name comes before those that it begins: a map before what stands in it.
    for (name, text) in ours.sorted(by: { $0.key < $1.key }) { overlay.take(name, text, &log) }
    root = overlay.root
    return overlay.strays
  }

  private mutating func take(_ variable: String, _ text: String, _ log: inout DiagnosticLog) {
    let parts = EnvironmentOverlay.parts(of: variable)
    let key: KnownKey
    do throws(UnknownPart) {
      key = try KnownKey.find(
        parts, in: table, key: { $0 == $1 }, name: { name(of: $0, $1, at: $2) },
        names: { root.value(at: $0)?.keys ?? [] })
    } catch {
      strays.append(stray(variable, parts, error))
      return
    }
    do throws(VariableValue.Problem) {
      var node = try VariableValue.node(
        text, key.source == nil ? key.shape : .text(pattern: nil), variable: variable)
      if let source = key.source {
        let place = Place.variable(variable)
        node = Node(
          content: .mapping([Node.Entry(key: source, keyPlace: place, value: node)]), place: place, owner: place,
          height: 1)
      }
      setAside(alternativeOf: key.path, behind: variable)
      if let obstacle = root.put(node, at: key.path.keys[...]) {
        let way = PlainText.quoted(SettingPath(keys: Array(key.path.keys.prefix(obstacle))).text)
        log.error("\(way) is no map in the file", at: .variable(variable))
      }
    } catch {
      log.error(error.message, hint: error.hint, at: .variable(variable))
    }
  }

  private static func parts(of variable: String) -> [String] {
    variable.dropFirst(prefix.count).lowercased().split(separator: levels, omittingEmptySubsequences: false)
      .map(String.init)
  }

  /// A variable's `topic` stands for the file's `topics` too, and the other way round.
  private mutating func setAside(alternativeOf path: SettingPath, behind variable: String) {
    guard case .mapping(var entries) = root.content,
      let pair = SettingsDraft.alternatives.first(where: { path.keys == [$0.0] || path.keys == [$0.1] })
    else { return }
    let other = path.keys == [pair.0] ? pair.1 : pair.0
    guard let at = entries.firstIndex(where: { $0.key == other && $0.value.place.variable == nil }) else { return }
    // Under the new name, so that the value put there remembers what it stands for.
    if entries.contains(where: { $0.key == path.keys[0] }) { return }
    entries[at].key = path.keys[0]
    root.content = .mapping(entries)
  }

  // MARK: Names that the user chose

  /// Variables know neither lower case nor `-` and `.`; the file's own name is the one that is meant.
  private func name(of parts: ArraySlice<String>, _ entries: NamedEntries, at path: SettingPath) -> (String, Int)? {
    let there = root.value(at: path)?.keys ?? []
    for count in (1...parts.count).reversed() {
      let part = parts.prefix(count).joined(separator: EnvironmentOverlay.levels)
      let exact = there.filter { $0.lowercased() == part }
      let near = exact.isEmpty ? there.filter { EnvironmentOverlay.folded($0) == part } : exact
      if near.count == 1 { return (near[0], count) }
      if near.count > 1 { return nil }
    }
    guard let underscore = entries.underscore, parts.count == 1, let part = parts.first else { return nil }
    return (part.split(separator: "_", omittingEmptySubsequences: false).joined(separator: underscore), 1)
  }

  private static func folded(_ name: String) -> String {
    String(name.lowercased().map { $0 == "-" || $0 == "." ? "_" : $0 })
  }

  // MARK: What leads nowhere

  private mutating func stray(_ variable: String, _ parts: [String], _ unknown: UnknownPart) -> Stray {
    let part = parts[unknown.index]
    let all = unknown.candidates.isEmpty ? nil : "known here: \(PlainText.list(unknown.candidates))"
    if let what = unknown.what {
      let names = unknown.candidates.map(EnvironmentOverlay.folded)
      let twins = unknown.candidates.filter { EnvironmentOverlay.folded($0) == EnvironmentOverlay.folded(part) }
      var hint = all
      if twins.count > 1 {
        hint = "it means \(PlainText.list(twins)) alike; rename one"
      } else if let close = Suggestion.closest(to: part, among: names) {
        var better = parts
        better[unknown.index] = close
        hint = EnvironmentOverlay.suggestion(
          better.map { $0.uppercased() }.joined(separator: EnvironmentOverlay.levels))
      }
      return Stray(variable: variable, message: "no \(what) \(PlainText.quoted(part)) in the file", hint: hint)
    }
    let others = known ?? EnvironmentOverlay.variables(of: table, at: SettingPath(), root)
    known = others
    let close = Suggestion.closest(to: String(variable.dropFirst(EnvironmentOverlay.prefix.count)), among: others)
    let way = unknown.known.keys + [part]
    return Stray(
      variable: variable, message: "no key \(PlainText.quoted(way.joined(separator: ".")))",
      hint: close.map(EnvironmentOverlay.suggestion) ?? all)
  }

  private static func suggestion(_ name: String) -> String { "did you mean '\(prefix)\(name)'?" }

  /// Every variable that leads to a key, without the prefix.
  private static func variables(of shape: Shape, at path: SettingPath, _ root: Node) -> [String] {
    func name(_ keys: [String]) -> String { keys.map { folded($0).uppercased() }.joined(separator: levels) }
    func below(_ key: String, _ shape: Shape) -> [String] {
      let way = path.keys + [key]
      return [name(way)] + variables(of: shape, at: SettingPath(keys: way), root)
    }
    switch shape.unwrapped {
    case .keys(let rows): return rows.flatMap { below($0.key, $0.shape) }
    case .named(let entries): return (root.value(at: path)?.keys ?? []).prefix(64).flatMap { below($0, entries.item) }
    default: return []
    }
  }
}

/// Variables that begin like ours and are not meant for us.
enum ForeignVariable {
  /// Those of the project's own tests, and what Kubernetes sets in every pod for a Service that is named like us.
  static func isForeign(_ name: String, value: String) -> Bool {
    let rest = name.dropFirst(EnvironmentOverlay.prefix.count)
    if rest.hasPrefix("TEST_") || ["SEED", "SEEDS", "DEPTH"].contains(rest) { return true }
    if rest.hasSuffix("SERVICE_HOST") || rest.contains("SERVICE_PORT") { return true }
    let isAddress = ["tcp://", "udp://", "sctp://"].contains { value.hasPrefix($0) }
    if rest.hasSuffix("PORT"), isAddress { return true }
    return ["_TCP", "_UDP", "_SCTP"].contains { kind in
      [kind, "\(kind)_PROTO", "\(kind)_PORT", "\(kind)_ADDR"].contains { rest.hasSuffix($0) }
    } && rest.contains("PORT_")
  }
}
