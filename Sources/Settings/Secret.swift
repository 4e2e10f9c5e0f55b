/// A password, key or token. It cannot be printed, interpolated or dumped by accident: every way to a text gives
/// `<secret>`, and only `expose()` gives the value.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let value: String
  /// The file it was read from: it may change while the program runs. Nil where it came from elsewhere.
  package let path: String?

  package init(_ value: String, path: String? = nil) {
    self.value = value
    self.path = path
  }

  /// The value itself, for the one place that sends it.
  package func expose() -> String { value }

  package var description: String { "<secret>" }
  package var debugDescription: String { "<secret>" }
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
