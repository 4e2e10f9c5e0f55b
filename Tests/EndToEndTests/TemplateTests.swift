import FanOut
import Foundation
import Kafka
import Testing

extension EndToEndTests {
  /// Each API gets its own shape of each record.
  @Suite struct TemplateTests {
    static let hostile: [(value: [UInt8]?, fails: [String])] = [
      (Array("{\"n\": ".utf8), ["crm", "erp"]), (Array("{}".utf8), ["crm", "erp"]), (nil, ["crm", "erp"]),
      (Array("{\"n\":null}".utf8), ["crm"]), (Array("{\"n\":\"..\"}".utf8), ["crm"]),
      (Array("{\"n\":[]}".utf8), ["crm"]),
    ]

    private static func config(_ scene: Scene) -> String {
      let crm = scene.crm.url("/crm")
      let erp = scene.erp.url("/erp") + "\n"
      return scene.config(
        .init(crm: ["method: PUT", "headers: { X-Region: '${headers.region | default(\"none\")}' }"])
      )
      .replacing(crm, with: scene.crm.url("/v2/orders/${value.n}?key=${key}&at=${partition}.${offset}"))
      .replacing(
        erp,
        with: erp
          + "    body: { json: { number: '${value.n}', text: 'n=${value.n | json}', id: '${id}', whole: '${value}' } }\n"
      )
    }

    @Test func twoShapesOfEachRecord() throws {
      let count = 300
      try Scene.play { scene in
        try scene.publish(0..<count) { [OutgoingHeader(name: "region", value: Array("eu \($0)".utf8))] }
        let writer = try TopicWriter(scene.broker.address, scene.topic)
        for one in Self.hostile { try writer.send(key: Array("bad".utf8), value: one.value) }
        try writer.finish()
        let program = try scene.run(Self.config(scene))
        let failures = Self.hostile.reduce(0) { $0 + $1.fails.count }
        try scene.expectDeadLetters(failures)
        try scene.expectDelivery(of: count, to: [scene.crm], by: program)
        #expect(scene.erp.wait(seconds: 60) { $0.accepted >= count + 3 }, "\(program.lastWords)")
        scene.stop(program)
        try scene.expectCommittedToTheEnd()

        var ids: [Int: String] = [:]
        for request in scene.crm.journal.read({ $0.exchanges.map(\.request) }) {
          let n = Self.digits(request.number)
          #expect(request.method == "PUT" && request.path.hasPrefix("/v2/orders/\(n)?key=key-"), "\(request.path)")
          #expect(request.header("x-region") == "eu \(request.number)")
          #expect(request.hasBody(scene.payload.value(request.number)))
          ids[request.number] = request.header("idempotency-key")
        }
        #expect(ids.count == count && Set(ids.values).count == count)
        let requests = scene.erp.journal.read { $0.exchanges.map(\.request) }
        let bodies = Set(requests.map { String(decoding: $0.body, as: UTF8.self) })
        for number in 0..<count {
          let value = String(decoding: scene.payload.value(number), as: UTF8.self)
          let n = Self.digits(number)
          #expect(
            bodies.contains(
              "{\"number\":\"\(n)\",\"text\":\"n=\\\"\(n)\\\"\",\"id\":\"\(ids[number] ?? "")\",\"whole\":\(value)}"))
        }
        #expect(requests.count == count + 3 && requests.allSatisfy { $0.header("content-type") == "application/json" })
        #expect(bodies.contains { $0.hasPrefix("{\"number\":null,\"text\":\"n=null\",") })
        try Self.check(scene.deadLetters())
      }
    }

    private static func digits(_ number: Int) -> String {
      String(repeating: "0", count: 8 - "\(number)".count) + "\(number)"
    }

    private static func check(_ letters: [StoredRecord]) throws {
      #expect(letters.count == hostile.reduce(0) { $0 + $1.fails.count })
      for (value, fails) in hostile {
        let own = letters.filter { $0.value == value }
        #expect(own.compactMap { $0.header("topictee.dlq.destination") }.sorted() == fails)
        for letter in own {
          #expect(letter.header("topictee.dlq.reason") == "template" && letter.header("topictee.dlq.attempts") == "0")
          #expect(letter.header("topictee.dlq.error")?.contains("${value.n}") == true)
        }
      }
    }
  }
}
