extension ResponseRuleSettings {
  private static let blank = JQText("")

  /// The keys of `response`.
  static let fields: [Field<ResponseRuleSettings>] = [
    Field(
      "retry_when", \.retryWhen, .optional(.jq(example: #"'.body.code == "busy"'"#), blank: blank),
      "jq on a response: a failed attempt if it holds"),
    Field(
      "refuse_when", \.refuseWhen, .optional(.jq(example: #"'.body.status == "error"'"#), blank: blank),
      "jq on a response: the record goes to the dead letters if it holds"),
    Field(
      "accept_when", \.acceptWhen, .optional(.jq(example: ".status == 409"), blank: blank),
      "jq on a response: accepted if it holds, whatever the status"),
  ]
}

extension BatchSettings {
  /// The keys of `batch`.
  static let fields: [Field<BatchSettings>] = [
    Field("records", \.records, .integer(1...100_000, example: "200"), "records in one request, at most"),
    Field("bytes", \.bytes, .size(1...(64 << 20), example: "1MiB"), "bytes of one request's records, at most"),
    Field("wait", \.wait, .duration(example: "50ms"), "how long the first record waits for others"),
    Field("format", \.format, .choice, example: "ndjson", "how the records stand in the request's body"),
    Field(
      "results", \.results,
      .optionalMap(ItemResultSettings.fields, from: ItemResultSettings(), example: "{ path: items, status: status }"),
      "where the response says what became of each record"),
  ]
}

extension ItemResultSettings {
  /// The keys of `batch.results`.
  static let fields: [Field<ItemResultSettings>] = [
    Field("path", \.path, .dotted(example: "items"), required: true, "the way to the list in the response's JSON"),
    Field(
      "id", \.id, .optional(.dotted(example: "index._id"), blank: ""),
      "the way to the record's id in an item; without it items stand in the records' order"),
    Field("status", \.status, .dotted(example: "index.status"), "the way to the HTTP status in an item"),
  ]
}

extension ValueType where Value == String {
  /// A way into JSON: names with points between.
  static func dotted(example: String) -> ValueType {
    checked("a path such as items.status", example: example, pattern: #"^[^.]+(\.[^.]+)*$"#) { text in
      let hasGap = text.split(separator: ".", omittingEmptySubsequences: false).contains(where: \.isEmpty)
      return hasGap ? "\(PlainText.quoted(text)) has nothing between two points" : nil
    }
  }
}
