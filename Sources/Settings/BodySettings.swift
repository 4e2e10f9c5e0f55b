/// What a request's body is made of. Without one it is the record's value byte for byte.
package enum BodySettings: Sendable, Equatable {
  case raw
  case json(TemplateTree)
  /// What goes into the envelope's body: well-formed XML with templates in text and attribute values.
  case soap(TemplateText, version: SOAPVersion)
  case graphQL(GraphQLSettings)
  /// `application/x-www-form-urlencoded`.
  case form([FormField])
  /// `text/plain; charset=utf-8`, nothing escaped.
  case text(TemplateText)
  case chat(ChatSettings)
  case jq(JQText)

  package struct FormField: Sendable, Equatable {
    package var name: String
    package var value: TemplateText
    package init(_ name: String, _ value: TemplateText) {
      self.name = name
      self.value = value
    }
  }
}

package enum SOAPVersion: String, Sendable, CaseIterable {
  case v1_1 = "1.1"
  case v1_2 = "1.2"
}

/// GraphQL over HTTP: `query` is literal, what differs from record to record stands in `variables`.
package struct GraphQLSettings: Sendable, Equatable {
  package var query = ""
  package var operationName: String?
  /// A map, or nil for none.
  package var variables: TemplateTree?
  package init() {}
}

/// An OpenAI-compatible chat completion.
package struct ChatSettings: Sendable, Equatable {
  package var model = ""
  package var system: TemplateText?
  package var prompt = TemplateText(literal: "")
  /// From 0 to 2, its digits as they stand in the file.
  package var temperature: String?
  package var maxTokens: Int?
  /// As the API wants it: `{ type: json_object }`.
  package var responseFormat: TemplateTree?
  package init() {}
}

/// jq programs that are asked about a response (contract, "Expressions").
package struct ResponseRuleSettings: Sendable, Equatable {
  package var retryWhen: JQText?
  package var refuseWhen: JQText?
  package var acceptWhen: JQText?
  package var isEmpty: Bool { retryWhen == nil && refuseWhen == nil && acceptWhen == nil }
  package init() {}
}

/// Several records in one request.
package struct BatchSettings: Sendable, Equatable {
  package enum Format: String, Sendable, CaseIterable {
    case ndjson, cloudevents
    case jsonArray = "json_array"
  }
  package var records = 200
  package var bytes = 1 << 20
  package var wait = Duration.milliseconds(50)
  package var format = Format.ndjson
  package var results: ItemResultSettings?
  package init() {}
}

/// Where a batch's response says what became of each record; paths are dotted, into the response's JSON.
package struct ItemResultSettings: Sendable, Equatable {
  /// To the array.
  package var path = ""
  /// Within an item, to the record's id; nil where items stand in the records' order.
  package var id: String?
  /// Within an item, to its HTTP status.
  package var status = "status"
  package init() {}
}
