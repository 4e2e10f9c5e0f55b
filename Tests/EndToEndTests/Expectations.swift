import Testing

/// How deliveries to one API came out, for the records `0..<count`.
struct Deliveries {
  let server: APIServer
  let payload: Payload
  let count: Int
  let journal: Journal

  init(_ server: APIServer, _ payload: Payload, count: Int) {
    (self.server, self.payload, self.count) = (server, payload, count)
    journal = server.journal.read { $0 }
  }

  /// Records that were never accepted.
  var missing: [Int] { (0..<count).filter { journal.acceptedCount($0) == 0 } }
  /// Acceptances beyond the first of each record.
  var duplicates: Int { journal.accepted - journal.distinct }

  /// Every record was accepted, but for `except`, which never were; every request's body was the record's value.
  func expectComplete(except: Set<Int> = [], sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(missing == except.sorted(), sourceLocation: sourceLocation)
    guard journal.checks == nil else {
      #expect(journal.misfits == 0, sourceLocation: sourceLocation)
      return #expect(journal.exchanges.allSatisfy { $0.request.number < count }, sourceLocation: sourceLocation)
    }
    let wrong = journal.exchanges.filter { exchange in
      let number = exchange.request.number
      return number < 0 || number >= count || !exchange.request.hasBody(payload.value(number))
    }
    #expect(
      wrong.isEmpty, "\(wrong.count) bodies, such as \(wrong.first?.request.head ?? "")", sourceLocation: sourceLocation
    )
  }

  func expectExactlyOnce(except: Set<Int> = [], sourceLocation: SourceLocation = #_sourceLocation) {
    expectComplete(except: except, sourceLocation: sourceLocation)
    #expect(duplicates == 0, sourceLocation: sourceLocation)
  }

  /// No request was made for a record before the one before it with the same key was accepted, or had its last answer.
  /// Holds over crashes and rebalances too, for what is delivered again was accepted before.
  func expectKeyOrder(sourceLocation: SourceLocation = #_sourceLocation) {
    var first = [Int](repeating: Int.max, count: count)
    var last = [Int](repeating: 0, count: count)
    var accepted = [Int](repeating: Int.max, count: count)
    for exchange in journal.exchanges where (0..<count).contains(exchange.request.number) {
      let number = exchange.request.number
      first[number] = min(first[number], exchange.request.arrivedAt)
      last[number] = max(last[number], exchange.endedAt)
      if exchange.isAccepted { accepted[number] = min(accepted[number], exchange.endedAt) }
    }
    let settled = (0..<count).map { accepted[$0] == Int.max ? last[$0] : accepted[$0] }
    let early = (payload.keyCount..<max(payload.keyCount, count)).filter { first[$0] < settled[$0 - payload.keyCount] }
    #expect(early.isEmpty, "sent before their time: \(early.prefix(10))", sourceLocation: sourceLocation)
  }
}

extension Scene {
  func deliveries(_ server: APIServer, count: Int) -> Deliveries { Deliveries(server, payload, count: count) }

  /// Figures of a long run, for whoever reads the test's output.
  func report(_ name: String, _ text: String) { print("e2e: \(name): \(text)") }
}
