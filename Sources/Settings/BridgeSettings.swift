/// A checked config file: everything the bridge needs to know, with the defaults filled in.
///
/// Only `SettingsLoader` (and tests) make one; what it holds has passed every rule of the table of fields.
package struct BridgeSettings: Sendable {
  package var kafka = KafkaSettings()
  /// The source topics: at least one, no two equal.
  package var topics: [String] = []
  package var order = Order.key
  package var limits = Limits()
  package var commitEvery = Duration.milliseconds(250)
  /// How long a stop waits for what is in flight.
  package var drain = Duration.seconds(25)
  /// In the file's order; names are unique.
  package var destinations: [DestinationSettings] = []
  package var deadLetters = DeadLetterSettings()
  package var results: ResultsSettings?
  package var admin: AdminSettings?
  package var log = LogSettings()

  package init() {}

  package var writtenTopics: [String] { [deadLetters.topic] + (results.map { [$0.topic] } ?? []) }
}

/// In what order the first attempts of records happen, per destination.
package enum Order: String, Sendable, CaseIterable {
  case key, partition
  case unordered = "none"
}

/// What may be in flight in the whole process, over all lanes.
package struct Limits: Sendable, Equatable {
  package var inFlightRecords = 10_000
  package var inFlightBytes = 64 * 1024 * 1024
  package init() {}
}

/// Where refused and exhausted records go.
package struct DeadLetterSettings: Sendable, Equatable {
  /// Whose headers a dead letter has besides its own.
  package enum Compat: String, Sendable, CaseIterable {
    case own = "none"
    case connect
  }
  package var topic = ""
  package var compat = Compat.own
  /// Bytes of the response that a dead letter carries; 0 keeps response bodies out.
  package var responseExcerptBytes = 1024
  package init() {}
}

/// Log lines on standard error.
package struct LogSettings: Sendable, Equatable {
  package enum Level: String, Sendable, CaseIterable { case debug, info, warning, error }
  /// `auto` is readable on a terminal, else JSON lines.
  package enum Format: String, Sendable, CaseIterable { case auto, text, json }
  package var level = Level.info
  package var format = Format.auto
  package init() {}
}
