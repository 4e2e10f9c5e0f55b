/// A program of the file as jq gets it: with all that reaches beyond the input out of its scope.
///
/// ```
/// def env: $topictee_env; … null as $ENV | PROGRAM
/// ```
/// jq forgets a definition that nothing uses, so a refused name is an error of the compiler for the program that uses it,
/// and nothing for the one that has it as a member, `{input: .value}`, or defines its own. `$ENV` jq resolves itself
/// unless it is bound. Modules can only be named at a program's start, which this is not.
enum JQSource {
  private static let prefix = JQDefinitions.common + bindings
  private static let bindings = " null as $ENV | "

  /// Of jq 1.6 and later.
  private static let formats: Set<String> = [
    "@text", "@json", "@csv", "@tsv", "@html", "@uri", "@urid", "@sh", "@base64", "@base64d", "@base32", "@base32d",
  ]

  /// What stands before a `wrapped` program, on its first line; in bytes.
  static let prefixLength = prefix.utf8.count

  /// As it stands in the file: for the compiler's errors.
  static func wrapped(_ program: String) -> String { prefix + program }

  /// The first result alone, of a program that compiles `wrapped`: only then is what stands in the parentheses all of
  /// it. A comment at its end takes one line, or two where it ends with a backslash.
  static func limited(_ program: String, isExact: Bool) -> String {
    JQDefinitions.common + (isExact ? JQDefinitions.exact : "") + bindings + "first(" + program + "\n\n)"
  }

  /// What can be seen without jq: an empty program, modules, `$ENV`, a NUL (jq would not see what follows it).
  static func problem(in program: String) -> JQProblem? {
    let tokens = JQTokens(program)
    guard let first = tokens.tokens.first else { return JQProblem("an empty jq program", in: program) }
    if first.kind == .name, ["import", "include", "module"].contains(tokens.text(first)) {
      return JQProblem("\(tokens.text(first)) is refused: \(JQDefinitions.outside)", in: program, at: first.range)
    }
    if let use = tokens.firstUse(of: "ENV", .variable) {
      return JQProblem("$ENV is refused: \(JQDefinitions.outside)", in: program, at: use)
    }
    // jq itself would say so of every record.
    if let format = tokens.tokens.first(where: { tokens.isFormat($0) && !formats.contains(tokens.text($0)) }) {
      return JQProblem("\(tokens.text(format)) is no format", in: program, at: format.range)
    }
    if let nul = program.utf8.firstOffset(of: 0) {
      return JQProblem("a NUL character", in: program, at: nul..<(nul + 1))
    }
    return nil
  }

  /// What jq said of a wrapped program, said of the program itself.
  static func problem(in program: String, said message: String) -> JQProblem {
    let said = JQMessage(message, prefixed: program)
    let tokens = JQTokens(program)
    let refused = JQDefinitions.refused.first { said.text.hasPrefix("$\(JQDefinitions.mark)\($0.name) is not defined") }
    if let entry = refused {
      return JQProblem(
        "\(entry.name) is refused: \(entry.reason)", in: program, at: tokens.firstUse(of: entry.name, .name))
    }
    let range = said.offset.map { tokens.range(at: $0) ?? program.utf8.count..<program.utf8.count }
    return JQProblem(said.text, in: program, at: range)
  }
}

/// Why a jq program is refused.
package struct JQProblem: Error, Equatable, Sendable {
  /// One line for people.
  package let message: String
  /// Where in the program, in Unicode scalars; nil where jq does not say. Empty at the program's end.
  package let range: Range<Int>?

  init(_ message: String, in program: String, at bytes: Range<Int>? = nil) {
    self.message = OneLine.text(message, bytesMax: 300)
    range = bytes.map { bytes in
      let start = program.scalarOffset(ofByte: bytes.lowerBound)
      return start..<max(start, program.scalarOffset(ofByte: bytes.upperBound))
    }
  }
}

extension String {
  fileprivate func scalarOffset(ofByte offset: Int) -> Int {
    // Each scalar has one byte that begins it.
    utf8.prefix(offset).count { $0 & 0xc0 != 0x80 }
  }
}

extension String.UTF8View {
  fileprivate func firstOffset(of byte: UInt8) -> Int? {
    firstIndex(of: byte).map { distance(from: startIndex, to: $0) }
  }
}
