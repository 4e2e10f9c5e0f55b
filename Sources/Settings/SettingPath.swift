/// A way from the whole file to one value, by keys.
struct SettingPath: Equatable {
  var keys: [String] = []
  var text: String { keys.joined(separator: ".") }
}

/// A way to a key that the table knows.
struct KnownKey {
  var path: SettingPath
  var shape: Shape
  /// The row that leads there; `nil` for the whole file and for an entry whose name the user chose.
  var row: KeyDescription?
  /// Set where the way goes on into a secret or a path: `env` or `file`.
  var source: String?
}

/// Why a way leads nowhere.
struct UnknownPart: Error {
  /// The way as far as it is known.
  var known: SettingPath
  /// The index of the part that is not.
  var index: Int
  /// What could stand there; empty where nothing can.
  var candidates: [String]
  /// Set for a map with names of the user's.
  var what: String?
  /// Nothing stands below it: points belong to its name.
  var isLast = false
}

extension KnownKey {
  /// Walks down the table. `name` finds a part among the names of a map that the user chose; it may take several parts.
  static func find(
    _ parts: [String], in root: Shape,
    key: (_ part: String, _ known: String) -> Bool,
    name: (_ parts: ArraySlice<String>, _ entries: NamedEntries, _ at: SettingPath) -> (name: String, count: Int)?,
    names: (_ at: SettingPath) -> [String]
  ) throws(UnknownPart) -> KnownKey {
    var here = KnownKey(path: SettingPath(), shape: root, row: nil)
    var index = 0
    while index < parts.count {
      switch here.shape.unwrapped {
      case .keys(let rows):
        guard let row = rows.first(where: { key(parts[index], $0.key) }) else {
          throw UnknownPart(known: here.path, index: index, candidates: rows.map(\.key), what: nil)
        }
        here = KnownKey(path: SettingPath(keys: here.path.keys + [row.key]), shape: row.shape, row: row)
        index += 1
      case .named(let entries):
        guard let found = name(parts[index...], entries, here.path) else {
          throw UnknownPart(
            known: here.path, index: index, candidates: names(here.path), what: entries.what,
            isLast: !entries.item.isMap)
        }
        here = KnownKey(path: SettingPath(keys: here.path.keys + [found.name]), shape: entries.item, row: nil)
        index += found.count
      case .secret where ["env", "file"].contains(parts[index]) && index == parts.count - 1,
        .path where parts[index] == "file" && index == parts.count - 1:
        here.source = parts[index]
        index += 1
      default: throw UnknownPart(known: here.path, index: index, candidates: [], what: nil)
      }
    }
    return here
  }
}

extension Node {
  /// The value at a path; `nil` for none.
  func value(at path: SettingPath) -> Node? {
    var node = self
    for key in path.keys {
      guard let next = node[key] else { return nil }
      node = next
    }
    return node
  }

  /// The keys of a map; none of anything else.
  var keys: [String] {
    guard case .mapping(let entries) = content else { return [] }
    return entries.map(\.key)
  }

  /// Puts a value in the place of what stands at the path, maps on the way included; what stood there is remembered.
  /// Does nothing where something else than a map is in the way, after so many keys as it gives then.
  mutating func put(_ new: Node, at path: ArraySlice<String>) -> Int? {
    guard let key = path.first else {
      var node = new
      node.overrode = [self]
      self = node
      return nil
    }
    if isNull {
      content = .mapping([])
      place = new.place
      owner = new.place
    }
    guard case .mapping(var entries) = content else { return path.startIndex }
    var obstacle: Int?
    if let at = entries.firstIndex(where: { $0.key == key }) {
      obstacle = entries[at].value.put(new, at: path.dropFirst())
    } else {
      var node = new
      for name in path.dropFirst().reversed() {
        node = Node(
          content: .mapping([Entry(key: name, keyPlace: new.place, value: node)]), place: new.place, owner: new.place,
          height: node.height + 1)
      }
      entries.append(Entry(key: key, keyPlace: new.place, value: node))
    }
    content = .mapping(entries)
    return obstacle
  }
}
