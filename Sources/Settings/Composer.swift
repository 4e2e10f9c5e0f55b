/// Makes the tree of nodes from libyaml's events: iterative, bounded in depth and in size.
struct Composer {
  static let depthMax = 64
  /// All values of a file, aliases counted as often as they are used.
  static let valuesMax = 50_000
  /// Bytes of one text: an alias makes a long one cheap to write and dear to check.
  static let textMax = 1 << 16
  static let keyMax = 256

  private struct Open {
    var node: Node
    var anchor: String?
    var isMapping: Bool
    var items: [Node] = []
    var entries: [Node.Entry] = []
    var key: (text: String, place: Place)?
  }

  private let source: SourceText
  private var stack: [Open] = []
  private var anchors: [String: Node] = [:]
  private var root: Node?
  private var values = 0
  private var documents = 0
  private var failure: (message: String, hint: String?, place: Place)?

  private init(_ source: SourceText) { self.source = source }

  /// The whole file as a tree; `nil` after an error (then in `log`) and for a file without a document.
  static func compose(_ source: SourceText, _ log: inout DiagnosticLog) -> Node? {
    var composer = Composer(source)
    do {
      try YAMLEvents.read(source.bytes) { event in
        composer.handle(event)
        return composer.failure == nil
      }
    } catch {
      let place = source.place(from: error.position, to: error.position + 1)
      let isTab = source.isTab(at: error.position)
      log.error(
        isTab ? "a tab where YAML wants spaces" : "bad YAML: \(error.message)",
        hint: isTab ? "indent with spaces" : composer.syntaxHint(error.message, line: place.line), at: place)
      return nil
    }
    if let failure = composer.failure {
      log.error(failure.message, hint: failure.hint, at: failure.place)
      return nil
    }
    return composer.root
  }

  private func syntaxHint(_ problem: String, line: Int) -> String? {
    let line = source.scalars(ofLine: line)
    let hasTemplate = zip(line, line.dropFirst()).contains { $0 == "$" && $1 == "{" }
    return switch problem {
    case "did not find expected ',' or ']'" where hasTemplate, "did not find expected ',' or '}'" where hasTemplate:
      "a text with '${' needs quotes between braces or brackets"
    case "mapping values are not allowed in this context":
      "a text that holds ': ' needs quotes; or the indentation is off"
    case "found character that cannot start any token": "a text that begins with this character needs quotes"
    case "did not find expected ',' or ']'": "is a '[' not closed?"
    case "did not find expected ',' or '}'": "is a '{' not closed?"
    case "did not find expected key", "did not find expected '-' indicator":
      "is the indentation that of the lines above?"
    case "could not find expected ':'": "a key is followed by ': ' and its value"
    case "found unexpected end of stream": "is a quote not closed?"
    default: nil
    }
  }

  private mutating func fail(_ message: String, hint: String? = nil, at place: Place) {
    if failure == nil { failure = (message, hint, place) }
  }

  private mutating func handle(_ event: YAMLEvent) {
    let place = source.place(from: event.start, to: event.end)
    if event.isTagged {
      return fail(
        "tags are not supported", hint: "leave out what begins with '!'; a text that begins so needs quotes", at: place)
    }
    switch event.kind {
    case .documentStart:
      documents += 1
      if documents > 1 { fail("a second document", hint: "a config file is one document; remove the '---'", at: place) }
    case .scalar(let text, let isPlain):
      guard text.utf8.count <= Composer.textMax else { return fail("a text of more than 64 KiB", at: place) }
      add(
        Node(content: .scalar(text: text, isPlain: isPlain), place: place), anchor: event.anchor,
        isEmpty: event.start == event.end)
    case .alias(let name):
      guard var node = anchors[name] else {
        // Without its name: a password may begin with '*'.
        return fail(
          "an alias without its anchor",
          hint: "a text that begins with '*' needs quotes; an anchor stands before its alias",
          at: place)
      }
      node.place = place
      node.owner = nil
      add(node, anchor: nil, isEmpty: false)
    case .sequenceStart, .mappingStart:
      guard stack.count < Composer.depthMax else {
        return fail("nested deeper than \(Composer.depthMax) levels", at: place)
      }
      var isMapping = false
      if case .mappingStart = event.kind { isMapping = true }
      if let top = stack.last, top.isMapping, top.key == nil { return fail("a key must be text", at: place) }
      stack.append(Open(node: Node(content: .sequence([]), place: place), anchor: event.anchor, isMapping: isMapping))
    case .collectionEnd:
      guard var open = stack.popLast() else { return }
      open.node.content = open.isMapping ? .mapping(open.entries) : .sequence(open.items)
      add(open.node, anchor: open.anchor, isEmpty: false)
    }
  }

  /// A complete value: a key of the map that is open, its value, an item of the list, or the whole file.
  private mutating func add(_ added: Node, anchor: String?, isEmpty: Bool) {
    var node = added
    if let anchor { anchors[anchor] = node }
    guard let last = stack.indices.last else {
      root = node
      return
    }
    if stack[last].isMapping, stack[last].key == nil { return addKey(node, to: last) }
    // Only aliases can make the sum grow faster than the file.
    values += node.height == 0 ? node.weight : 1
    if stack.count + node.height > Composer.depthMax {
      return fail("nested deeper than \(Composer.depthMax) levels", at: node.place)
    }
    stack[last].node.weight += node.weight
    stack[last].node.height = max(stack[last].node.height, node.height + 1)
    if stack[last].node.weight > Composer.valuesMax || values > Composer.valuesMax {
      return fail(
        "more than \(Composer.valuesMax) values", hint: "aliases count as often as they are used", at: node.place)
    }
    if let key = stack[last].key {
      node.owner = key.place
      if isEmpty { node.place = key.place }
      stack[last].entries.append(Node.Entry(key: key.text, keyPlace: key.place, value: node))
      stack[last].key = nil
    } else {
      stack[last].items.append(node)
    }
  }

  private mutating func addKey(_ node: Node, to last: Int) {
    guard case .scalar(let text, let isPlain) = node.content else { return fail("a key must be text", at: node.place) }
    guard text.utf8.count <= Composer.keyMax else {
      return fail("a key of more than \(Composer.keyMax) bytes", at: node.place)
    }
    if isPlain, text == "<<" {
      return fail(
        "merge keys ('<<') are not supported", hint: "what destinations share stands in 'defaults'", at: node.place)
    }
    if isPlain, PlainScalar.isNull(text) || PlainScalar.isBoolean(text) || PlainScalar.isNumber(text) {
      return fail(
        "a key must be text, not \(node.kind)",
        hint: text.isEmpty ? nil : "put it in quotes", at: node.place
      )
    }
    stack[last].key = (text, node.place)
  }
}

extension SourceText {
  /// Whether a tab stands at a position (in scalars).
  func isTab(at position: Int) -> Bool {
    var scalar = -1
    for byte in bytes {
      if byte & 0xC0 != 0x80 { scalar += 1 }
      if scalar == position { return byte == 0x09 }
    }
    return false
  }
}
