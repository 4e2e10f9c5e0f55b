/// What holds for one key, where it came from and what it stands for.
package struct Explanation: Sendable, Equatable {
  /// A value with where it was written.
  package struct Source: Sendable, Equatable {
    package var value: PlainValue
    /// `bridge.yaml:9:14`, a variable's name, `bridge.yaml:5:12 (defaults)`, `the default`.
    package var origin: String
  }
  package var key: String
  package var holds: Source
  /// The nearest first.
  package var overrode: [Source]
  /// What the key is for; empty for an entry whose name the user chose.
  package var summary: String
}

extension Explanation {
  /// For people: the value, where it comes from, what it stands for.
  package var text: String {
    var text = "\(key): \(holds.value.inline)\n  from       \(holds.origin)\n"
    for (i, source) in overrode.enumerated() {
      text += "  \(i == 0 ? "overrides " : "          ") \(source.value.inline), \(source.origin)\n"
    }
    return text + (summary.isEmpty ? "" : "  meaning    \(summary)\n")
  }

  /// For `--json`.
  package var plain: PlainValue {
    .keys([
      "key": .text(key), "value": holds.value, "from": .text(holds.origin),
      "overrode": .list(overrode.map { .keys(["value": $0.value, "from": .text($0.origin)]) }),
    ])
  }
}

extension LoadedFile {
  /// The key itself, or for a map all that stands below it. For a file that is valid.
  package func explain(_ key: String) throws(UnknownKey) -> [Explanation] {
    let values = SettingsDraft.type.write(draft)
    let parts = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let found: KnownKey
    do throws(UnknownPart) {
      found = try KnownKey.find(
        parts, in: SettingsDraft.table, key: { $0 == $1 },
        name: { parts, _, path in
          // Names with points in them: the longest that is there.
          let there = names(at: path, values)
          for count in (1...parts.count).reversed() {
            let name = parts.prefix(count).joined(separator: ".")
            if there.contains(name) { return (name, count) }
          }
          return nil
        }, names: { names(at: $0, values) })
    } catch {
      throw unknown(error, parts, values)
    }
    return explanations(of: found, values)
  }

  func names(at path: SettingPath, _ values: PlainValue) -> [String] {
    guard case .map(let entries) = values.value(at: path) else { return [] }
    return entries.map(\.key)
  }

  // MARK: Where values come from

  private func explanations(of key: KnownKey, _ values: PlainValue) -> [Explanation] {
    switch (key.shape.unwrapped, values.value(at: key.path)) {
    case (.keys(let rows), .map?):
      let there = rows.filter { !key.shape.isOfKinds || values.value(at: key.path + $0.key) != nil }
      return there.flatMap { row in
        explanations(of: KnownKey(path: key.path + row.key, shape: row.shape, row: row), values)
      }
    case (.named(let entries), .map(let there)?):
      return there.flatMap { entry in
        explanations(of: KnownKey(path: key.path + entry.key, shape: entries.item, row: key.row), values)
      }
    default:
      guard let value = values.value(at: key.path) ?? key.row?.standard else { return [] }
      if value == .null, let whole = whole(behind: key.path), let value = values.value(at: whole.path) {
        var inherited = explanation(of: whole, value)
        inherited.key = key.path.text
        return [inherited]
      }
      return [explanation(of: key, value)]
    }
  }

  /// A destination without an order of its own has the file's.
  private func whole(behind path: SettingPath) -> KnownKey? {
    guard path.keys.count == 3, path.keys[0] == "destinations", path.keys[2] == "order",
      case .keys(let rows) = SettingsDraft.table, let row = rows.first(where: { $0.key == "order" })
    else { return nil }
    return KnownKey(path: SettingPath() + row.key, shape: row.shape, row: row)
  }

  private func explanation(of key: KnownKey, _ value: PlainValue) -> Explanation {
    var sources: [Explanation.Source] = []
    let inherited = isReplaced(key.path) ? nil : key.path.inDefaults
    for (path, note) in [(key.path, ""), (inherited, " (defaults)")] {
      guard let path, var node = tree?.written(at: path) else { continue }
      let isWhole = tree?.value(at: path) != nil
      var nodes = [node]
      while let older = node.overrode.first {
        nodes.append(older)
        node = older
      }
      sources += nodes.map {
        // What a text says of the key's own part is known of the one that holds alone.
        let shown = isWhole ? $0.shown(as: key.shape, under: key.path.keys.last) : $0.shown(as: .scalar, under: "url")
        return Explanation.Source(value: shown, origin: origin(of: $0) + note)
      }
    }
    // The row of a map in which the user named the key says nothing of this key's default.
    if let row = key.row, row.key == key.path.keys.last, let standard = row.standard {
      sources.append(Explanation.Source(value: standard, origin: "the default"))
    }
    let winner = sources.first?.origin ?? "the default"
    return Explanation(
      key: key.path.text, holds: Explanation.Source(value: value, origin: winner),
      overrode: Array(sources.dropFirst()), summary: key.row?.summary ?? "")
  }

  /// Whether it is part of something that a destination has from nowhere else.
  private func isReplaced(_ path: SettingPath) -> Bool {
    guard path.keys.count > 3, path.keys[0] == "destinations",
      DestinationSettings.replacedKeys.contains(path.keys[2])
    else { return false }
    return tree?.value(at: SettingPath(keys: Array(path.keys[..<3]))) != nil
  }

  private func origin(of node: Node) -> String {
    node.place.variable ?? "\(PlainText.clean(file)):\(node.place.line):\(node.place.column)"
  }
}

extension SettingPath {
  static func + (path: SettingPath, key: String) -> SettingPath { SettingPath(keys: path.keys + [key]) }

  /// Where `defaults` have what a destination's key holds.
  var inDefaults: SettingPath? {
    guard keys.count > 2, keys[0] == "destinations" else { return nil }
    return SettingPath(keys: ["defaults"] + keys.dropFirst(2))
  }
}

extension Node {
  /// The value at a path, or the text that says it with others: `proxy: http://user:password@host:1`.
  fileprivate func written(at path: SettingPath) -> Node? {
    var node = self
    for key in path.keys {
      if let next = node[key] {
        node = next
      } else if case .scalar = node.content, !node.isNull {
        return node
      } else {
        return nil
      }
    }
    return node
  }
}

extension PlainValue {
  fileprivate func value(at path: SettingPath) -> PlainValue? {
    var value = self
    for key in path.keys {
      guard let next = value[key] else { return nil }
      value = next
    }
    return value
  }
}
