/// What the table says of one key, without its type: the schema, the reference, environment variables and
/// `check --explain` are made from a tree of these.
package struct KeyDescription: Sendable {
  package var key: String
  /// For people: `a duration`.
  package var type: String
  package var summary: String
  package var example: String
  /// The first release that takes the key: `0.1`.
  package var since: String
  package var isRequired: Bool
  /// What holds without the key; `nil` where the key is required.
  package var standard: PlainValue?
  var shape: Shape
}

/// What a value of the file may look like.
indirect enum Shape: Sendable {
  /// A text; `pattern` is a regular expression that it matches.
  case text(pattern: String?)
  /// A text in a notation of its own, or a plain number in a range.
  case notation(pattern: String, numbers: ClosedRange<Int>?)
  case integer(ClosedRange<Int>)
  case boolean
  case choice([String])
  /// A word of a few, some of which YAML reads as numbers: `1.2`.
  case version([String])
  /// A JSON number in a range.
  case decimal(ClosedRange<Double>)
  /// Any text, number or boolean.
  case scalar
  /// Anything.
  case any
  /// A text or `{file: PATH}`.
  case path
  case secret
  case list(of: Shape)
  /// One or a list of them.
  case oneOrMore(Shape, mayBeEmpty: Bool)
  case keys([KeyDescription])
  case named(NamedEntries)
  case orNull(Shape)
  /// A text in the place of a map.
  case orText(pattern: String, Shape)
  /// A map with exactly one key of some.
  case oneOf([String], Shape)
}

/// A map whose keys the user chooses.
struct NamedEntries: Sendable {
  /// What each entry is: `destination`.
  var what: String
  /// A regular expression that names match.
  var pattern: String
  /// Names that are never taken.
  var refused: [String] = []
  var countMax: Int?
  /// What `_` in an environment variable stands for where the file has no such entry; `nil`: a variable makes none.
  var underscore: String?
  var item: Shape
}

extension Shape {
  /// The value that is there if it is not null.
  var unwrapped: Shape {
    switch self {
    case .orNull(let shape), .orText(_, let shape), .oneOf(_, let shape): shape.unwrapped
    default: self
    }
  }

  /// Whether one key of a map says what kind of thing it is.
  var isOfKinds: Bool {
    switch self {
    case .orNull(let shape), .orText(_, let shape): shape.isOfKinds
    case .oneOf: true
    default: false
    }
  }

  var isMap: Bool {
    switch unwrapped {
    case .keys, .named: true
    default: false
    }
  }
}
