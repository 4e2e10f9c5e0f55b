extension ValueType where Value == StatusSet {
  /// One entry or a list of entries: `2xx`, `409`, `500-599`, `!501`.
  static var statuses: ValueType {
    ValueType(
      expected: "a set of statuses", example: "[2xx, 409]",
      shape: .oneOrMore(.notation(pattern: StatusPart.pattern, numbers: 100...599), mayBeEmpty: false),
      write: { .list($0.parts.map { .notation($0) }) }
    ) { node, _, reader in
      var set = RetryRules.none
      guard StatusEntries.read(node, into: &set, words: false, &reader) else { return nil }
      guard set.statuses.isEmpty else { return set.statuses }
      reader.log.error("no status is left", hint: "for example: [2xx, 409]", at: node.place)
      return nil
    }
  }
}

extension ValueType where Value == RetryRules {
  /// The same with the words `timeout` and `reset`.
  static var retryRules: ValueType {
    ValueType(
      expected: "a set of statuses", example: "[timeout, reset, 408, 425, 5xx]",
      shape: .oneOrMore(
        .notation(pattern: "^(timeout|reset)$|\(StatusPart.pattern)", numbers: 100...599), mayBeEmpty: true),
      write: { rules in
        let words = (rules.timeout ? ["timeout"] : []) + (rules.reset ? ["reset"] : [])
        return .list((words + rules.statuses.parts).map { .notation($0) })
      }
    ) { node, _, reader in
      var rules = RetryRules.none
      return StatusEntries.read(node, into: &rules, words: true, &reader) ? rules : nil
    }
  }
}

extension RetryRules {
  fileprivate static var none: RetryRules {
    var rules = RetryRules()
    rules.timeout = false
    rules.reset = false
    rules.statuses = StatusSet()
    return rules
  }
}

private enum StatusEntries {
  /// Exclusions hold wherever they stand. `false` once something is logged.
  static func read(_ node: Node, into rules: inout RetryRules, words: Bool, _ reader: inout Reader) -> Bool {
    let example = words ? "[timeout, reset, 408, 425, 5xx]" : "[2xx, 409]"
    var items = [node]
    if case .sequence(let nodes) = node.content { items = nodes }
    var isValid = true
    var excluded: [ClosedRange<Int>] = []
    for item in items {
      guard !reader.log.isFull else { return false }
      guard let text = reader.scalar(item, expected: "a status", example: example) else {
        isValid = false
        continue
      }
      switch (text, StatusPart.parse(text)) {
      case ("timeout", _) where words: rules.timeout = true
      case ("reset", _) where words: rules.reset = true
      case (_, .include(let range)?): rules.statuses.insert(range)
      case (_, .exclude(let range)?): excluded.append(range)
      default:
        isValid = false
        reader.log.error(
          "\(PlainText.quoted(text)) is not a status from 100 to 599",
          hint: "such as 409, 2xx, 500-599, !501\(words ? ", timeout, reset" : "")", at: item.place)
      }
    }
    for range in excluded { rules.statuses.remove(range) }
    return isValid
  }
}
