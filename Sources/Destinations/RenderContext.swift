package import FanOut

/// Where the records of one assignment come from, made once for the assignment.
package final class RecordOrigin: Sendable {
  package let place: TopicPartition
  private let ids: RecordIDs

  /// - Parameter cluster: as the brokers name their cluster.
  package init(cluster: String, _ place: TopicPartition) {
    self.place = place
    ids = RecordIDs(cluster: cluster, topic: place.topic, partition: place.partition)
  }

  func id(of record: Record) -> RecordID { ids.id(ofOffset: record.offset) }
}

/// What a request depends on besides the record and the settings.
package struct RenderContext: Sendable {
  package var origin: RecordOrigin
  /// From 1.
  package var attempt: Int
  /// Since 1970.
  package var wallMilliseconds: Int64

  package init(origin: RecordOrigin, attempt: Int, wallMilliseconds: Int64) {
    self.origin = origin
    self.attempt = attempt
    self.wallMilliseconds = wallMilliseconds
  }
}
