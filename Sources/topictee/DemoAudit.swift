/// Compares what stands in the topics with what the APIs say they accepted.
///
/// A record below the committed offset must be at each API or among its dead letters: that is the promise. One above it
/// is still Kafka's and will be delivered by whoever reads on.
struct DemoAudit: Equatable {
  struct Account: Equatable {
    let name: String
    /// Places of records that are committed and nowhere: never more than `namesMax` are named.
    var lost: [String] = []
    var lostCount = 0
    /// Acceptances and letters beyond one for each record.
    var duplicates = 0
  }

  static let namesMax = 5

  private(set) var accounts: [Account] = []
  /// Records at or above the committed offsets.
  private(set) var uncommitted = 0

  init(_ topic: TopicBook, source: String, committed: [Int32: Int64], accepted: [(name: String, [BodyKey: Int])]) {
    for (name, bodies) in accepted {
      var left = bodies
      for (body, count) in topic.letters[name] ?? [:] { left[body, default: 0] += count }
      var account = Account(name: name)
      for (partition, entries) in topic.records.sorted(by: { $0.key < $1.key }) {
        let end = committed[partition] ?? 0
        for entry in entries {
          if let count = left[entry.body] {
            left[entry.body] = count == 1 ? nil : count - 1
          } else if entry.offset < end {
            account.lostCount += 1
            if account.lost.count < Self.namesMax { account.lost.append("\(source)[\(partition)]@\(entry.offset)") }
          }
        }
      }
      account.duplicates = left.values.reduce(0, +)
      accounts.append(account)
    }
    for (partition, entries) in topic.records {
      uncommitted += entries.count { $0.offset >= committed[partition] ?? 0 }
    }
  }

  var lostCount: Int { accounts.reduce(0) { $0 + $1.lostCount } }
}
