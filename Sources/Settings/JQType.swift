private import Payload
private import Synchronization

extension ValueType where Value == JQText {
  /// A jq program; one that does not compile is an error at its place within the text.
  static func jq(example: String) -> ValueType {
    ValueType(
      expected: "a jq program", example: example, shape: .text(pattern: "\\S"), write: { .text($0.program) }
    ) { node, _, reader in
      guard let text = reader.text(node, expected: "a jq program", example: example) else { return nil }
      guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
        reader.log.error("an empty jq program", hint: "for example: \(example)", at: node.place)
        return nil
      }
      guard let problem = CompiledPrograms.problem(in: text) else { return JQText(text) }
      reader.log.error(
        "bad jq: \(PlainText.clean(problem.message))",
        at: problem.range.map { reader.log.source.place(of: $0, in: node) } ?? node.place)
      return nil
    }
  }
}

/// What is known of programs that were compiled before. libjq 1.6 needs some 30 ms for each, however short it is, and a
/// reload has mostly those of the load before.
private enum CompiledPrograms {
  private static let countMax = 256
  private static let known = Mutex<[String: JQProblem?]>([:])

  static func problem(in program: String) -> JQProblem? {
    if let found = known.withLock({ $0[program] }) { return found }
    let problem = JQProgram.check(program)
    known.withLock { known in
      if known.count >= countMax { known.removeAll() }
      known[program] = .some(problem)
    }
    return problem
  }
}
