import HTTPWire
import Settings

extension TemplateProgram {
  /// JSON of the file, compact, its numbers as they are there; a reference that is alone keeps its value's type.
  mutating func append(json tree: TemplateTree) {
    switch tree {
    case .null: append("null")
    case .boolean(let value): append(value ? "true" : "false")
    case .number(let digits): append(digits)
    case .text(let text):
      if let reference = text.lone { append(reference, .json) } else { append(jsonString: text) }
    case .list(let items):
      append("[")
      for (i, item) in items.enumerated() {
        if i > 0 { append(",") }
        append(json: item)
      }
      append("]")
    case .map(let members):
      append("{")
      for (i, member) in members.enumerated() {
        if i > 0 { append(",") }
        append(jsonString: TemplateText(literal: member.name))
        append(":")
        append(json: member.value)
      }
      append("}")
    }
  }

  /// A string whatever its references give.
  mutating func append(jsonString text: TemplateText) {
    append("\"")
    append(text, .jsonText) { literal in
      var buffer = ByteBuffer()
      var literal = literal
      literal.withUTF8 { unsafe buffer.append(jsonEscaped: UnsafeRawBufferPointer($0)) }
      return unsafe buffer.withBytes { unsafe Array($0) }
    }
    append("\"")
  }
}

/// Bodies whose outer shape an API's protocol gives.
enum JSONBodies {
  /// GraphQL over HTTP.
  static func graphQL(_ settings: GraphQLSettings) -> TemplateProgram {
    var members = [TemplateTree.Member("query", .text(TemplateText(literal: settings.query)))]
    if let name = settings.operationName { members.append(.init("operationName", .text(TemplateText(literal: name)))) }
    if let variables = settings.variables { members.append(.init("variables", variables)) }
    var program = TemplateProgram()
    program.append(json: .map(members))
    return program
  }

  /// An OpenAI-compatible chat completion. What is said is a string, also where a template is all of it and leads to
  /// something else.
  static func chat(_ settings: ChatSettings) -> TemplateProgram {
    var program = TemplateProgram()
    program.append("{\"model\":")
    program.append(jsonString: TemplateText(literal: settings.model))
    program.append(",\"messages\":[")
    if let system = settings.system {
      program.append("{\"role\":\"system\",\"content\":")
      program.append(jsonString: system)
      program.append("},")
    }
    program.append("{\"role\":\"user\",\"content\":")
    program.append(jsonString: settings.prompt)
    program.append("}]")
    if let temperature = settings.temperature { program.append(",\"temperature\":\(temperature)") }
    if let maxTokens = settings.maxTokens { program.append(",\"max_tokens\":\(maxTokens)") }
    if let format = settings.responseFormat {
      program.append(",\"response_format\":")
      program.append(json: format)
    }
    program.append("}")
    return program
  }
}
