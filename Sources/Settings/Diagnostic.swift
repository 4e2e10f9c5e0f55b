/// One thing that is wrong with a config file, and where.
package struct Diagnostic: Sendable, Equatable {
  package enum Severity: String, Sendable { case error, warning }

  /// The file, or the variable of the environment that holds the value.
  package var file: String
  /// From 1; 0 for a variable, and where the file as a whole is meant (it cannot be read, it is too large).
  package var line: Int
  /// From 1, in characters (Unicode scalars), as editors count.
  package var column: Int
  /// Characters under the caret, at least 1, never beyond the line.
  package var length: Int
  package var severity: Severity
  package var message: String
  /// What would help: `did you mean 'timeout'?`.
  package var hint: String?
  /// The line that is meant, without its line break; empty where there is none.
  package var sourceLine: String
}

extension Diagnostic {
  /// For `--json`.
  package var plain: PlainValue {
    .keys([
      "file": .text(file), "line": .number(line), "column": .number(column), "severity": .text(severity.rawValue),
      "message": .text(message), "hint": hint.map { .text($0) } ?? .null,
    ])
  }
}

/// What came of loading a file.
package enum LoadResult: Sendable {
  case valid(BridgeSettings, warnings: [Diagnostic])
  /// All that was found, errors and warnings, in file order; at least one is an error.
  case invalid([Diagnostic])
}
