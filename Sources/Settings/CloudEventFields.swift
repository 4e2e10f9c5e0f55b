extension CloudEventSettings {
  /// The keys of `cloudevents`.
  static let fields: [Field<CloudEventSettings>] = [
    Field(
      "mode", \.mode, .choice, example: "binary", "attributes in headers, in the body, or several events in one body"),
    Field("type", \.type, .template(example: "shop.order.placed"), required: true, "the events' type, with templates"),
    Field(
      "source", \.source, .template(example: "/orders", problem: problem), required: true,
      "the events' source, a URI reference, with templates"),
    Field(
      "subject", \.subject, .optional(.template(example: #""${value.id}""#), blank: TemplateText(literal: "")),
      "the events' subject, with templates"),
  ]

  /// What stands in the file must belong into a URI reference; what a record gives is for the time it is rendered.
  private static func problem(ofSource source: TemplateText) -> (message: String, hint: String?)? {
    for part in source.parts {
      guard case .literal(let text) = part else { continue }
      let refused = text.utf8.first { $0 <= 0x20 || $0 >= 0x7F || "\"<>\\^`{|}".utf8.contains($0) }
      guard refused == nil, PercentText.decode(text) != nil else {
        return ("a source that is no URI reference", "for example: /orders, or https://shop.example.com/orders")
      }
    }
    return nil
  }

  private static let problem: @Sendable (TemplateText) -> (message: String, hint: String?)? = { problem(ofSource: $0) }
}
