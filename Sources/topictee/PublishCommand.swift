import Bridging
import FanOut
import Kafka
import Settings
import Synchronization

/// `topictee publish`: every line of a file or of standard input is one record.
enum PublishCommand {
  static func run(brokers: [String], properties: [KafkaProperty], topic: String, key: String?, file: String?) -> Int32 {
    guard let lines = Terminal.Lines(path: file) else {
      Terminal.complain("topictee publish: cannot read \(file ?? "standard input")")
      return 64
    }
    let failures = Mutex<[KafkaError]>([])
    let acknowledged = Atomic<Int>(0)
    do throws(KafkaError) {
      _ = try KafkaAdmin.partitionCounts(of: [topic], brokers: brokers, properties: properties, timeout: .seconds(10))
      let producer = try KafkaProducer(
        ProducerConfiguration(brokers: brokers, properties: properties), notice: { _ in })
      let sink = producer.addSink { reports in
        for report in reports {
          if let error = report.error {
            failures.withLock { $0.append(error) }
          } else {
            acknowledged.add(1, ordering: .relaxed)
          }
        }
      }
      while let line = lines.next() {
        guard !line.isEmpty else { continue }
        // A full queue empties by itself: the broker is slower than the file.
        while let error = producer.send(
          topic: topic, key: key.map { Array($0.utf8) }, value: line, headers: [], sink: sink, token: 0)
        {
          guard error.isQueueFull else { throw error }
          _ = producer.flush(timeout: .milliseconds(100))
        }
      }
      producer.close(timeout: .seconds(30))
    } catch {
      Terminal.complain("topictee publish: \(error)")
      return 69
    }
    let count = acknowledged.load(ordering: .relaxed)
    let errors = failures.withLock { $0 }
    Terminal.print("published \(count) record\(count == 1 ? "" : "s") to \(topic)")
    if let failure = lines.failure {
      Terminal.complain("topictee publish: \(file ?? "standard input") could not be read to its end: \(failure)")
      return 1
    }
    guard let first = errors.first else { return 0 }
    Terminal.complain("topictee publish: \(errors.count) not written: \(first)")
    return 1
  }
}
