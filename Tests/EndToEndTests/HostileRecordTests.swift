import FanOut
import Kafka
import Testing

extension EndToEndTests {
  /// Records that are made to break something.
  @Suite struct HostileRecordTests {
    struct Hostile: Sendable {
      let name: String
      var key: [UInt8]? = [1]
      var value: [UInt8]? = Array("{}".utf8)
      var headers: [OutgoingHeader] = []
      /// `nil` where no request can be made of it.
      var contentType: String? = "application/json"
    }

    private static func header(_ name: String, _ value: String?) -> OutgoingHeader {
      OutgoingHeader(name: name, value: value.map { Array($0.utf8) })
    }

    private static let octets = "application/octet-stream"

    static let all: [Hostile] = [
      Hostile(name: "null key", key: nil),
      Hostile(name: "empty key", key: []),
      Hostile(name: "tombstone", value: nil, contentType: octets),
      Hostile(name: "nothing at all", key: nil, value: nil, contentType: octets),
      Hostile(name: "empty value", value: [], contentType: octets),
      Hostile(name: "900 KiB", value: (0..<900 * 1024).map { UInt8(truncatingIfNeeded: $0 / 7) }, contentType: octets),
      Hostile(name: "every byte", key: Array(0...255), value: Array((0...255).reversed()), contentType: octets),
      Hostile(
        name: "a request", value: Array("\r\n\r\nPOST /evil HTTP/1.1\r\nHost: evil\r\n\r\n".utf8), contentType: octets),
      Hostile(name: "depth", value: [UInt8](repeating: UInt8(ascii: "["), count: 200_000), contentType: octets),
      Hostile(name: "bad UTF-8", value: Array("\"".utf8) + [0xff, 0xfe] + Array("\"".utf8), contentType: octets),
      Hostile(
        name: "equal and empty headers",
        headers: [
          header("same", "1"), header("same", "2"), header("", "x"), header("", nil), header("empty", ""),
          header("null", nil), header("Host", "evil"), header("Content-Length", "99999"),
          header("Transfer-Encoding", "chunked"), header("x", "a\r\nX-Evil: 1"),
          OutgoingHeader(name: "bytes", value: [0, 255]),
        ]),
      Hostile(name: "many headers", headers: (0..<2_000).map { header("h\($0)", "v") }),
      Hostile(
        name: "its own type", headers: [header("Content-Type", "text/csv; x=\"1\"")], contentType: "text/csv; x=\"1\""),
      Hostile(
        name: "type twice", headers: [header("content-type", "a/b"), header("CONTENT-TYPE", "c/d")], contentType: "c/d"),
      Hostile(name: "null type", headers: [header("content-type", nil)]),
      Hostile(name: "empty type", headers: [header("content-type", "")]),
      Hostile(name: "type with CR LF", headers: [header("content-type", "a/b\r\nX-Evil: 1")], contentType: nil),
      Hostile(name: "type with LF", headers: [header("content-type", "a/b\nX-Evil: 1")], contentType: nil),
      Hostile(name: "type that is not ASCII", headers: [header("content-type", "a/é")], contentType: nil),
      Hostile(name: "type with NUL", headers: [header("content-type", "a/b\u{0}")], contentType: nil),
      Hostile(
        name: "letter of a letter",
        headers: [
          header("topictee.dlq.reason", "forged"), header("topictee.dlq.status", "200"), header("topictee.dlq.x", nil),
          header("topictee.dlq.record.x", "a"), header("topictee.dlqs", "b"),
        ]),
    ]

    private static func publish(_ scene: Scene) throws {
      let writer = try TopicWriter(scene.broker.address, scene.topic)
      for one in all { try writer.send(key: one.key, value: one.value, headers: one.headers) }
      try writer.finish()
    }

    /// `crm` refuses all and `erp` takes all: the dead-letter topic and the other API both have the same bytes.
    @Test func hostileRecordsArriveByteForByte() throws {
      try Scene.play(partitions: 1) { scene in
        scene.crm.answer { _ in .status(422) }
        try Self.publish(scene)
        let program = try scene.start()
        let sent = Self.all.filter { $0.contentType != nil }
        for server in [scene.crm, scene.erp] {
          #expect(server.wait(seconds: 60) { $0.exchanges.count >= sent.count }, "\(program.lastWords)")
        }
        try scene.expectDeadLetters(2 * Self.all.count - sent.count)
        scene.stop(program)
        try scene.expectCommittedToTheEnd()

        for server in [scene.crm, scene.erp] {
          // Order is kept within a key only: look each one up.
          var requests = server.journal.read { $0.exchanges.map(\.request) }
          #expect(requests.count == sent.count)
          for one in sent {
            let found = requests.firstIndex {
              $0.hasBody(one.value ?? []) && $0.header("content-type") == one.contentType
            }
            guard let found else {
              Issue.record("\(one.name) did not arrive")
              continue
            }
            let request = requests.remove(at: found)
            #expect(request.header("content-length") == "\(one.value?.count ?? 0)", "\(one.name)")
            #expect(!request.head.contains("evil") && !request.head.contains("Evil"), "\(one.name)")
            #expect(
              request.headers.count { $0.name == "content-length" || $0.name == "host" || $0.name == "content-type" }
                == 3)
          }
        }
        try Self.check(scene.deadLetters())
      }
    }

    private static let prefix = "topictee.dlq."

    /// What would pass for the letter's own header stands under another name.
    private static func moved(_ header: OutgoingHeader) -> OutgoingHeader {
      guard header.name.hasPrefix(prefix) else { return header }
      return OutgoingHeader(name: prefix + "record." + header.name.dropFirst(prefix.count), value: header.value)
    }

    private static func check(_ letters: [StoredRecord]) throws {
      let unsafeOnes = all.filter { $0.contentType == nil }
      #expect(letters.count == all.count + unsafeOnes.count)
      for (offset, one) in all.enumerated() {
        let own = letters.filter { $0.header("topictee.dlq.offset") == "\(offset)" }
        #expect(
          Set(own.compactMap { $0.header("topictee.dlq.destination") })
            == (one.contentType == nil ? ["crm", "erp"] : ["crm"]))
        for letter in own {
          #expect(letter.key == one.key && letter.value == one.value, "\(one.name)")
          #expect(
            letter.headers.prefix(one.headers.count).map { OutgoingHeader(name: $0.name, value: $0.value) }
              == one.headers.map(moved), "\(one.name)")
          // A client that takes the first of equal names and one that takes the last see the same.
          let own = letter.headers.map(\.name).filter { $0.hasPrefix(prefix) && !$0.hasPrefix(prefix + "record.") }
          #expect(Set(own).count == own.count, "\(one.name)")
          #expect(
            letter.header("topictee.dlq.reason") == (one.contentType == nil ? "unsafe" : "rejected"), "\(one.name)")
          #expect(letter.header("topictee.dlq.status") == (one.contentType == nil ? nil : "422"), "\(one.name)")
        }
      }
    }
  }
}
