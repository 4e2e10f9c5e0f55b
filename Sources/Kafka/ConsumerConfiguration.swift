package import FanOut

/// Where a group begins that has no offset for a partition.
package enum StartAt: Sendable { case earliest, latest, fail }

/// What a consumer is made of.
package struct ConsumerConfiguration: Sendable {
  package var brokers: [String]
  package var group: String
  /// Static membership: a member that comes back under its id has its partitions again at once.
  package var instanceID: String?
  package var topics: [String]
  package var startAt: StartAt
  /// The user's librdkafka properties, over the room's defaults.
  package var properties: [KafkaProperty]
  /// How many lanes share the partitions; at least 1.
  package var laneCount: Int
  /// How long a revocation is held for the lanes' `release`.
  package var releaseTimeout: Nanoseconds

  package init(
    brokers: [String], group: String, instanceID: String? = nil, topics: [String], startAt: StartAt = .earliest,
    properties: [KafkaProperty] = [], laneCount: Int = 1, releaseTimeout: Nanoseconds = .seconds(5)
  ) {
    self.brokers = brokers
    self.group = group
    self.instanceID = instanceID
    self.topics = topics
    self.startAt = startAt
    self.properties = properties
    self.laneCount = laneCount
    self.releaseTimeout = releaseTimeout
  }
}

/// A partition that this process has to itself until it is revoked or lost.
package struct Assignment: Sendable, Equatable {
  package let id: AssignmentID
  package let partition: TopicPartition
  /// What the group had committed when the partition came; `nil` when it has none or could not be asked.
  package let committed: CommittedPosition?

  package init(id: AssignmentID, partition: TopicPartition, committed: CommittedPosition? = nil) {
    self.id = id
    self.partition = partition
    self.committed = committed
  }
}

/// What a lane is told, in order. Called on the poll thread in batches.
package enum ConsumerEvent: Sendable {
  case assigned(Assignment)
  case records([Record])
  /// Start nothing new, finish, commit, then `release`.
  case revoked(AssignmentID)
  /// Gone without notice: forget it at once, commit nothing.
  case lost(AssignmentID)
  /// `offset` as it was asked for.
  case committed(AssignmentID, offset: Int64, CommitResult)
}

/// What happened to the assignment as a whole.
package enum RebalanceKind: Sendable, Equatable { case assigned, revoked, lost }

/// What concerns the client as a whole. Called on the client's own thread.
package enum ConsumerNotice: Sendable {
  /// The client is unusable: close it.
  case fatal(KafkaError)
  /// The library goes on by itself.
  case warning(KafkaError)
  /// `level` as in syslog: 0 emergency to 7 debug.
  case log(level: Int, facility: String, text: String)
  /// `partitions` came or went.
  case assignment(partitions: Int, kind: RebalanceKind)
  /// The end. Not `clean`: the deadline passed and the handle was abandoned.
  case closed(clean: Bool)
}
