/// Collects what is wrong, all at once.
struct DiagnosticLog {
  /// More than anyone reads; bounds the time and memory a damaged file can take.
  static let countMax = 100

  let source: SourceText
  private var found: [Diagnostic] = []
  private(set) var hasErrors = false
  /// Where secrets stand.
  private var hidden: [Place] = []
  var isFull: Bool { found.count >= DiagnosticLog.countMax }

  init(source: SourceText) { self.source = source }

  mutating func error(_ message: String, hint: String? = nil, at place: Place) {
    hasErrors = true
    add(.error, message, hint, place)
  }

  mutating func warning(_ message: String, hint: String? = nil, at place: Place) { add(.warning, message, hint, place) }

  /// No line is shown beyond this place.
  mutating func hide(_ place: Place) {
    if place.variable == nil { hidden.append(place) }
  }

  private mutating func add(_ severity: Diagnostic.Severity, _ message: String, _ hint: String?, _ place: Place) {
    // A shared alias can be wrong at each of its uses; once is enough.
    let file = place.variable ?? source.file
    let isRepeated = found.contains {
      $0.line == place.line && $0.column == place.column && $0.message == message && $0.file == file
    }
    guard !isRepeated, !isFull || (severity == .error && !found.contains { $0.severity == .error }) else { return }
    found.append(
      Diagnostic(
        file: file, line: place.line, column: place.column, length: place.length, severity: severity,
        message: message, hint: hint, sourceLine: ""))
  }

  /// In file order; what stands at one place keeps the order in which it was found.
  var diagnostics: [Diagnostic] {
    found.enumerated().sorted {
      ($0.element.line, $0.element.column, $0.offset) < ($1.element.line, $1.element.column, $1.offset)
    }.map { _, one in
      var one = one
      let secret = hidden.lazy.filter { $0.line == one.line }.map(\.column).min()
      one.sourceLine = source.shownLine(one.line, before: secret)
      return one
    }
  }
}
