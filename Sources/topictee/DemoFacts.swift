/// What the demo's picture shows, at one moment.
struct DemoFacts: Equatable {
  enum Stage: Equatable {
    case forming
    case publishing
    case settling
    case stopping
    case done
  }

  struct Destination: Equatable {
    var name: String
    var delivered = 0
    var inFlight = 0
    var retried = 0
    var deadLetters = 0
    var isDown = false
  }

  struct Partition: Equatable {
    var name: String
    /// The offset behind the last record.
    var end: Int64 = 0
    /// The lowest offset that is not settled.
    var watermark: Int64 = 0
    var committed: Int64 = 0
  }

  var broker = ""
  var stage = Stage.forming
  var elapsed = Duration.zero
  var rate = 0
  /// Of `planned`.
  var published = 0
  var planned = 0
  /// So many wait for the slower API that publishing waits too.
  var isHeldBack = false
  var outside = 0
  var destinations: [Destination] = []
  var partitions: [Partition] = []
  /// The last things that happened, oldest first.
  var events: [String] = []

  var records: Int { partitions.reduce(0) { $0 + Int($1.end) } }
  var settled: Int { partitions.reduce(0) { $0 + Int($1.watermark) } }
  var committed: Int { partitions.reduce(0) { $0 + Int($1.committed) } }

  /// Records that a destination neither accepted nor refused, and that are not on their way to it.
  func waiting(_ destination: Destination) -> Int {
    max(0, records - destination.delivered - destination.deadLetters - destination.inFlight)
  }

  var stageText: String {
    switch stage {
    case .forming: "the group is forming: Kafka gives its members 3 s to join"
    case .publishing where isHeldBack: "published \(published) of \(planned), waiting for the slower API"
    case .publishing: "publishing \(rate)/s, \(published) of \(planned)"
    case .settling: "all published; waiting until both APIs have everything"
    case .stopping: "finishing what was begun, committing, leaving the group"
    case .done: "done: \(published) published"
    }
  }
}
