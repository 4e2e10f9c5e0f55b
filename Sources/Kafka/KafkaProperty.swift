/// One librdkafka property as the user gave it.
package struct KafkaProperty: Sendable, Equatable, CustomStringConvertible {
  package let name: String
  package let value: String
  /// The value is a password or a key: it is never shown.
  package let isSecret: Bool

  package init(name: String, value: String, isSecret: Bool = false) {
    self.name = name
    self.value = value
    self.isSecret = isSecret
  }

  package var description: String { isSecret ? "\(name)=***" : "\(name)=\(value)" }
}
