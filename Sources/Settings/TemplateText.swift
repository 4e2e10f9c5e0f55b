/// A text of the file with `${…}` in it, taken apart and checked when the file is read.
///
/// `${root.path | filter | filter}`; what a reference gives is escaped by the place the text stands in.
package struct TemplateText: Sendable, Equatable {
  package enum Root: String, Sendable, CaseIterable {
    case value, key, headers, topic, partition, offset, timestamp, id, attempt
  }

  /// One step into a record's JSON: a name finds an object's member, a number an array's item (or a member so named).
  package struct Reference: Sendable, Equatable {
    package var root: Root
    /// Below `value` the steps of a path; below `headers` one name; empty for the others.
    package var path: [String]
    /// `default("x")`: what stands where the value is missing or `null`.
    package var fallback: String?
    /// `json`: the value as JSON text, a string with its quotes.
    package var isJSON: Bool

    package init(_ root: Root, path: [String] = [], fallback: String? = nil, isJSON: Bool = false) {
      self.root = root
      self.path = path
      self.fallback = fallback
      self.isJSON = isJSON
    }
  }

  package enum Part: Sendable, Equatable {
    /// As it stands in the file; never empty.
    case literal(String)
    case reference(Reference)
  }

  package var parts: [Part]

  package init(parts: [Part]) { self.parts = parts }
  /// A text without references.
  package init(literal: String) { parts = literal.isEmpty ? [] : [.literal(literal)] }

  /// The whole text where it refers to nothing.
  package var literal: String? {
    switch parts.count {
    case 0: ""
    case 1: if case .literal(let text) = parts[0] { text } else { nil }
    default: nil
    }
  }

  /// The reference that is alone in its text: in JSON it keeps the value's type.
  package var lone: Reference? {
    guard parts.count == 1, case .reference(let reference) = parts[0] else { return nil }
    return reference
  }
}

extension TemplateText: ExpressibleByStringLiteral {
  /// A text without references, whatever it holds.
  package init(stringLiteral text: String) { self.init(literal: text) }
}

/// JSON (or YAML) of the file with templates in its texts.
package indirect enum TemplateTree: Sendable, Equatable {
  case null
  case boolean(Bool)
  /// A JSON number, its digits as they stand in the file.
  case number(String)
  case text(TemplateText)
  case list([TemplateTree])
  /// In the file's order; names are literal and unique.
  case map([Member])

  package struct Member: Sendable, Equatable {
    package var name: String
    package var value: TemplateTree
    package init(_ name: String, _ value: TemplateTree) {
      self.name = name
      self.value = value
    }
  }
}

/// A jq program of the file that compiles.
package struct JQText: Sendable, Equatable {
  package var program: String
  package init(_ program: String) { self.program = program }
}
