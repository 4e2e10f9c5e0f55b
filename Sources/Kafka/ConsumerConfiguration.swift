package import FanOut

/// Where a group without an offset begins.
package enum StartAt: String, Sendable { case earliest, latest, fail }

package struct ConsumerConfiguration: Sendable {
  package let group: String
  package let instanceID: String?
  package let topics: [String]
  package let startAt: StartAt
  /// Brokers, TLS, SASL and what the user set.
  package let properties: [KafkaProperty]
  package let laneCount: Int
  /// How long a revocation is held for the lanes' answers; while it is, the whole group waits.
  package let releaseTimeout: Nanoseconds

  package init(
    group: String, instanceID: String? = nil, topics: [String], startAt: StartAt = .earliest,
    properties: [KafkaProperty], laneCount: Int, releaseTimeout: Nanoseconds = .seconds(5)
  ) {
    self.group = group
    self.instanceID = instanceID
    self.topics = topics
    self.startAt = startAt
    self.properties = properties
    self.laneCount = max(1, laneCount)
    self.releaseTimeout = releaseTimeout
  }

  private var names: Set<String> { Set(properties.map(\.name)) }

  var isCooperative: Bool {
    let strategy = properties.last { $0.name == "partition.assignment.strategy" }?.value
    return strategy.map { $0.contains("cooperative") } ?? LibraryVersion.hasSoundCooperativeSticky
  }

  /// All properties: ours where the user has none, then the user's, then those the guarantee rests on.
  var clientProperties: [KafkaProperty] {
    var defaults = [
      KafkaProperty("client.id", "topictee"),
      KafkaProperty(
        "partition.assignment.strategy",
        LibraryVersion.hasSoundCooperativeSticky ? "cooperative-sticky" : "range,roundrobin"),
      // When the prefetch is full the fetcher pauses: for a second before 2.2, so a second's traffic must fit.
      KafkaProperty("queued.min.messages", "100000"),
      KafkaProperty("queued.max.messages.kbytes", LibraryVersion.hasFetchBackoff ? "4096" : "8192"),
    ]
    if LibraryVersion.hasFetchBackoff { defaults.append(KafkaProperty("fetch.queue.backoff.ms", "5")) }
    let given = names
    var all = defaults.filter { !given.contains($0.name) } + properties
    all += [
      KafkaProperty("group.id", group),
      KafkaProperty("enable.auto.commit", "false"),
      KafkaProperty("enable.auto.offset.store", "false"),
      KafkaProperty("enable.partition.eof", "false"),
      KafkaProperty("auto.offset.reset", startAt == .fail ? "error" : startAt.rawValue),
    ]
    if let instanceID { all.append(KafkaProperty("group.instance.id", instanceID)) }
    return all
  }
}

/// One partition given to this process.
package struct Assignment: Sendable, Equatable {
  package let id: AssignmentID
  package let partition: TopicPartition
}

/// What a lane is told, in order, on the poll thread.
package enum ConsumerEvent: Sendable {
  case assigned(Assignment)
  case records([Record])
  /// To be answered by `KafkaConsumer.release`.
  case revoked(AssignmentID)
  case lost(AssignmentID)
  /// The offset as it was asked for.
  case committed(AssignmentID, offset: Int64, CommitResult)
}
