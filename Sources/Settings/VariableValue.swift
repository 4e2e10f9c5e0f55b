/// The text of an environment variable as a value of the file.
enum VariableValue {
  struct Problem: Error {
    var message: String
    var hint: String?
  }

  /// Texts need no quotes here; a list is `[a, b]` or `a,b`; a map is written as in the file, on one line.
  static func node(_ text: String, _ shape: Shape, variable: String) throws(Problem) -> Node {
    guard text.utf8.count <= Composer.textMax else { throw Problem(message: "a text of more than 64 KiB", hint: nil) }
    let place = Place.variable(variable)
    func scalar(_ text: String, isPlain: Bool) -> Node {
      Node(content: .scalar(text: text, isPlain: isPlain), place: place, owner: place)
    }
    switch shape {
    case .text, .notation, .choice, .scalar, .version: return scalar(text, isPlain: false)
    case .integer, .boolean, .decimal: return scalar(text, isPlain: true)
    case .secret, .path:
      guard text.hasPrefix("{") else { return scalar(text, isPlain: false) }
      return try yaml(text, place)
    case .oneOf(_, let shape): return try node(text, shape, variable: variable)
    case .orText: return text.hasPrefix("{") ? try yaml(text, place) : scalar(text, isPlain: false)
    case .any: return "[{\"".utf8.contains(text.utf8.first ?? 0) ? try yaml(text, place) : scalar(text, isPlain: true)
    case .orNull(let shape):
      return PlainScalar.isNull(text) ? scalar("null", isPlain: true) : try node(text, shape, variable: variable)
    case .keys, .named: return try yaml(text, place)
    case .list, .oneOrMore:
      guard !text.hasPrefix("[") else { return try yaml(text, place) }
      let items = text.split(separator: ",", omittingEmptySubsequences: false).map { item in
        scalar(String(item).trimmed, isPlain: false)
      }
      return Node(content: .sequence(items), place: place, owner: place, height: 1)
    }
  }

  private static func yaml(_ text: String, _ place: Place) throws(Problem) -> Node {
    let source = SourceText(file: "", bytes: Array(text.utf8))
    var log = DiagnosticLog(source: source)
    let node = source.firstForbidden() == nil ? Composer.compose(source, &log) : nil
    guard let node else {
      let found = log.diagnostics.first
      throw Problem(message: found?.message ?? "this is not YAML", hint: found?.hint)
    }
    return node.moved(to: place)
  }
}

extension Node {
  /// The same with all places in one.
  fileprivate func moved(to place: Place) -> Node {
    var node = self
    node.place = place
    node.owner = place
    switch content {
    case .scalar: break
    case .sequence(let items): node.content = .sequence(items.map { $0.moved(to: place) })
    case .mapping(let entries):
      node.content = .mapping(
        entries.map { Entry(key: $0.key, keyPlace: place, value: $0.value.moved(to: place)) })
    }
    return node
  }
}

extension String {
  fileprivate var trimmed: String {
    let bytes = Array(utf8)
    guard let first = bytes.firstIndex(where: { $0 != 0x20 }), let last = bytes.lastIndex(where: { $0 != 0x20 }) else {
      return ""
    }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }
}
