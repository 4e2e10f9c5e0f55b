import FanOut
import Kafka
package import Settings

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// One thing that `check --connect` tried.
package struct ConnectionFinding: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case broker, topic, group, destination
    /// Of the destination that is named.
    case tokenServer = "token_server"
  }
  package enum Verdict: String, Sendable {
    case good, unreachable
    /// What the file asks for cannot be had.
    case badSettings = "bad_settings"
  }
  package var kind: Kind
  package var name: String
  package var target: String
  package var verdict: Verdict
  /// What was seen, or why not.
  package var detail: String
}

/// Tries what a config leads to, without reading or sending an event.
package enum ConnectionCheck {
  private static let patience = Nanoseconds.seconds(10)
  /// For brokers that refuse every connection; some are just starting.
  private static let patienceWithRefusals = Nanoseconds.seconds(3)

  /// Blocks for up to about half a minute.
  /// - Parameters:
  ///   - environment: of the process, for what it says of proxies.
  ///   - tell: hears of each finding as soon as it is there.
  package static func run(
    _ settings: BridgeSettings, environment: [String: String] = [:], tell: (ConnectionFinding) -> Void = { _ in }
  ) -> [ConnectionFinding] {
    let ofKafka = kafka(settings, tell)
    let others = DestinationProbes.run(settings.destinations, environment: environment)
    others.forEach(tell)
    return ofKafka + others
  }

  private static func kafka(_ settings: BridgeSettings, _ tell: (ConnectionFinding) -> Void) -> [ConnectionFinding] {
    let kafka = settings.kafka
    let target = kafka.brokers.joined(separator: ", ")
    func finding(
      _ kind: ConnectionFinding.Kind, _ name: String, _ question: () throws(KafkaError) -> String
    ) -> ConnectionFinding {
      var found = ConnectionFinding(kind: kind, name: name, target: target, verdict: .good, detail: "")
      do throws(KafkaError) {
        found.detail = try question()
      } catch {
        found.verdict = error.isRefusedProperty ? .badSettings : .unreachable
        found.detail = "\(error)"
      }
      tell(found)
      return found
    }
    let broker = finding(.broker, "kafka") { () throws(KafkaError) in
      let id = try KafkaAdmin.clusterID(
        brokers: kafka.brokers, properties: kafka.producerProperties, timeout: patience,
        patience: patienceWithRefusals)
      return "cluster \(id)"
    }
    // Whoever does not answer would be waited for again, for every topic.
    guard broker.verdict == .good else { return [broker] }
    var partitions: [TopicPartition] = []
    let sources = settings.topics.map { topic in
      finding(.topic, topic) { () throws(KafkaError) in
        let count = try partitionCount(of: topic, kafka)
        partitions += (0..<count).map { TopicPartition(topic: topic, partition: Int32($0)) }
        try KafkaAdmin.proveReadable(
          topic: topic, group: kafka.group, brokers: kafka.brokers, properties: kafka.consumerProperties,
          timeout: patience)
        return "\(count) partition\(count == 1 ? "" : "s"), readable"
      }
    }
    let targets = settings.writtenTopics.map { topic in
      finding(.topic, topic) { () throws(KafkaError) in
        let count = try partitionCount(of: topic, kafka)
        let words = "\(count) partition\(count == 1 ? "" : "s"), "
        switch try KafkaAdmin.proveWritable(
          topic: topic, brokers: kafka.brokers, properties: kafka.producerProperties, timeout: patience)
        {
        case .writable: return words + "writable"
        case .unproven(let why): return words + "not proven to be writable: \(why)"
        }
      }
    }
    let group = finding(.group, kafka.group) { () throws(KafkaError) in
      guard !partitions.isEmpty else { return "not asked: no topic" }
      let known = try KafkaAdmin.committedPositions(
        group: kafka.group, partitions: partitions, brokers: kafka.brokers, properties: kafka.consumerProperties,
        timeout: patience)
      return "has an offset in \(known.count) of \(partitions.count) partition\(partitions.count == 1 ? "" : "s")"
    }
    return [broker] + sources + targets + [group]
  }

  private static func partitionCount(of topic: String, _ kafka: KafkaSettings) throws(KafkaError) -> Int {
    let counts = try KafkaAdmin.partitionCounts(
      of: [topic], brokers: kafka.brokers, properties: kafka.producerProperties, timeout: patience)
    return counts[topic] ?? 0
  }
}

/// The time of day.
enum WallClock {
  static var seconds: Int64 { Int64(time(nil)) }
}
