/// A body while it is read: one kind of it.
struct BodyDraft: Sendable {
  var json: TemplateTree?
  var soap: TemplateText?
  var version = SOAPVersion.v1_1
  var graphQL: GraphQLSettings?
  var form: [(name: String, value: TemplateText)]?
  var text: TemplateText?
  var chat: ChatSettings?
  var jq: JQText?

  static let kinds = ["json", "soap", "graphql", "form", "text", "chat", "jq"]

  /// The keys of `body`.
  static let fields: [Field<BodyDraft>] = [
    Field(
      kind: "json", \.json, .tree(example: #"{ id: "${value.id}" }"#), blank: .null,
      "JSON with templates; one that is alone in its text keeps its JSON type"),
    Field(
      kind: "soap", \.soap, .xml(example: "'<Order xmlns=\"urn:erp\"><Id>${value.id}</Id></Order>'"),
      blank: TemplateText(literal: ""), "XML with templates, put into a SOAP envelope"),
    Field("version", \.version, .version, "the version of SOAP"),
    Field(
      kind: "graphql", \.graphQL,
      .map(
        GraphQLSettings.fields,
        example: #"{ query: "mutation($id: ID!) { reserve(id: $id) { ok } }", variables: { id: "${value.id}" } }"#),
      blank: GraphQLSettings(), "a GraphQL request"),
    Field(kind: "form", \.form, .form, blank: [], "form fields with templates, as application/x-www-form-urlencoded"),
    Field(
      kind: "text", \.text, .template(example: "order ${value.id} was placed"), blank: TemplateText(literal: ""),
      "text with templates, as text/plain in UTF-8"),
    Field(
      kind: "chat", \.chat,
      .map(ChatSettings.fields, example: #"{ model: gpt-4o-mini, prompt: "Summarise: ${value | json}" }"#),
      blank: ChatSettings(), "an OpenAI-compatible chat completion"),
    Field(
      kind: "jq", \.jq, .jq(example: "'{ref: .value.id}'"), blank: JQText(""), "jq on a record: its result, as JSON"),
  ]

  init(_ settings: BodySettings = .raw) {
    switch settings {
    case .raw: break
    case .json(let tree): json = tree
    case .soap(let xml, let version):
      soap = xml
      self.version = version
    case .graphQL(let request): graphQL = request
    case .form(let fields): form = fields.map { ($0.name, $0.value) }
    case .text(let text): self.text = text
    case .chat(let chat): self.chat = chat
    case .jq(let program): jq = program
    }
  }

  /// `nil` for none, which is an error of its own.
  var settings: BodySettings? {
    if let json { return .json(json) }
    if let soap { return .soap(soap, version: version) }
    if let graphQL { return .graphQL(graphQL) }
    if let form { return .form(form.map { BodySettings.FormField($0.name, $0.value) }) }
    if let text { return .text(text) }
    if let chat { return .chat(chat) }
    return jq.map { .jq($0) }
  }

  static func check(_ node: Node, _ draft: inout BodyDraft, _ reader: inout Reader) {
    OneKind.check(node, kinds, and: ["version"], what: "a body", &reader)
    guard let version = node["version"], node["soap"] == nil else { return }
    reader.log.error(
      "'version' without 'soap'", hint: "it is the version of SOAP", at: version.owner ?? version.place)
  }
}

extension GraphQLSettings {
  /// The keys of `body.graphql`.
  static let fields: [Field<GraphQLSettings>] = [
    Field(
      "query", \.query,
      .literal(
        example: #""mutation($id: ID!) { reserve(id: $id) { ok } }""#, what: "a GraphQL query",
        why: "what differs from record to record stands in 'variables'"), required: true,
      "the operation, the same for every record"),
    Field(
      "operation_name", \.operationName,
      .optional(.literal(example: "Reserve", what: "an operation's name", why: "it is one of 'query'"), blank: ""),
      "which operation of the query is meant"),
    Field(
      "variables", \.variables, .optional(.treeMap(example: #"{ id: "${value.id}" }"#), blank: .map([])),
      "the operation's variables, with templates"),
  ]
}

extension ChatSettings {
  /// The keys of `body.chat`.
  static let fields: [Field<ChatSettings>] = [
    Field(
      "model", \.model,
      .literal(example: "gpt-4o-mini", what: "a model's name", why: "it is the same for every record"), required: true,
      "the model's name"),
    Field(
      "system", \.system, .optional(.template(example: "Summarise the order."), blank: TemplateText(literal: "")),
      "what the model is told before, with templates"),
    Field(
      "prompt", \.prompt, .template(example: #""${value | json}""#), required: true,
      "what the model is asked, with templates"),
    Field("temperature", \.temperature, .optional(.temperature, blank: "0"), "from 0 to 2"),
    Field(
      "max_tokens", \.maxTokens, .optional(.integer(1...10_000_000, example: "500"), blank: 1),
      "the longest answer, in tokens"),
    Field(
      "response_format", \.responseFormat, .optional(.treeMap(example: "{ type: json_object }"), blank: .map([])),
      "the answer's form, as the API wants it"),
  ]
}

extension ValueType where Value == String {
  /// A JSON number from 0 to 2; its digits are kept.
  static var temperature: ValueType {
    let (expected, example) = ("a number from 0 to 2", "0.2")
    return ValueType(expected: expected, example: example, shape: .decimal(0...2), write: { .decimal($0) }) {
      node, _, reader in
      guard case .scalar(let text, isPlain: true) = node.content, PlainScalar.isNumber(text) else {
        reader.wrongType(node, expected: expected, example: example)
        return nil
      }
      guard JSONNumber.isValid(text), let value = Double(text), (0...2).contains(value) else {
        reader.log.error(
          "\(PlainText.quoted(text)) is not \(expected)", hint: "for example: \(example)", at: node.place)
        return nil
      }
      return text
    }
  }
}
