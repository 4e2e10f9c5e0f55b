import FanOut
import Kafka
import Testing

extension EndToEndTests {
  @Suite struct DeliveryTests {
    @Test func everyRecordReachesBothAPIsOnceAndInOrder() throws {
      let count = Scale.bounded
      try Scene.play(keys: count >= 50_000 ? 1_000 : 100) { scene in
        let clock = ContinuousClock()
        let publishing = try clock.measure { try scene.publish(0..<count) }
        var program: Program?
        let delivering = try clock.measure {
          program = try scene.start()
          try scene.expectDelivery(of: count, by: program)
        }
        let stopping = try clock.measure { scene.stop(try #require(program)) }
        for server in [scene.crm, scene.erp] {
          let deliveries = scene.deliveries(server, count: count)
          deliveries.expectExactlyOnce()
          deliveries.expectKeyOrder()
          #expect(deliveries.journal.exchanges.count == count)
          #expect(deliveries.journal.exchanges.allSatisfy { $0.request.header("content-type") == "application/json" })
          #expect(deliveries.journal.exchanges.first?.request.method == "POST")
        }
        #expect(scene.crm.journal.read { $0.exchanges.first?.request.path } == "/crm")
        #expect(scene.erp.journal.read { $0.exchanges.first?.request.path } == "/erp")
        try scene.expectCommittedToTheEnd()
        #expect(try scene.deadLetters().isEmpty)
        scene.report(
          "delivery", "\(count) records: published in \(publishing), delivered in \(delivering), stopped in \(stopping)"
        )
      }
    }
  }
}
