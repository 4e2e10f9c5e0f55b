import Testing

@testable import HTTPWire

/// A server that breaks the rules.
@Suite struct HTTP2HostileTests {
  private static func bad(_ list: [(String, String)], ends: Bool = true) -> [UInt8] {
    Frame.headers(1, list, ends: ends)
  }

  /// What ends the one exchange as malformed, and may leave the connection to others.
  static let badResponses: [(what: String, bytes: [UInt8])] = [
    ("no status", bad([("content-type", "a/b")])),
    ("a status of letters", bad([(":status", "2xx")])),
    ("a short status", bad([(":status", "20")])),
    ("a status of 600", bad([(":status", "600")])),
    ("a status of 099", bad([(":status", "099")])),
    ("switching protocols", bad([(":status", "101")])),
    ("two statuses", bad([(":status", "200"), (":status", "404")])),
    ("a status behind a field", bad([("a", "b"), (":status", "200")])),
    ("an unknown pseudo-field", bad([(":status", "200"), (":state", "1")])),
    ("a request's pseudo-field", bad([(":status", "200"), (":path", "/")])),
    ("a field in upper case", bad([(":status", "200"), ("Server", "x")])),
    ("a field of the connection", bad([(":status", "200"), ("connection", "close")])),
    ("transfer-encoding", bad([(":status", "200"), ("transfer-encoding", "chunked")])),
    ("two lengths", bad([(":status", "200"), ("content-length", "0"), ("content-length", "1")])),
    ("a length that is none", bad([(":status", "200"), ("content-length", "x")])),
    ("a length without its body", bad([(":status", "200"), ("content-length", "9")])),
    (
      "a body longer than its length",
      bad([(":status", "200"), ("content-length", "1")], ends: false) + Frame.data(1, [1, 2])
    ),
    (
      "a body shorter than its length",
      bad([(":status", "200"), ("content-length", "3")], ends: false) + Frame.data(1, [1, 2])
    ),
    ("a body of 204", bad([(":status", "204")], ends: false) + Frame.data(1, [1])),
    ("an interim end", bad([(":status", "103")], ends: true)),
    (
      "a head too long",
      bad([(":status", "200")] + (0..<20).map { ("x\($0)", String(repeating: "y", count: 800)) })
        + Frame.raw(0, 1, 1, [])
    ),
  ]

  @Test(arguments: badResponses.indices) func aBadResponseIsMalformed(_ row: Int) throws {
    let (what, bytes) = Self.badResponses[row]
    let bench = try HTTP2Bench(ResponseLimits(headBytesMax: 16_384))
    bench.receive(Frame.noSettings)
    bench.submit()
    bench.submit()
    bench.send()
    bench.receive(bytes)
    bench.send()
    guard case .malformed? = bench.results[0] else {
      Issue.record("\(what): \(String(describing: bench.results[0]))")
      return
    }
    // The neighbour has its own answer, if the connection goes on.
    if !bench.session.isOver {
      bench.receive(Frame.status(200, 3))
      #expect(bench.results[1] == .response(HTTPResponse(status: 200)), "\(what)")
    }
  }

  @Test func manyInterimHeadsAreTooMuch() throws {
    let bench = try HTTP2Bench(ResponseLimits(headBytesMax: 1_024))
    bench.submit()
    bench.receive(Frame.noSettings)
    bench.send()
    for _ in 0..<100 { bench.receive(Frame.status(103, ends: false)) }
    bench.send()
    #expect(bench.results == [0: .malformed("the head is longer than 64 KiB")])
  }

  /// What ends the connection.
  static let badConnections: [(what: String, bytes: [UInt8])] = [
    ("HTTP/1.1", Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".utf8)),
    ("zeros", [UInt8](repeating: 0, count: 64)),
    ("ones", [UInt8](repeating: 255, count: 64)),
    ("no settings first", Frame.ping()),
    ("settings of a stream", Frame.raw(4, 0, 1, [])),
    ("settings of a bad length", Frame.raw(4, 0, 0, [0, 1, 2])),
    ("an acknowledgement with settings", Frame.noSettings + Frame.raw(4, 1, 0, [0, 3, 0, 0, 0, 1])),
    ("a window of 2^31", Frame.settings((4, 1 << 31))),
    ("frames of 1 byte", Frame.settings((5, 1))),
    (
      "a push that we refused",
      Frame.noSettings + Frame.raw(4, 1, 0, []) + Frame.raw(5, 4, 1, Frame.word(2) + Frame.fields([(":method", "GET")]))
    ),
    ("a frame that is too long", Frame.noSettings + Frame.raw(0, 0, 1, [UInt8](repeating: 0, count: 20_000))),
    ("data of no stream", Frame.noSettings + Frame.raw(0, 0, 0, [1])),
    ("data of an idle stream", Frame.noSettings + Frame.data(99, [1])),
    ("data of an even stream", Frame.noSettings + Frame.data(2, [1])),
    ("a head of an idle stream", Frame.noSettings + Frame.status(200, 99)),
    ("a reset of an idle stream", Frame.noSettings + Frame.reset(99, 8)),
    ("padding longer than the frame", Frame.noSettings + Frame.raw(0, 8, 1, [9, 1])),
    ("a window that does not grow", Frame.noSettings + Frame.raw(8, 0, 0, Frame.word(0))),
    ("a window that overflows", Frame.noSettings + Frame.raw(8, 0, 0, Frame.word(0x7fff_ffff))),
    ("a ping of 7 bytes", Frame.noSettings + Frame.raw(6, 0, 0, [UInt8](repeating: 0, count: 7))),
    ("a continuation of nothing", Frame.noSettings + Frame.raw(9, 4, 1, Frame.fields([(":status", "200")]))),
    ("a head cut by data", Frame.noSettings + Frame.raw(1, 0, 1, []) + Frame.data(1, [1])),
    ("a bad index", Frame.noSettings + Frame.raw(1, 4, 1, [0xff, 0xff, 0xff, 0x7f])),
    ("an integer without end", Frame.noSettings + Frame.raw(1, 4, 1, [0xff] + [UInt8](repeating: 0xff, count: 20))),
    ("bad Huffman", Frame.noSettings + Frame.raw(1, 4, 1, [0, 0x84, 0xff, 0xff, 0xff, 0xff, 0])),
    ("a table of 1 GiB", Frame.noSettings + Frame.raw(1, 4, 1, [0x3f, 0xe1, 0xff, 0xff, 0xff, 3])),
    ("a flood of pings", Frame.noSettings + Array([[UInt8]](repeating: Frame.ping(), count: 1_100).joined())),
    ("a flood of settings", Array([[UInt8]](repeating: Frame.noSettings, count: 1_100).joined())),
  ]

  @Test(arguments: badConnections.indices) func aServerThatBreaksTheRulesIsNotSpokenTo(_ row: Int) throws {
    let (what, bytes) = Self.badConnections[row]
    let bench = try HTTP2Bench()
    bench.submit()
    bench.send()
    bench.receive(bytes)
    bench.send()
    #expect(bench.session.isOver && bench.session.room == 0, "\(what)")
    bench.end()
    guard case .malformed(let message)? = bench.results[0] else {
      Issue.record("\(what): \(String(describing: bench.results[0]))")
      return
    }
    #expect(message.hasPrefix("HTTP/2: "), "\(what): \(message)")
  }

  /// However a conversation is garbled: nothing traps, each exchange ends once, and not before it began.
  @Test func mutantsNeverTrap() throws {
    var random = SplitMix(state: 0x6832_7465)
    let good: [[UInt8]] = [
      Frame.limit(3),
      Frame.headers(1, [(":status", "200"), ("content-type", "a/b"), ("retry-after", "1")], ends: false),
      Frame.data(1, [UInt8](repeating: 9, count: 40)), Frame.status(103, 3, ends: false), Frame.status(404, 3),
      Frame.ping(), Frame.raw(8, 0, 5, Frame.word(1_000)), Frame.settings((4, 10), (3, 1)), Frame.reset(5, 7),
      Frame.goAway(last: 5), Frame.status(200, 7),
    ]
    for round in 0..<4_000 {
      let bench = try HTTP2Bench(ResponseLimits(headBytesMax: 2_000, bodyBytesMax: 100, keepsSuccess: true))
      var count = 0
      var wire: [UInt8] = []
      for part in good where random.next() % 8 > 0 { wire += part }
      for _ in 0..<(random.next() % 6) where !wire.isEmpty {
        let at = Int(random.next() % UInt64(wire.count))
        switch random.next() % 4 {
        case 0: wire[at] = UInt8(truncatingIfNeeded: random.next())
        case 1: wire[at] ^= 1 << UInt8(random.next() % 8)
        case 2: wire.remove(at: at)
        default: wire.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
        }
      }
      while !wire.isEmpty {
        if bench.session.room > 0, count < 6 {
          bench.submit(body: [UInt8](repeating: 1, count: Int(random.next() % 300)))
          count += 1
        }
        if random.next() % 2 == 0 { bench.send() }
        if random.next() % 20 == 0 { bench.session.cancel { $0.tag.low == 1 } }
        let taken = min(wire.count, 1 + Int(random.next() % 40))
        bench.receive(Array(wire[..<taken]))
        wire.removeFirst(taken)
      }
      bench.send()
      bench.end()
      let missing = (0..<UInt64(count)).filter { bench.results[$0] == nil && bench.returned[$0] == nil && $0 != 1 }
      #expect(missing == [], "round \(round)")
    }
  }
}
