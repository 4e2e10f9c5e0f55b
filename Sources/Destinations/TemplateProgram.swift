import FanOut
import HTTPWire
import Settings

/// Texts with references, flattened when a destination is compiled: bytes that stand as they are, and between them
/// values of the record, each escaped for its place.
struct TemplateProgram {
  /// What comes behind a run of literal bytes.
  private enum Action {
    case value(Int, TemplatePlace)
    /// Around a path segment that holds a value; how the file writes it.
    case segmentBegins
    case segmentEnds(String)
  }
  private struct Step {
    var literalEnd: Int
    var action: Action
  }

  private var literals: [UInt8] = []
  private var steps: [Step] = []
  private var references: [CompiledReference] = []

  // MARK: Compiling

  mutating func append(_ literal: String) { literals.append(contentsOf: literal.utf8) }

  mutating func append(_ bytes: [UInt8]) { literals.append(contentsOf: bytes) }

  mutating func append(_ reference: TemplateText.Reference, _ place: TemplatePlace) {
    references.append(CompiledReference(reference))
    add(.value(references.count - 1, place))
  }

  /// - Parameter literal: how the file's own text is written in that place; as it stands by default.
  mutating func append(_ text: TemplateText, _ place: TemplatePlace, literal: (String) -> [UInt8] = { Array($0.utf8) })
  {
    for part in text.parts {
      switch part {
      case .literal(let text): append(literal(text))
      case .reference(let reference): append(reference, place)
      }
    }
  }

  mutating func beginSegment() { add(.segmentBegins) }
  mutating func endSegment(_ text: TemplateText) { add(.segmentEnds(text.source)) }

  private mutating func add(_ action: Action) { steps.append(Step(literalEnd: literals.count, action: action)) }

  // MARK: Rendering

  /// Appends the text for one record, or gives what is wrong with the record; then what was appended is of no use.
  func append(_ source: TemplateSource, to buffer: inout ByteBuffer) -> TemplateProblem? {
    var at = 0
    var segment = 0
    for step in steps {
      append(from: at, to: step.literalEnd, &buffer)
      at = step.literalEnd
      switch step.action {
      case .value(let reference, let place):
        if let problem = source.append(references[reference], place, to: &buffer) { return problem }
      case .segmentBegins: segment = buffer.count
      case .segmentEnds(let text):
        if PathSegment.isUnsafe(buffer, from: segment) {
          return TemplateProblem(message: "the path segment \(text) becomes empty, '.' or '..'")
        }
      }
    }
    append(from: at, to: literals.count, &buffer)
    return nil
  }

  private func append(from start: Int, to end: Int, _ buffer: inout ByteBuffer) {
    guard start < end else { return }
    unsafe literals.withUnsafeBytes { unsafe buffer.append(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
  }
}

/// A record that a template cannot be filled from.
struct TemplateProblem: Equatable {
  /// Names the reference, shows nothing of the record.
  let message: String

  /// The record's way to its dead letter.
  var outcome: Outcome { .unsendable(.template, AttemptFailure(message: message)) }
}
