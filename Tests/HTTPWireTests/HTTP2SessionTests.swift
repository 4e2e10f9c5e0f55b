import Testing

@testable import HTTPWire

@Suite struct HTTP2SessionTests {
  private func response(_ status: UInt16, _ change: (inout HTTPResponse) -> Void = { _ in }) -> ExchangeResult.Result {
    var response = HTTPResponse(status: status)
    change(&response)
    return .response(response)
  }

  /// After the handshake, with one exchange sent.
  private func started(_ limits: ResponseLimits = ResponseLimits(), body: [UInt8] = []) throws -> HTTP2Bench {
    let bench = try HTTP2Bench(limits)
    bench.submit(body: body)
    bench.receive(Frame.noSettings)
    bench.send()
    return bench
  }

  @Test func oneExchange() throws {
    let bench = try HTTP2Bench()
    #expect(bench.session.room == 1)
    bench.submit()
    #expect(bench.session.room == 0)
    let sent = bench.send()
    #expect(sent.startsWithPreface)
    #expect(sent.all.first?.type == 4 && sent.count(type: 1) == 1 && sent.count(type: 0) == 0)
    bench.receive(Frame.limit(7))
    #expect(bench.session.room == 6)
    bench.receive(Frame.status(204))
    #expect(bench.results == [0: response(204)])
    #expect(bench.session.room == 7 && !bench.session.isOver)
    // Both settings are acknowledged, ours by nobody yet.
    #expect(bench.send().all == [SentFrames.One(type: 4, flags: 1, stream: 0, payload: [])])
  }

  @Test func manyAtATimeInAnyOrder() throws {
    let bench = try HTTP2Bench()
    bench.receive(Frame.limit(5))
    for _ in 0..<5 { bench.submit() }
    #expect(bench.session.room == 0 && bench.send().count(type: 1) == 5)
    bench.receive(Frame.status(202, 9), Frame.status(500, 1, ends: false), Frame.status(201, 5))
    bench.receive(Frame.data(1, Array("no".utf8)))
    #expect(
      bench.results == [4: response(202), 2: response(201), 0: response(500) { $0.body = Array("no".utf8) }])
    #expect(bench.session.room == 3)
  }

  @Test func fieldsThatMatterAreKept() throws {
    let bench = try started(ResponseLimits(keepsHead: true))
    bench.receive(
      Frame.headers(1, [(":status", "103"), ("content-type", "a/b")], ends: false),
      Frame.headers(
        1,
        [
          (":status", "307"), ("location", "/there?a=b"), ("retry-after", "7"), ("content-type", "text/plain"),
          ("x-long", String(repeating: "x", count: 300)),
        ], ends: false), Frame.data(1, Array("mov".utf8), ends: false), Frame.data(1, Array("ed".utf8), ends: false),
      Frame.headers(1, [("content-type", "of/trailers")], ends: true))
    let head =
      ":status: 307\r\nlocation: /there?a=b\r\nretry-after: 7\r\ncontent-type: text/plain\r\nx-long: "
      + String(repeating: "x", count: 300) + "\r\n"
    #expect(
      bench.results == [
        0: response(307) {
          $0.location = Array("/there?a=b".utf8)
          $0.retryAfterSeconds = 7
          $0.contentType = Array("text/plain".utf8)
          $0.body = Array("moved".utf8)
          $0.head = Array(head.dropFirst(":status: 307\r\n".count).utf8)
        }
      ])
  }

  @Test func bodiesHaveLimits() throws {
    let limits = ResponseLimits(bodyBytesMax: 20, keptBodyBytesMax: 4, keepsSuccess: true)
    for (count, isCut, resets) in [(4, false, 0), (5, true, 0), (20, true, 0), (21, true, 1), (900, true, 1)] {
      let bench = try started(limits)
      let body = [UInt8](repeating: 98, count: count)
      bench.receive(Frame.status(200, ends: false), Frame.data(1, body, ends: count <= 20))
      let expected = response(200) {
        $0.body = Array(body.prefix(4))
        $0.isBodyCut = isCut
      }
      #expect(bench.results == [0: expected], "\(count)")
      #expect(bench.send().count(type: 3) == resets && !bench.session.isOver)
      bench.receive(Frame.ping())
      #expect(!bench.session.isOver)
    }
    let bench = try started()
    bench.receive(
      Frame.headers(1, [(":status", "200"), ("content-type", "a/b")], ends: false), Frame.data(1, [1, 2, 3]))
    #expect(bench.results == [0: response(200) { $0.isBodyCut = false }])
  }

  /// The server opens the window bit by bit, and answers at last.
  @Test func bigBodiesGoOutAsTheWindowAllows() throws {
    let body = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let bench = try HTTP2Bench()
    bench.submit(body: body)
    bench.receive(Frame.noSettings)
    var sent = bench.send().body(1)
    #expect(sent.count == 65_535)
    while sent.count < body.count {
      let before = sent.count
      bench.receive(Frame.raw(8, 0, 0, Frame.word(40_000)), Frame.raw(8, 0, 1, Frame.word(40_000)))
      sent += bench.send().body(1)
      #expect(sent.count == min(before + 40_000, body.count))
    }
    #expect(sent == body)
    bench.receive(Frame.status(201))
    #expect(bench.results == [0: response(201)])
  }

  @Test func anAnswerBeforeTheEndOfTheRequestIsEnough() throws {
    let bench = try started(body: [UInt8](repeating: 1, count: 100_000))
    bench.receive(Frame.status(413))
    #expect(bench.results == [0: response(413)])
    let after = bench.send()
    #expect(after.all.contains(SentFrames.One(type: 3, flags: 0, stream: 1, payload: Frame.word(8))))
    #expect(after.body(1) == [] && !bench.session.isOver)
  }

  @Test func aHEADHasNoBody() throws {
    let bench = try HTTP2Bench()
    bench.submit(isHEAD: true)
    bench.receive(Frame.noSettings)
    bench.send()
    bench.receive(Frame.headers(1, [(":status", "200"), ("content-length", "10")], ends: true))
    #expect(bench.results == [0: response(200)])
  }

  // MARK: Refusals

  @Test func aRefusedStreamWasNotLookedAt() throws {
    let bench = try HTTP2Bench()
    bench.receive(Frame.noSettings)
    bench.submit()
    bench.send()
    bench.receive(Frame.reset(1, 7))
    #expect(bench.returned == [0: "HTTP/2: the server reset the stream: REFUSED_STREAM"])
    #expect(!bench.session.isOver && bench.session.room > 0)
  }

  @Test(arguments: [
    (UInt32(2), "INTERNAL_ERROR"), (8, "CANCEL"), (11, "ENHANCE_YOUR_CALM"), (0, "NO_ERROR"), (1, "PROTOCOL_ERROR"),
    (99, "unknown"),
  ]) func aResetStreamIsACut(_ code: UInt32, _ name: String) throws {
    let bench = try started()
    bench.receive(Frame.status(200, ends: false), Frame.data(1, [1], ends: false), Frame.reset(1, code))
    #expect(bench.results == [0: .cutAfterSend("HTTP/2: the server reset the stream: \(name)")])
    #expect(!bench.session.isOver)
  }

  @Test func aServerThatWantsHTTP1IsAnOutage() throws {
    let bench = try started()
    bench.receive(Frame.reset(1, 13))
    #expect(bench.results == [0: .unreachable("HTTP/2: the server reset the stream: HTTP_1_1_REQUIRED")])
  }

  @Test func aGoodbyeLeavesWhatTheServerLooksAt() throws {
    let bench = try HTTP2Bench()
    bench.receive(Frame.noSettings)
    for _ in 0..<4 { bench.submit() }
    bench.send()
    bench.receive(Frame.goAway(last: 3))
    let goodbye = "HTTP/2: the server ended the connection: NO_ERROR"
    #expect(bench.results == [:] && bench.returned == [2: goodbye, 3: goodbye])
    #expect(bench.session.isClosing && bench.session.room == 0 && !bench.session.isOver)
    bench.receive(Frame.status(200, 1))
    #expect(bench.results[0] == response(200) && !bench.session.isOver)
    bench.receive(Frame.status(201, 3))
    #expect(bench.results[1] == response(201))
    bench.send()
    #expect(bench.session.isOver)
  }

  @Test func aGoodbyeWithAReasonIsSaid() throws {
    let bench = try started()
    bench.receive(Frame.goAway(last: 1, 11))
    bench.end()
    #expect(
      bench.results == [0: .cutAfterSend("HTTP/2: the server ended the connection: ENHANCE_YOUR_CALM")])
  }

  @Test func whatWasNotSentIsFree() throws {
    let bench = try HTTP2Bench()
    bench.submit()
    bench.end()
    #expect(bench.returned == [0: "the peer closed the connection"])
  }

  @Test func cancelledExchangesHaveNoResult() throws {
    let bench = try HTTP2Bench()
    bench.receive(Frame.noSettings)
    bench.submit()
    bench.submit()
    bench.send()
    bench.session.cancel { $0.tag.low == 0 }
    #expect(bench.send().all.contains(SentFrames.One(type: 3, flags: 0, stream: 1, payload: Frame.word(8))))
    bench.receive(Frame.status(200, 1), Frame.status(201, 3))
    #expect(bench.results == [1: response(201)])
  }

  @Test func whatIsNoRequestIsNotSent() throws {
    let session = try #require(HTTP2Session(limits: ResponseLimits()))
    var request = ByteBuffer()
    request.append("nonsense\r\n\r\n")
    session.submit(
      HTTP2Exchange(ExchangeTag(high: 0, low: 0), isHEAD: false, isFresh: false, startedAt: 0, request: request))
    guard case .result(.unreachable("the request is no HTTP/1.1 request"))? = session.takeEnded().first?.end else {
      Issue.record("it was sent")
      return
    }
  }
}
