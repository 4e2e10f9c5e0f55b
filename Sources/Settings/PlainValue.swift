/// A value without its type: what settings, the schema and reports are written from.
package indirect enum PlainValue: Sendable, Equatable {
  case null
  case boolean(Bool)
  case number(Int)
  /// A JSON number that is no whole number, or a large one: its digits.
  case decimal(String)
  case text(String)
  /// What must not be shown.
  case secret
  case list([PlainValue])
  case map([Entry])

  package struct Entry: Sendable, Equatable {
    package var key: String
    package var value: PlainValue
    package init(_ key: String, _ value: PlainValue) {
      self.key = key
      self.value = value
    }
  }

  /// What stands for a secret.
  package static let mask = "***"

  /// Keys whose value is `nil` are left out.
  package static func keys(_ entries: KeyValuePairs<String, PlainValue?>) -> PlainValue {
    .map(entries.compactMap { key, value in value.map { Entry(key, $0) } })
  }

  /// A number where the text is nothing else: `0`, `409`.
  static func notation(_ text: String) -> PlainValue { Int(text).map { .number($0) } ?? .text(text) }

  package static func texts(_ texts: [String]) -> PlainValue { .list(texts.map { .text($0) }) }

  package subscript(key: String) -> PlainValue? {
    guard case .map(let entries) = self else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// Whether there is nothing in it: such a map is not written, for a file may hold none.
  var isEmptyMap: Bool { self == .map([]) }
}

extension PlainValue {
  /// As a file has it on one line: `15s`, `[2xx, 409]`, `{ min: 1, max: 256 }`.
  package var inline: String {
    switch self {
    case .null: return "null"
    case .boolean(let value): return value ? "true" : "false"
    case .number(let value): return "\(value)"
    case .decimal(let digits): return digits
    case .secret: return PlainValue.mask
    case .text(let text): return PlainValue.isBare(text) ? text : PlainValue.quoted(text)
    case .list(let items): return "[" + items.map(\.inline).joined(separator: ", ") + "]"
    case .map(let entries):
      guard !entries.isEmpty else { return "{}" }
      return "{ " + entries.map { "\(PlainValue.text($0.key).inline): \($0.value.inline)" }.joined(separator: ", ")
        + " }"
    }
  }

  /// Whether YAML reads the text as itself without quotes, in a list too.
  private static func isBare(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last, last != 0x20, last != UInt8(ascii: ":") else { return false }
    if PlainScalar.isNull(text) || PlainScalar.isBoolean(text) || PlainScalar.isNumber(text) { return false }
    if "-?:!&*#|>@`%'\" ".utf8.contains(first) { return false }
    if bytes.contains(where: { $0 < 0x20 || $0 > 0x7E || ",[]{}".utf8.contains($0) }) { return false }
    return !zip(bytes, bytes.dropFirst()).contains {
      ($0 == UInt8(ascii: ":") && $1 == 0x20) || ($0 == 0x20 && $1 == UInt8(ascii: "#"))
    }
  }

  // MARK: JSON

  /// RFC 8259, a key on each line; a list or map of nothing but scalars that is short stands on one.
  package var json: String {
    var text = ""
    writeJSON(into: &text, indent: "")
    return text
  }

  private func writeJSON(into text: inout String, indent: String) {
    let inner = indent + "  "
    let short = shortJSON
    if let short, short.utf8.count + indent.utf8.count <= 100 { return text += short }
    switch self {
    case .list(let items) where !items.isEmpty:
      text += "["
      for (i, item) in items.enumerated() {
        text += (i == 0 ? "\n" : ",\n") + inner
        item.writeJSON(into: &text, indent: inner)
      }
      text += "\n\(indent)]"
    case .map(let entries) where !entries.isEmpty:
      text += "{"
      for (i, entry) in entries.enumerated() {
        text += (i == 0 ? "\n" : ",\n") + inner + PlainValue.quoted(entry.key) + ": "
        entry.value.writeJSON(into: &text, indent: inner)
      }
      text += "\n\(indent)}"
    default: text += short ?? ""
    }
  }

  /// On one line: a scalar, or a list of scalars; `nil` for what is nested deeper.
  private var shortJSON: String? {
    switch self {
    case .null, .boolean, .number, .decimal: return inline
    case .secret: return PlainValue.quoted(PlainValue.mask)
    case .text(let text): return PlainValue.quoted(text)
    case .list(let items):
      guard items.allSatisfy(\.isScalar) else { return nil }
      return "[" + items.compactMap(\.shortJSON).joined(separator: ", ") + "]"
    case .map(let entries): return entries.isEmpty ? "{}" : nil
    }
  }

  private var isScalar: Bool {
    switch self {
    case .list, .map: false
    default: true
    }
  }

  /// A JSON string, which YAML reads too. Nothing in it can move a terminal's cursor.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case "\r": out += "\\r"
      default:
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069:
          let digits = String(scalar.value, radix: 16)
          out += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        default: out.unicodeScalars.append(scalar)
        }
      }
    }
    return out + "\""
  }
}
