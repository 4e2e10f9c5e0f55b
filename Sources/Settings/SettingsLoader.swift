/// Reads a config file: all that is wrong with it at once, or checked settings.
package enum SettingsLoader {
  /// An unreadable file is a diagnostic too (line 0). `environment` is where `{env: NAME}` looks.
  package static func load(path: String, environment: [String: String]) -> LoadResult {
    do throws(FileText.Problem) {
      let bytes = try FileText.read(path, bytesMax: SourceText.bytesMax, isRegularOnly: false)
      return load(text: bytes, file: path, environment: environment)
    } catch {
      switch error {
      case .unreadable(let why): return refused(file: path, "cannot read the file: \(why)", hint: nil)
      case .notAFile: return refused(file: path, "this is a directory", hint: "name the config file")
      case .tooLarge: return tooLarge(path)
      }
    }
  }

  /// `file` is the name in diagnostics.
  package static func load(text: [UInt8], file: String, environment: [String: String]) -> LoadResult {
    guard text.count <= SourceText.bytesMax else { return tooLarge(file) }
    let source = SourceText(file: file, bytes: text)
    var reader = Reader(log: DiagnosticLog(source: source), environment: environment)
    var draft = SettingsDraft()
    if let forbidden = source.firstForbidden() {
      let place = source.place(from: forbidden.position, to: forbidden.position + 1)
      reader.log.error(forbidden.message, hint: forbidden.hint, at: place)
    } else if let root = Composer.compose(source, &reader.log), !root.isNull {
      let type = ValueType.map(SettingsDraft.fields, example: "topic: orders", rule: SettingsDraft.check)
      draft = type.read(root, draft, &reader) ?? draft
    } else if !reader.log.hasErrors {
      reader.log.error(
        "an empty file", hint: "'kafka', 'topic', 'destinations' and 'dead_letters' are needed", at: .start)
    }
    let diagnostics = reader.log.diagnostics
    return reader.log.hasErrors ? .invalid(diagnostics) : .valid(draft.settings, warnings: diagnostics)
  }

  private static func tooLarge(_ file: String) -> LoadResult {
    refused(file: file, "the file is over 1 MiB", hint: "is it a config file?")
  }

  private static func refused(file: String, _ message: String, hint: String?) -> LoadResult {
    .invalid([
      Diagnostic(
        file: file, line: 0, column: 0, length: 1, severity: .error, message: message, hint: hint, sourceLine: "")
    ])
  }
}
