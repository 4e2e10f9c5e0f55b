import Destinations
import FanOut
import HTTPWire
import Reactor
import Settings
import Telemetry

/// What a lane's bridge is made of.
struct LaneParts: Sendable {
  let index: Int
  /// As the brokers name their cluster; it is part of every record's id.
  let cluster: String
  let policy: EnginePolicy
  let destinations: [LaneDestination]
  let writer: DeadLetterWriter
  let logger: Logger
  let notices: NoticeLog
  let excerptBytes: Int
  /// What dead letters name to Kafka Connect's tools; nil where they are not asked to.
  let connector: String?
}

struct LaneDestination: Sendable {
  let name: String
  let renderer: RequestRenderer
  let rules: ResponseRules
  let route: OriginRoute
  let client: HTTPClientSettings
}

extension LaneParts {
  /// One lane's of so many.
  init(
    _ lane: Int, of lanes: Int, _ settings: BridgeSettings, cluster: String, _ writer: DeadLetterWriter,
    _ logger: Logger, _ notices: NoticeLog, _ routes: [OriginRoute]
  ) {
    let excerpt = settings.deadLetters.responseExcerptBytes
    let destinations = settings.destinations.enumerated().map { i, destination in
      var client = HTTPClientSettings()
      client.requestTimeout = Nanoseconds(destination.timeout).count
      client.connectTimeout = min(client.connectTimeout, client.requestTimeout)
      client.maxConnections = destination.concurrency(of: lanes).upperBound + 1
      client.allowPrivateAddresses = destination.allowPrivateAddresses
      client.keepBody = min(65_536, max(0, excerpt))
      return LaneDestination(
        name: destination.name, renderer: RequestRenderer(destination),
        rules: ResponseRules(destination, excerptBytes: excerpt),
        route: routes[i], client: client)
    }
    self.init(
      index: lane, cluster: cluster, policy: EnginePolicy(settings, lanes: lanes), destinations: destinations,
      writer: writer, logger: logger, notices: notices, excerptBytes: excerpt,
      connector: settings.deadLetters.compat == .connect ? settings.kafka.group : nil)
  }
}
