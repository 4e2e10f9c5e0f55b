import Destinations
import FanOut
import HTTPWire
import Reactor
import Settings
import Telemetry

/// What a lane's bridge is made of.
struct LaneParts: Sendable {
  let index: Int
  let policy: EnginePolicy
  let destinations: [LaneDestination]
  let writer: TopicWriter
  let logger: Logger
  let notices: NoticeLog
  /// The newest, for all lanes; their number and order is the destinations'.
  let credentials: CredentialBoard
  let excerptBytes: Int
  /// The cluster's own id: part of every record's.
  let cluster: String
  /// What dead letters name to Kafka Connect's tools; nil where they are not asked to.
  let connector: String?
  let deadLetterTopic: String
  /// nil where no results rows are written.
  let rows: RowLayout?
  let results: ResultsSettings?
}

struct LaneDestination: Sendable {
  let settings: DestinationSettings
  var name: String { settings.name }
  let rules: ResponseRules
  let client: HTTPClientSettings
}

extension LaneParts {
  /// One lane's of so many.
  init(
    _ lane: Int, of lanes: Int, _ settings: BridgeSettings, _ writer: TopicWriter, _ logger: Logger,
    _ notices: NoticeLog, _ credentials: CredentialBoard, cluster: String
  ) {
    let excerpt = settings.deadLetters.responseExcerptBytes
    let destinations = settings.destinations.map { destination in
      var client = HTTPClientSettings()
      client.requestTimeout = Nanoseconds(destination.timeout).count
      client.connectTimeout = min(client.connectTimeout, client.requestTimeout)
      client.maxConnections = destination.concurrency(of: lanes).upperBound + 1
      client.allowPrivateAddresses = destination.allowPrivateAddresses
      client.keepBody = min(65_536, max(0, excerpt))
      let rules = ResponseRules(destination, excerptBytes: excerpt)
      if rules.readsBody {
        client.keepBody = ResponseRules.bodyBytesMax
        client.keepSuccessBody = true
        client.keepHead = !destination.response.isEmpty
      }
      if let batch = destination.batch, batch.results != nil {
        // An item of Elasticsearch's takes some 200 bytes, one with an error more.
        client.keepBody = min(client.maxBody, max(1 << 20, batch.records * 1_024))
        client.keepSuccessBody = true
      }
      if settings.results?.keep.contains(where: { $0.destination == destination.name && $0.body != nil }) == true {
        client.keepBody = max(client.keepBody, ResponseKeep.bodyBytesMax)
        client.keepSuccessBody = true
      }
      return LaneDestination(
        settings: destination, rules: rules, client: client)
    }
    self.init(
      index: lane, policy: EnginePolicy(settings, lanes: lanes), destinations: destinations, writer: writer,
      logger: logger, notices: notices, credentials: credentials, excerptBytes: excerpt, cluster: cluster,
      connector: settings.deadLetters.compat == .connect ? settings.kafka.group : nil,
      deadLetterTopic: settings.deadLetters.topic, rows: RowLayout(settings), results: settings.results)
  }
}
