internal import Reactor

/// Asks a proxy for a way to an origin (RFC 9110, 9.3.6). Its answer is read as strictly as any other, and nothing of it
/// is shown but the status.
final class ConnectTunnel: RelayDialogue {
  let question: [UInt8]
  private let authority: String
  private var parser = ResponseParser(limits: ResponseLimits())

  init(to origin: Origin, credentials: ProxyCredentials?) {
    let isIPv6 = origin.host.utf8.contains(UInt8(ascii: ":"))
    authority = isIPv6 ? "[\(origin.host)]:\(origin.port)" : "\(origin.host):\(origin.port)"
    question =
      Array("CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\nUser-Agent: topictee\r\n".utf8)
      + (credentials?.field ?? []) + Array("\r\n".utf8)
    // The answer ends with its head, whatever that says of a body.
    parser.reset(isAnswerToHEAD: true)
  }

  func take(_ answer: UnsafeRawBufferPointer) -> RelayStep {
    let span = unsafe Span<UInt8>(_unsafeElements: answer.assumingMemoryBound(to: UInt8.self))
    let taken = parser.consume(span)
    switch parser.phase {
    case .done:
      guard parser.head.isSuccess else { return refused("it answered \(parser.head.status)\(meaning)") }
      // The peer of TLS is never the first to speak.
      guard taken == span.count else { return refused("it sent more than its answer") }
      return .open
    case .malformed(let fault): return refused("its answer is no HTTP response: \(fault.rawValue)")
    default: return .more
    }
  }

  private func refused(_ why: String) -> RelayStep {
    .refused(StreamError(.relay, "CONNECT \(authority): \(why)"))
  }

  private var meaning: String {
    switch parser.head.status {
    case 407: " (it wants a user and a password, or others)"
    case 401, 403, 405: " (it does not allow this destination)"
    case 502, 503, 504: " (it does not reach the destination)"
    default: ""
    }
  }
}
