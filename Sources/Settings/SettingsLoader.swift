/// Reads a config file: all that is wrong with it at once, or checked settings.
package enum SettingsLoader {
  /// An unreadable file is a diagnostic too (line 0). `environment` is where `{env: NAME}` looks, and its variables
  /// `TOPICTEE_…` stand over the file's values.
  package static func load(path: String, environment: [String: String]) -> LoadResult {
    open(path: path, environment: environment).result
  }

  /// `file` is the name in diagnostics.
  package static func load(text: [UInt8], file: String, environment: [String: String]) -> LoadResult {
    open(text: text, file: file, environment: environment).result
  }

  /// The same with where each value came from.
  package static func open(
    path: String, environment: [String: String], for purpose: SettingsPurpose = .delivering
  ) -> LoadedFile {
    do throws(FileText.Problem) {
      let bytes = try FileText.read(path, bytesMax: SourceText.bytesMax, isRegularOnly: false)
      return open(text: bytes, file: path, environment: environment, for: purpose)
    } catch {
      switch error {
      case .unreadable(let why): return refused(file: path, "cannot read the file: \(why)", hint: nil)
      case .notAFile: return refused(file: path, "this is a directory", hint: "name the config file")
      case .tooLarge: return tooLarge(path)
      }
    }
  }

  package static func open(
    text: [UInt8], file: String, environment: [String: String], for purpose: SettingsPurpose = .delivering
  ) -> LoadedFile {
    guard text.count <= SourceText.bytesMax else { return tooLarge(file) }
    let source = SourceText(file: file, bytes: text)
    var reader = Reader(log: DiagnosticLog(source: source), environment: environment, purpose: purpose)
    var draft = SettingsDraft()
    var tree: Node?
    if let forbidden = source.firstForbidden() {
      let place = source.place(from: forbidden.position, to: forbidden.position + 1)
      reader.log.error(forbidden.message, hint: forbidden.hint, at: place)
    } else if var root = Composer.compose(source, &reader.log), !root.isNull {
      let strays = EnvironmentOverlay.apply(environment, to: &root, table: SettingsDraft.table, &reader.log)
      draft = SettingsDraft.type.read(root, draft, &reader) ?? draft
      for stray in strays where !reader.namedVariables.contains(stray.variable) {
        reader.log.error(stray.message, hint: stray.hint, at: .variable(stray.variable))
      }
      tree = root
    } else if !reader.log.hasErrors {
      reader.log.error(
        "an empty file", hint: "'kafka', 'topic', 'destinations' and 'dead_letters' are needed", at: .start)
    }
    let diagnostics = reader.log.diagnostics
    let result =
      reader.log.hasErrors ? LoadResult.invalid(diagnostics) : .valid(draft.settings, warnings: diagnostics)
    return LoadedFile(file: file, result: result, draft: draft, tree: tree, log: reader.log)
  }

  private static func tooLarge(_ file: String) -> LoadedFile {
    refused(file: file, "the file is over 1 MiB", hint: "is it a config file?")
  }

  private static func refused(file: String, _ message: String, hint: String?) -> LoadedFile {
    let found = Diagnostic(
      file: file, line: 0, column: 0, length: 1, severity: .error, message: message, hint: hint, sourceLine: "")
    return LoadedFile(file: file, result: .invalid([found]), draft: SettingsDraft(), tree: nil, log: nil)
  }
}
