/// A program of the file as jq gets it: with all that reaches beyond the input out of its scope.
///
/// ```
/// def env: $topictee_env; … null as $ENV | PROGRAM
/// ```
/// jq forgets a definition that nothing uses, so each of these is an error of the compiler for the program that uses the
/// name, and nothing for the one that has it as a member, `{input: .value}`, or defines its own. `$ENV` jq resolves
/// itself unless it is bound. Modules can only be named at a program's start, which this is not.
enum JQSource {
  /// Why a name is refused, by `name/parameters`.
  private static let refused: [(name: String, parameters: Int, reason: String)] = [
    ("env", 0, outside), ("input", 0, outside), ("inputs", 0, outside), ("input_filename", 0, outside),
    ("input_line_number", 0, outside), ("get_search_list", 0, outside), ("modulemeta", 0, outside),
    ("stderr", 0, "there is nowhere to write to"), ("halt", 0, nothing), ("halt_error", 0, nothing),
    ("halt_error", 1, nothing),
  ]
  private static let outside = "nothing but the input is within reach"
  private static let nothing = "there is nothing to end here"
  private static let mark = "topictee_"

  /// jq breaks down over a time beyond the calendar and over a format that is no text: a record's value may be either.
  private static let safeFormats: String = {
    let formats = ["strftime", "strflocaltime"].map { name in
      """
      def \(mark)\(name)($f): \(name)($f); \
      def \(name)($f): if ($f | type) != "string" then error("\(name): the format is no text") \
      elif type == "number" and (isnan or fabs > 6.7e16) then error("\(name): a time beyond the calendar") \
      else \(mark)\(name)($f) end;
      """
    }
    let dates = "def todateiso8601: strftime(\"%Y-%m-%dT%H:%M:%SZ\"); def todate: todateiso8601; def date: todate;"
    return (formats + [dates]).joined(separator: " ")
  }()

  private static let prefix: String = {
    let definitions = refused.map { entry in
      let parameters = entry.parameters == 0 ? "" : "(f)"
      return "def \(entry.name)\(parameters): $\(mark)\(entry.name);"
    }
    return definitions.joined(separator: " ") + " " + safeFormats + " null as $ENV | "
  }()

  /// What stands before the program, on its first line; in bytes.
  static let prefixLength = prefix.utf8.count

  static func wrapped(_ program: String) -> String { prefix + program }

  /// What can be seen without jq: an empty program, modules, `$ENV`, a NUL (jq would not see what follows it).
  static func problem(in program: String) -> JQProblem? {
    let tokens = JQTokens(program)
    guard let first = tokens.tokens.first else { return JQProblem("an empty jq program", in: program) }
    if first.kind == .name, ["import", "include", "module"].contains(tokens.text(first)) {
      return JQProblem("\(tokens.text(first)) is refused: \(outside)", in: program, at: first.range)
    }
    if let use = tokens.firstUse(of: "ENV", .variable) {
      return JQProblem("$ENV is refused: \(outside)", in: program, at: use)
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
    if let entry = refused.first(where: { said.text.hasPrefix("$\(mark)\($0.name) is not defined") }) {
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
