/// Maps of which one key says what kind of thing they describe.
enum OneKind {
  /// Logs it where there are two kinds or none; what is misspelt has its own error.
  static func check(
    _ node: Node, _ kinds: [String], and others: [String] = [], what: String, _ reader: inout Reader
  ) {
    let there = node.keys.filter { kinds.contains($0) }
    if there.count > 1, let second = node[there[1]] {
      return reader.log.error(
        "both '\(there[0])' and '\(there[1])'", hint: "\(what) is of one kind", at: second.owner ?? second.place)
    }
    guard there.isEmpty, node.keys.allSatisfy({ others.contains($0) }) else { return }
    reader.log.error(
      "\(what) of no kind", hint: "one of \(kinds.joined(separator: ", "))", at: node.owner ?? node.place)
  }
}
