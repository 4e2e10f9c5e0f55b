import Bridging

/// What came of the demo, and whether everything held.
struct DemoSummary {
  struct API: Equatable {
    var name: String
    var requests = 0
    var accepted = 0
    var retries = 0
    var outOfOrder = 0

    init(name: String, _ book: APIBook) {
      self.name = name
      (requests, accepted, retries) = (book.requests, book.accepted, book.retries)
      outOfOrder = book.outOfOrder
    }
  }

  var elapsed: Duration
  /// Events that the embedded Kafka acknowledged, and those it did not.
  var published: Int
  var unpublished: Int
  /// Records that others published.
  var outside: Int
  var apis: [API]
  /// By destination and reason, as read back from the dead-letter topic.
  var reasons: [String: [String: Int]]
  var deadTopic: String
  /// Committed offset and end of each partition.
  var partitions: [DemoFacts.Partition]
  var audit: DemoAudit
  /// A signal or the end of the output cut the run short.
  var isCutShort: Bool
  /// Everything that was published is settled.
  var isSettled: Bool
  var ending: BridgeService.Ending

  /// What did not hold, in words; empty if all did.
  var failures: [String] {
    var lines: [String] = []
    for account in audit.accounts where account.lostCount > 0 {
      let names = account.lost.joined(separator: ", ") + (account.lostCount > account.lost.count ? ", ..." : "")
      lines.append(
        "lost: \(account.lostCount) committed, but neither at \(account.name) nor in \(deadTopic): \(names)")
    }
    for api in apis where api.outOfOrder > 0 {
      lines.append("order: \(api.outOfOrder) orders reached \(api.name) before an earlier one of their customer")
    }
    if unpublished > 0 { lines.append("not published: \(unpublished)") }
    if !isSettled && !isCutShort { lines.append("not settled in time: \(audit.uncommitted)") }
    return lines
  }

  /// The contract's: 0, 1 if something did not hold, or the bridge's own.
  var exitCode: Int32 {
    if case .fatal = ending { return ending.exitCode }
    return failures.isEmpty ? ending.exitCode : 1
  }

  var text: String {
    let tenths = Int(elapsed.inSeconds * 10)
    var lines = [
      "summary: \(published) events published, \(outside) from outside, in \(tenths / 10).\(tenths % 10) s",
      TextTable.row(
        ["API", "requests", "accepted", "retried", "dead letters", "duplicates", "lost"], Self.widths),
    ]
    for (api, account) in zip(apis, audit.accounts) {
      let letters = (reasons[api.name] ?? [:]).values.reduce(0, +)
      let counts = [api.requests, api.accepted, api.retries, letters, account.duplicates, account.lostCount]
      lines.append(TextTable.row([api.name] + counts.map { "\($0)" }, Self.widths))
    }
    lines.append("\(deadTopic), read back: \(lettersText)")
    let offsets = partitions.map { "\($0.committed) of \($0.end)" }.joined(separator: ", ")
    lines.append("committed, by partition: \(offsets)")
    if audit.uncommitted > 0 {
      lines.append("not settled, and left in Kafka above the committed offsets: \(audit.uncommitted)")
    }
    switch ending {
    case .done: break
    case .interrupted: lines.append("not all was drained in time")
    case .fatal(let error): lines.append("fatal: \(error)")
    }
    let names = apis.map(\.name).joined(separator: " and ")
    let isOnce = audit.accounts.allSatisfy { $0.duplicates == 0 }
    let held =
      "every committed record reached \(names)\(isOnce ? ", once," : "") or is in \(deadTopic);\n"
      + "each customer's orders came in order"
    return (lines + (failures.isEmpty ? [held] : failures)).joined(separator: "\n")
  }

  private var lettersText: String {
    let all = reasons.sorted { $0.key < $1.key }.flatMap { destination, reasons in
      reasons.sorted { $0.key < $1.key }.map { "\(destination) \($0.key) \($0.value)" }
    }
    return all.isEmpty ? "nothing" : all.joined(separator: ", ")
  }

  private static let widths = [-6, 10, 10, 9, 14, 12, 6]
}
