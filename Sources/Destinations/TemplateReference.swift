import Payload
import Settings

/// A reference of a template, ready to be looked up.
struct CompiledReference {
  let root: TemplateText.Root
  let path: JSONPath
  /// Of `headers`.
  let headerName: [UInt8]
  let fallback: [UInt8]?
  let isJSON: Bool
  /// As the file has it.
  private let shown: String

  init(_ reference: TemplateText.Reference) {
    root = reference.root
    path = JSONPath(reference.path)
    headerName = Array((reference.path.first ?? "").utf8)
    fallback = reference.fallback.map { Array($0.utf8) }
    isJSON = reference.isJSON
    shown = reference.source
  }

  /// - Parameter what: about the record: "is missing".
  func problem(_ what: String) -> TemplateProblem { TemplateProblem(message: "\(shown) \(what)") }
}

/// What a reference leads to. Texts are UTF-8.
@unsafe enum TemplateValue {
  case missing, null
  /// What it says.
  case text(UnsafeRawBufferPointer)
  /// A string of the record's JSON.
  case string(JSONDocument.Value, JSONDocument)
  /// A number or a boolean as JSON writes it.
  case scalar(UnsafeRawBufferPointer)
  /// An array or an object as JSON writes it.
  case structure(UnsafeRawBufferPointer)
  case notUTF8
}
