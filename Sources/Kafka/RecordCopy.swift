/// How much of a record goes into a copy of it.
package struct RecordParts: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let key = RecordParts(rawValue: 1)
  package static let value = RecordParts(rawValue: 2)
  package static let headers = RecordParts(rawValue: 4)
  package static let all: RecordParts = [.key, .value, .headers]
}

/// Names that the copier writes itself: an original's header of such a name is moved, that nobody takes it for one of them.
package struct ReservedNames: Sendable {
  /// What those names begin with.
  package let prefix: [UInt8]
  /// What stands in its place before the original's.
  package let replacement: [UInt8]

  /// - Parameter mark: comes behind the prefix, so that taking it out once gives the original's name back.
  package init(prefix: String, mark: String) {
    self.prefix = Array(prefix.utf8)
    replacement = Array((prefix + mark).utf8)
  }

  /// nil for a name that is nobody's.
  func moved(_ name: UnsafeRawBufferPointer) -> [UInt8]? {
    guard unsafe name.starts(with: prefix) else { return nil }
    return unsafe replacement + name.dropFirst(prefix.count)
  }
}
