import Testing

@testable import HTTPWire

/// A session beside a server that sends what a test wants.
final class HTTP2Bench {
  let session: HTTP2Session
  private(set) var results: [UInt64: ExchangeResult.Result] = [:]
  /// What was not looked at, with the reason.
  private(set) var returned: [UInt64: String] = [:]
  private var next: UInt64 = 0

  init(_ limits: ResponseLimits = ResponseLimits()) throws { session = try #require(HTTP2Session(limits: limits)) }

  /// Begins an exchange; its stream's id is twice its number and one.
  func submit(body: [UInt8] = [], isHEAD: Bool = false, isFresh: Bool = false) {
    var request = ByteBuffer()
    request.append(
      "\(isHEAD ? "HEAD" : "POST") /orders HTTP/1.1\r\nHost: a.example\r\nContent-Length: \(body.count)\r\n\r\n")
    request.append(body)
    session.submit(
      HTTP2Exchange(
        ExchangeTag(high: 0, low: next), isHEAD: isHEAD, isFresh: isFresh, startedAt: 0, request: request))
    next += 1
    collect()
  }

  func receive(_ parts: [UInt8]...) {
    for part in parts { unsafe part.withUnsafeBytes { unsafe session.receive($0) } }
    collect()
  }

  @discardableResult func send() -> SentFrames {
    var output = ByteBuffer()
    session.send(into: &output)
    collect()
    return SentFrames(unsafe output.withBytes { unsafe Array($0) })
  }

  func end(_ result: ExchangeResult.Result = .cutAfterSend("cut")) {
    session.endAll { _ in result }
    collect()
  }

  private func collect() {
    for (exchange, end) in session.takeEnded() {
      let number = exchange.tag.low
      #expect(results[number] == nil && returned[number] == nil, "an exchange ended twice")
      switch end {
      case .result(let result): results[number] = result
      case .unprocessed(let why): returned[number] = why
      }
    }
  }
}
