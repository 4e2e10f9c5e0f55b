import FanOut
import HTTPWire
import Settings

/// What makes a request's body of a record.
struct BodyProgram {
  private enum Form {
    case none
    /// The record's value byte for byte; its type is the record's own unless the file says one.
    case value(hasType: Bool)
    case template(TemplateProgram)
    case jq(JQBody)
  }
  private let form: Form
  /// What this kind of body wants where the file's `headers` do not say otherwise.
  let headers: [(name: String, value: String)]

  init(_ settings: DestinationSettings) {
    switch settings.body {
    case .raw:
      let hasType = settings.headers.contains { $0.name.lowercased() == "content-type" }
      form = settings.method.sendsValue ? .value(hasType: hasType) : .none
      headers = []
    case .json(let tree):
      var program = TemplateProgram()
      program.append(json: tree)
      form = .template(program)
      headers = [("Content-Type", "application/json")]
    case .soap(let content, let version):
      form = .template(SOAPBody.program(content, version))
      // `HeaderTemplates` knows them: they depend on the file's `SOAPAction`.
      headers = []
    case .graphQL(let settings):
      form = .template(JSONBodies.graphQL(settings))
      headers = [
        ("Content-Type", "application/json"), ("Accept", "application/graphql-response+json, application/json"),
      ]
    case .form(let fields):
      form = .template(Self.form(fields))
      headers = [("Content-Type", "application/x-www-form-urlencoded")]
    case .text(let text):
      var program = TemplateProgram()
      program.append(text, .text)
      form = .template(program)
      headers = [("Content-Type", "text/plain; charset=utf-8")]
    case .chat(let settings):
      form = .template(JSONBodies.chat(settings))
      headers = [("Content-Type", "application/json")]
    case .jq(let program):
      form = .jq(JQBody(program, of: settings.name))
      headers = [("Content-Type", "application/json")]
    }
  }

  private static func form(_ fields: [BodySettings.FormField]) -> TemplateProgram {
    func encoded(_ text: String) -> [UInt8] {
      var buffer = ByteBuffer()
      buffer.append(form: text)
      return unsafe buffer.withBytes { unsafe Array($0) }
    }
    var program = TemplateProgram()
    for (i, field) in fields.enumerated() {
      if i > 0 { program.append("&") }
      program.append(encoded(field.name))
      program.append("=")
      program.append(field.value, .form, literal: encoded)
    }
    return program
  }

  /// Puts the body into the draft, or gives what is wrong with the record.
  func append(_ source: TemplateSource, to draft: inout RequestDraft) -> Outcome? {
    switch form {
    case .none:
      draft.hasBody = false
      return nil
    case .value(let hasType):
      if !hasType {
        if let obstacle = ContentType.obstacle(in: source.record) { return obstacle }
        ContentType.appendLine(for: source.record, source.view, to: &draft.headers)
      }
      unsafe source.record.withValue { unsafe draft.body.append($0) }
      return nil
    case .template(let program):
      return program.append(source, to: &draft.body)?.outcome
    case .jq(let program): return program.append(source, to: &draft.body)
    }
  }
}

extension HTTPMethod {
  /// A GET or DELETE asks for something that its URL names; what a body would mean there nobody says (RFC 9110, 9.3.1).
  var sendsValue: Bool { self != .get && self != .delete }

  var name: StaticString {
    switch self {
    case .get: "GET"
    case .post: "POST"
    case .put: "PUT"
    case .patch: "PATCH"
    case .delete: "DELETE"
    }
  }
}
