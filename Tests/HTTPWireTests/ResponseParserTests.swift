import Testing

@testable import HTTPWire

/// What became of a response that came in the given pieces.
struct Parsed: Equatable {
  enum Verdict: Equatable { case complete, incomplete, refused }
  var verdict: Verdict
  var status: UInt16 = 0
  var body = ""
  var surplus = 0
  var persists = false

  init(_ text: [UInt8], cuts: [Int], isHEAD: Bool = false, ended: Bool = false, limits: ResponseLimits = .keepAll) {
    var parser = ResponseParser(limits: limits)
    parser.reset(isAnswerToHEAD: isHEAD)
    var taken = 0
    var start = 0
    for end in cuts + [text.count] {
      guard taken == start else { break }
      taken += parser.consume(Array(text[start..<end]).span)
      start = end
    }
    switch parser.phase {
    case .malformed:
      verdict = .refused
      return
    case .done: verdict = .complete
    default: verdict = ended && parser.consumeEnd() ? .complete : .incomplete
    }
    status = parser.head.status
    body = String(decoding: parser.body, as: UTF8.self)
    surplus = text.count - taken
    persists = parser.head.isPersistent && !parser.endsConnection
  }
}

extension ResponseLimits {
  static let keepAll = ResponseLimits(keepsSuccess: true)
}

@Suite struct ResponseParserTests {
  struct Good: Sendable {
    let text: String
    var status: UInt16 = 200
    var body = ""
    var surplus = 0
    var persists = true
    var isHEAD = false
    var ends = false
  }

  static let good: [Good] = [
    Good(text: "HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n", status: 204),
    Good(text: "HTTP/1.1 204\r\nContent-Length: 0\r\n\r\n", status: 204),
    Good(text: "HTTP/1.1 304 \r\nContent-Length: 70\r\n\r\n", status: 304),
    Good(text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", body: "hello"),
    Good(text: "HTTP/1.1 200 OK\r\ncontent-LENGTH:5 \t\r\n\r\nhelloHTTP", body: "hello", surplus: 4),
    Good(text: "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", isHEAD: true),
    Good(text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", isHEAD: true),
    Good(
      text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0A;x=\"y\"\r\n, world 12\r\n0\r\n\r\n",
      body: "hello, world 12"),
    Good(
      text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n000\r\nContent-Length: 9\r\n\r\nXY",
      body: "a",
      surplus: 2),
    Good(
      text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nContent-Length: 3\r\n\r\nHTTP/1.1 201 Made\r\n"
        + "Content-Length: 1\r\n\r\n!", status: 201, body: "!"),
    Good(text: "HTTP/1.1 200 OK\r\n\r\nto the end\n", body: "to the end\n", persists: false, ends: true),
    Good(text: "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", body: "x", persists: false),
    Good(text: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", body: "x"),
    Good(
      text: "HTTP/1.1 500 \u{e9}\r\nConnection: a, Close ,b\r\nContent-Length: 0\r\n\r\n", status: 500,
      persists: false),
    Good(text: "HTTP/1.1 200 OK\r\nX-`'|~!: \tz\r\n\r\n", persists: false, ends: true),
  ]

  @Test(arguments: good) func acceptsInAnyPieces(_ good: Good) {
    let text = Array(good.text.utf8)
    let whole = Parsed(text, cuts: [], isHEAD: good.isHEAD, ended: good.ends)
    #expect(whole.verdict == .complete)
    #expect(whole.status == good.status)
    #expect(whole.body == good.body)
    #expect(whole.surplus == good.surplus)
    #expect(whole.persists == good.persists)
    for cut in 1..<text.count {
      #expect(settled(text, [cut], good) == settled(text, [], good), "cut at \(cut)")
    }
    #expect(settled(text, Array(1..<text.count), good) == settled(text, [], good))
  }

  /// How much is left over depends on the pieces; nothing else may.
  private func settled(_ text: [UInt8], _ cuts: [Int], _ good: Good) -> Parsed {
    Parsed(text, cuts: cuts, isHEAD: good.isHEAD, ended: good.ends)
  }

  @Test(arguments: good) func isIncompleteBeforeItsEnd(_ good: Good) {
    let text = Array(good.text.utf8)
    guard !good.ends else { return }
    for end in 0..<(text.count - good.surplus) {
      #expect(Parsed(Array(text[..<end]), cuts: [], isHEAD: good.isHEAD, ended: true).verdict == .incomplete, "\(end)")
    }
  }

  private static let ok = "HTTP/1.1 200 OK\r\n"
  private static let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

  static let bad: [String] = [
    "\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\n\n", "HTTP/1.2 200 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
    "HTTP/0.9 200 OK\r\n\r\n", "http/1.1 200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
    "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n", "HTTP/1.1 +20 OK\r\n\r\n",
    "HTTP/1.1 200OK\r\n\r\n", "HTTP/1.1 200 O\u{0}K\r\n\r\n", "HTTP/1.1 200 O\rK\r\n\r\n", "ICY 200 OK\r\n\r\n",
    "HTTP/1.1 101 Switching\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
    ok + "A: b\n\r\n", ok + "A: b\rc\r\n\r\n", ok + "A : b\r\n\r\n", ok + "A\t: b\r\n\r\n", ok + ": b\r\n\r\n",
    ok + "A\r\n\r\n", ok + " A: b\r\n\r\n", ok + "A: b\r\n c\r\n\r\n", ok + "A: b\r\n\tc\r\n\r\n",
    ok + "A: b\u{0}\r\n\r\n", ok + "A: \u{7f}\r\n\r\n", ok + "A: b\r\r\n\r\n", ok + "A(: b\r\n\r\n",
    ok + "\u{e4}: b\r\n\r\n",
    ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ok + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
    ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
    ok + "Content-Length: 1, 1\r\n\r\n", ok + "Content-Length: -1\r\n\r\n", ok + "Content-Length: +1\r\n\r\n",
    ok + "Content-Length: 0x1\r\n\r\n", ok + "Content-Length: \r\n\r\n", ok + "Content-Length: 1 1\r\n\r\n",
    ok + "Content-Length: 99999999999999999999\r\n\r\n", ok + "Content-Length: 9223372036854775808\r\n\r\n",
    ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", ok + "Transfer-Encoding: identity\r\n\r\n",
    ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", ok + "Transfer-Encoding: chunked,\r\n\r\n",
    ok + "Transfer-Encoding: xchunked\r\n\r\n", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 204 No\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    chunked + "\r\n", chunked + "x\r\n", chunked + "0x5\r\nhello\r\n", chunked + "-5\r\n", chunked + " 5\r\nhello\r\n",
    chunked + "5 \r\nhello\r\n", chunked + "5\nhello\r\n", chunked + "5;a\rb\r\nhello\r\n", chunked + "5\r\nhelloX\r\n",
    chunked + "5\r\nhello\n0\r\n\r\n", chunked + "ffffffffffffffff\r\n", chunked + "10000000000000000\r\n",
    chunked + "0000000000000000000005\r\n", chunked + "0\r\n folded\r\n\r\n", chunked + "0\r\nA b: c\r\n\r\n",
    chunked + "0\r\nA: b\n\r\n",
  ]

  @Test(arguments: bad) func refusesInAnyPieces(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(Parsed(bytes, cuts: [], ended: true).verdict == .refused)
    for cut in 1..<bytes.count { #expect(Parsed(bytes, cuts: [cut]).verdict == .refused, "cut at \(cut)") }
    #expect(Parsed(bytes, cuts: Array(1..<bytes.count)).verdict == .refused)
  }

  @Test func headIsBounded() {
    let line = "A: " + String(repeating: "x", count: 995) + "\r\n"
    let fits = Array((Self.ok + String(repeating: line, count: 65) + "\r\n").utf8)
    #expect(Parsed(fits, cuts: [], ended: true).verdict == .complete)
    let long = Array((Self.ok + String(repeating: line, count: 66) + "\r\n").utf8)
    #expect(Parsed(long, cuts: []).verdict == .refused)
    #expect(Parsed(long, cuts: Array(1..<long.count)).verdict == .refused)
    let endless = Array((Self.ok + "A: " + String(repeating: "x", count: 70_000)).utf8)
    #expect(Parsed(endless, cuts: []).verdict == .refused)
    let interim = Array(String(repeating: "HTTP/1.1 100 Go on\r\n\r\n", count: 4_000).utf8)
    #expect(Parsed(interim, cuts: []).verdict == .refused)
    let trailers = Array((Self.chunked + "0\r\n" + String(repeating: line, count: 66) + "\r\n").utf8)
    #expect(Parsed(trailers, cuts: []).verdict == .refused)
    let extensions = String(repeating: "1;" + String(repeating: "e", count: 1_000) + "\r\nx\r\n", count: 70)
    #expect(Parsed(Array((Self.chunked + extensions).utf8), cuts: []).verdict == .refused)
  }

  @Test func bodyIsKeptAndReadUpToItsLimits() {
    let limits = ResponseLimits(bodyBytesMax: 20, keptBodyBytesMax: 4, keepsSuccess: true)
    func parse(_ text: String) -> ResponseParser {
      var parser = ResponseParser(limits: limits)
      parser.reset(isAnswerToHEAD: false)
      _ = parser.consume(Array(text.utf8).span)
      return parser
    }
    let cut = parse(Self.ok + "Content-Length: 20\r\n\r\n" + String(repeating: "b", count: 20))
    #expect(cut.phase == .done && cut.body == Array("bbbb".utf8) && cut.isBodyCut && !cut.endsConnection)
    let fits = parse(Self.ok + "Content-Length: 4\r\n\r\nbbbb")
    #expect(fits.phase == .done && fits.body == Array("bbbb".utf8) && !fits.isBodyCut)
    for head in ["Content-Length: 21\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n15\r\n", "\r\n"] {
      let endless = parse(Self.ok + head + String(repeating: "b", count: 21))
      #expect(endless.phase == .done && endless.head.status == 200 && endless.isBodyCut && endless.endsConnection)
    }
  }

  @Test func successIsNotKeptUnlessAsked() {
    var parser = ResponseParser(limits: ResponseLimits())
    parser.reset(isAnswerToHEAD: false)
    _ = parser.consume(Array("HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nhi".utf8).span)
    #expect(parser.phase == .done && parser.body.isEmpty && parser.head.contentType.isEmpty)
    parser.reset(isAnswerToHEAD: false)
    _ = parser.consume(Array("HTTP/1.1 404 No\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nhi".utf8).span)
    #expect(parser.takeBody() == Array("hi".utf8) && parser.head.contentType == Array("a/b".utf8))
  }

  @Test(arguments: [
    ("120", RetryAfter.seconds(120)), ("0", .seconds(0)), ("Sun, 06 Nov 1994 08:49:37 GMT", .date(784_111_777)),
    ("Thu, 29 Feb 2024 00:00:00 GMT", .date(1_709_164_800)), ("Thu, 01 Jan 1970 00:00:00 GMT", .date(0)),
    ("-1", nil), ("1.5", nil), ("soon", nil), ("99999999999999999999", nil), ("Sun, 06 Nov 1994 25:49:37 GMT", nil),
    ("Sun, 06 Nix 1994 08:49:37 GMT", nil), ("Sunday, 06-Nov-94 08:49:37 GMT", nil),
  ]) func readsRetryAfter(_ text: String, _ expected: RetryAfter?) {
    #expect(RetryAfter(Array(text.utf8).span) == expected)
    #expect(expected?.seconds(from: .max) ?? 0 >= 0)
  }

  @Test func mutantsNeverTrapAndPiecesNeverMatter() {
    var random = SplitMix(state: 0x7465_6521)
    let seeds = Self.good.map { Array($0.text.utf8) } + Self.bad.map { Array($0.utf8) }
    let spice = Array("\r\n\r\n:; \t,0159afHTTP\0\u{7f}".utf8)
    for round in 0..<20_000 {
      var text = seeds[Int(random.next() % UInt64(seeds.count))]
      for _ in 0...(random.next() % 3) where !text.isEmpty {
        let at = Int(random.next() % UInt64(text.count))
        switch random.next() % 4 {
        case 0: text[at] = spice[Int(random.next() % UInt64(spice.count))]
        case 1: text.insert(spice[Int(random.next() % UInt64(spice.count))], at: at)
        case 2: text.remove(at: at)
        default: text[at] = UInt8(truncatingIfNeeded: random.next())
        }
      }
      guard text.count > 1 else { continue }
      let cut = 1 + Int(random.next() % UInt64(text.count - 1))
      let whole = Parsed(text, cuts: [], ended: true)
      #expect(Parsed(text, cuts: [cut], ended: true) == whole, "round \(round), cut at \(cut): \(text)")
    }
  }
}

/// A small generator with a seed, so that a failing round comes again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
