import FanOut
import Testing

extension EndToEndTests {
  /// `crm` takes many records in one request, `erp` one in each.
  @Suite struct BatchTests {
    /// A request, and which records it holds.
    private struct Parcel {
      let numbers: [Int]
      let arrivedAt: Int
      let endedAt: Int
      let isAccepted: Bool

      init(_ exchange: Journal.Exchange) {
        numbers = exchange.request.numbers
        (arrivedAt, endedAt) = (exchange.request.arrivedAt, exchange.endedAt)
        isAccepted = exchange.isAccepted
      }
    }

    private func parcels(_ server: APIServer) -> [Parcel] { server.journal.read { $0.exchanges.map(Parcel.init) } }

    private func wait(for count: Int, at server: APIServer, _ program: Program) {
      let isThere = server.wait(seconds: Scale.patience(count)) { journal in
        Set(journal.exchanges.lazy.filter(\.isAccepted).flatMap(\.request.numbers)).count >= count
      }
      #expect(isThere, "\(program.lastWords)")
    }

    private func wishes(_ batch: String, _ more: [String] = []) -> Scene.Wishes {
      var wishes = Scene.Wishes()
      wishes.crm = ["batch: { \(batch) }"] + more
      return wishes
    }

    /// A record is sent when the one before it with its key is settled, not with it.
    private func expectKeyOrder(_ parcels: [Parcel], _ scene: Scene, count: Int) {
      var first = [Int](repeating: .max, count: count)
      var settled = [Int](repeating: 0, count: count)
      for parcel in parcels {
        for number in parcel.numbers {
          first[number] = min(first[number], parcel.arrivedAt)
          settled[number] = parcel.endedAt
        }
      }
      let keys = scene.payload.keyCount
      #expect((keys..<count).filter { first[$0] < settled[$0 - keys] } == [])
    }

    @Test func aBadRecordIsFoundAmongItsNeighbours() throws {
      let count = Scale.small
      let bad = Set((0..<count).filter { $0 % 200 == 7 })
      try Scene.play { scene in
        scene.crm.answer { request in
          request.numbers.contains(where: bad.contains) ? .status(400, body: "no such customer") : .accepted
        }
        try scene.publish(0..<count)
        let program = try scene.start(wishes("records: 40, wait: 20ms"))
        wait(for: count - bad.count, at: scene.crm, program)
        try scene.expectDelivery(of: count, to: [scene.erp], by: program)
        try scene.expectDeadLetters(bad.count)
        scene.stop(program)
        let parcels = parcels(scene.crm)
        let accepted = parcels.filter(\.isAccepted).flatMap(\.numbers)
        #expect(accepted.count == count - bad.count, "each once")
        #expect(Set(accepted) == Set(0..<count).subtracting(bad))
        #expect(parcels.map(\.numbers.count).max() ?? 0 > 1)
        #expect(parcels.allSatisfy { $0.numbers.count <= 40 })
        expectKeyOrder(parcels, scene, count: count)
        for exchange in scene.crm.journal.read({ $0.exchanges }) {
          #expect(exchange.request.header("content-type") == "application/x-ndjson")
          #expect(exchange.request.header("idempotency-key") != nil)
        }
        scene.deliveries(scene.erp, count: count).expectExactlyOnce()
        let letters = try scene.deadLetters()
        #expect(Set(letters.map { Payload.number(in: $0.value ?? [], from: 0) }) == bad)
        #expect(letters.allSatisfy { $0.header("topictee.dlq.reason") == "rejected" })
        try scene.expectCommittedToTheEnd()
        scene.report("batches", "\(count) records in \(parcels.count) requests, \(bad.count) bad ones among them")
      }
    }

    /// Some batches fail, or are cut off: what comes again comes in the order of the log, and nothing overtakes it.
    @Test func aPartitionInARowComesInOrderThroughFailures() throws {
      let count = 400
      try Scene.play(partitions: 1, keys: 10) { scene in
        scene.crm.answer { request in
          switch request.numbers.first.map({ $0 / 7 % 5 }) {
          case 2 where request.numbers.count > 3: .status(500)
          case 4 where request.numbers.count > 5: .reset
          default: .accepted
          }
        }
        try scene.publish(0..<count)
        let program = try scene.start(wishes("records: 16, wait: 20ms, format: json_array", ["order: partition"]))
        wait(for: count, at: scene.crm, program)
        try scene.expectDelivery(of: count, to: [scene.erp], by: program)
        scene.stop(program)
        let parcels = parcels(scene.crm)
        #expect(parcels.filter(\.isAccepted).flatMap(\.numbers) == Array(0..<count))
        for (before, after) in zip(parcels, parcels.dropFirst()) { #expect(before.endedAt < after.arrivedAt) }
        #expect(parcels.contains { !$0.isAccepted }, "something failed")
        #expect(try scene.deadLetters().isEmpty)
        try scene.expectCommittedToTheEnd()
      }
    }

    /// As Elasticsearch's bulk API: 200, and a status for each item.
    @Test func anAPIThatAnswersForEachIsTakenAtItsWord() throws {
      let count = 400
      let bad = Set((0..<count).filter { $0 % 100 == 42 })
      let busy = Watched(Set((0..<count).filter { $0 % 50 == 3 }))
      let stored = Watched<[Int]>([])
      try Scene.play { scene in
        scene.crm.answer { request in
          let items = request.numbers.map { number in
            let isBusy = busy.read { $0.contains(number) }
            busy.change { $0.remove(number) }
            let status = bad.contains(number) ? 400 : isBusy ? 429 : 201
            if status == 201 { stored.change { $0.append(number) } }
            return "{\"index\":{\"_id\":\"\(number)\",\"status\":\(status)}}"
          }
          return .response(
            200, headers: ["Content-Type: application/json"],
            body: "{\"errors\":true,\"items\":[\(items.joined(separator: ","))]}")
        }
        try scene.publish(0..<count)
        let batch = "records: 50, wait: 20ms, results: { path: items, status: index.status }"
        let program = try scene.start(wishes(batch))
        #expect(
          stored.wait(seconds: Scale.patience(count)) { $0.count >= count - bad.count }, "\(program.lastWords)")
        try scene.expectDelivery(of: count, to: [scene.erp], by: program)
        try scene.expectDeadLetters(bad.count)
        scene.stop(program)
        #expect(stored.read { $0.sorted() } == (0..<count).filter { !bad.contains($0) })
        let letters = try scene.deadLetters()
        #expect(Set(letters.map { Payload.number(in: $0.value ?? [], from: 0) }) == bad)
        #expect(letters.allSatisfy { $0.header("topictee.dlq.status") == "400" })
        #expect(letters.allSatisfy { $0.header("topictee.dlq.response")?.contains("\"status\":400") == true })
        try scene.expectCommittedToTheEnd()
      }
    }

    @Test func killedWithBatchesOnTheirWayItLosesNothing() throws {
      let count = Scale.small
      try Scene.play { scene in
        scene.crm.answer { $0.numbers.count > 12 ? .status(413) : .accepted(after: .milliseconds(10)) }
        try scene.publish(0..<count)
        var wishes = wishes("records: 64, bytes: 8KiB, wait: 20ms")
        if TestBroker.isReal { wishes.kafka = ["instance_id: only"] }
        wishes.sessionMilliseconds = 6_000
        let first = try scene.start(wishes)
        wait(for: count / 4, at: scene.crm, first)
        first.crash()
        #expect(first.waitForEnd() == .signal(9))
        let second = try scene.start(wishes)
        wait(for: count, at: scene.crm, second)
        try scene.expectDelivery(of: count, to: [scene.erp], by: second)
        scene.stop(second)
        let parcels = parcels(scene.crm)
        #expect(parcels.allSatisfy { $0.numbers.count * Payload.size <= 8_192 })
        #expect(parcels.contains { !$0.isAccepted && $0.numbers.count > 12 }, "a 413")
        #expect(try scene.deadLetters().isEmpty)
        try scene.expectCommittedToTheEnd()
        let duplicates = parcels.filter(\.isAccepted).reduce(0) { $0 + $1.numbers.count } - count
        scene.report("kill -9 with batches", "\(count) records, none lost, duplicates \(duplicates)")
      }
    }
  }
}

extension Request {
  /// Of the records in the body of a batch, whose items stand in lines or in an array.
  fileprivate var numbers: [Int] {
    let items =
      bytes.last == UInt8(ascii: "]") ? Array(bytes[(headLength + 1)...].dropLast()) : Array(bytes[headLength...])
    return stride(from: 0, to: items.count, by: Payload.size + 1).map { start in
      Payload.number(in: Array(items[start..<min(items.count, start + Payload.size)]), from: 0)
    }
  }
}
