import Payload

/// A row as it stands on the results topic; whoever may write there may have written it.
package struct StoredRow: Equatable, Sendable {
  package enum Key: Equatable, Sendable {
    case none
    case text(String)
    case base64(String)
    case sha256(String)
  }

  /// What became of the record at one destination. Texts of numbers as they stand; nil for what is not there.
  package struct Column: Equatable, Sendable {
    package var outcome: String
    package var reason: String?
    package var status: String?
    package var attempts: String?
    package var durationMilliseconds: String?
    /// JSON.
    package var body: String?
    /// What a body that is a string says; any other's JSON.
    package var bodyText: String?
  }

  package var topic: String
  package var partition: String
  package var offset: String
  package var timestamp: String
  package var key: Key
  /// By destination.
  package var columns: [String: Column]
}

/// Reads rows. It belongs to one thread.
package final class StoredRowReader {
  private let document = JSONDocument()

  package init() {}

  /// nil for what is no row.
  package func read(_ value: [UInt8]) -> StoredRow? {
    guard unsafe value.withUnsafeBytes({ unsafe document.read(copying: $0) }), let root = document.root,
      let topic = text("topic", in: root), let partition = number("partition", in: root),
      let offset = number("offset", in: root),
      let destinations = document.find(JSONPath(["destinations"]), in: root), destinations.kind == .object
    else { return nil }
    var columns: [String: StoredRow.Column] = [:]
    document.forEachMember(of: destinations) { name, value in
      if let name = text(of: name), let column = column(value) { columns[name] = column }
      return true
    }
    return StoredRow(
      topic: topic, partition: partition, offset: offset, timestamp: number("timestamp", in: root) ?? "",
      key: key(in: root), columns: columns)
  }

  private func key(in root: JSONDocument.Value) -> StoredRow.Key {
    if let text = text("key", in: root) { return .text(text) }
    if let text = text("key_base64", in: root) { return .base64(text) }
    return text("key_sha256", in: root).map { .sha256($0) } ?? .none
  }

  private func column(_ value: JSONDocument.Value) -> StoredRow.Column? {
    guard let outcome = text("outcome", in: value) else { return nil }
    let body = document.find(JSONPath(["body"]), in: value)
    return StoredRow.Column(
      outcome: outcome, reason: text("reason", in: value), status: number("status", in: value),
      attempts: number("attempts", in: value), durationMilliseconds: number("duration_ms", in: value),
      body: body.map { json(of: $0) }, bodyText: body.map { text(of: $0) ?? json(of: $0) })
  }

  private func json(of value: JSONDocument.Value) -> String {
    unsafe document.withBytes(of: value) { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// nil for what is no string, or no Unicode.
  private func text(of value: JSONDocument.Value) -> String? {
    guard value.kind == .string else { return nil }
    return unsafe document.withText(of: value) { text in
      unsafe text.map { unsafe String(decoding: $0, as: UTF8.self) }
    }
  }

  private func text(_ name: String, in value: JSONDocument.Value) -> String? {
    document.find(JSONPath([name]), in: value).flatMap { text(of: $0) }
  }

  private func number(_ name: String, in value: JSONDocument.Value) -> String? {
    guard let found = document.find(JSONPath([name]), in: value), found.kind == .number else { return nil }
    return json(of: found)
  }
}
