/// How to reach Kafka and as which member of which group.
package struct KafkaSettings: Sendable {
  /// `host:port`, at least one.
  package var brokers: [String] = []
  package var group = ""
  /// Static membership; `nil` for a dynamic member.
  package var instanceID: String?
  package var startAt = StartAt.earliest
  package var tls: TLSSettings?
  package var sasl: SASLSettings?
  /// Other librdkafka properties, in the file's order; none that would break the guarantee, none set elsewhere here.
  package var properties: [(name: String, value: String)] = []

  package init() {}
}

/// Where a group without an offset begins.
package enum StartAt: String, Sendable, CaseIterable { case earliest, latest, fail }

/// TLS to the brokers: paths of PEM files. `cert` and `key` come together or not at all.
package struct TLSSettings: Sendable, Equatable {
  /// `nil`: the system's own authorities.
  package var ca: String?
  package var cert: String?
  package var key: String?
  /// Whether the brokers' certificates are checked.
  package var verify = true
  package init() {}
}

/// How to log in at the brokers.
package struct SASLSettings: Sendable {
  package enum Mechanism: String, Sendable, CaseIterable {
    case plain = "PLAIN"
    case scramSHA256 = "SCRAM-SHA-256"
    case scramSHA512 = "SCRAM-SHA-512"
  }
  package var mechanism = Mechanism.plain
  package var username = ""
  package var password = Secret("")
  package init() {}
}
