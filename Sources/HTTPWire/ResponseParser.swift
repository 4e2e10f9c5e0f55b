#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads one HTTP/1.x response from bytes that come in any pieces (RFC 9112), and refuses what is ambiguous.
///
/// ```
/// statusLine → field* → (1xx: statusLine | no body: done | length | chunkSize | untilClose)
/// chunkSize → chunkData → chunkEnd → chunkSize …  → (size 0) trailer* → done
/// ```
/// Every line is judged when its LF comes, never earlier, so the pieces make no difference to the verdict.
struct ResponseParser {
  enum Phase: Equatable {
    case statusLine, field, length(Int), chunkSize, chunkData(Int), chunkEnd, trailer, untilClose
    case done
    case malformed(ResponseFault)
  }

  private(set) var phase = Phase.statusLine
  private(set) var head = ResponseHead()
  private(set) var body: [UInt8] = []
  /// Whether the body was longer than what may be kept, or than what may be read.
  private(set) var isBodyCut = false
  /// Whether the connection cannot go on after this response: its end is not known, or was not read.
  private(set) var endsConnection = false

  private let limits: ResponseLimits
  private var isAnswerToHEAD = false
  private var keepsBody = false
  private var lineBytes = 0
  private var bodyBytes = 0
  /// The beginning of a line whose end has not come yet.
  private var partial: [UInt8] = []

  init(limits: ResponseLimits) { self.limits = limits }

  /// Makes it ready for the next response.
  mutating func reset(isAnswerToHEAD: Bool) {
    phase = .statusLine
    head = ResponseHead()
    if !body.isEmpty { body = [] }
    isBodyCut = false
    endsConnection = false
    self.isAnswerToHEAD = isAnswerToHEAD
    lineBytes = 0
    bodyBytes = 0
    if !partial.isEmpty { partial.removeAll(keepingCapacity: true) }
  }

  /// Gives away the body without copying it.
  mutating func takeBody() -> [UInt8] {
    defer { body = [] }
    return body
  }

  /// Takes bytes, and gives how many of them belong to this response: fewer than all only once it is done or malformed.
  mutating func consume(_ bytes: Span<UInt8>) -> Int {
    var at = 0
    while at < bytes.count {
      switch phase {
      case .statusLine, .field, .chunkSize, .chunkEnd, .trailer: at = consumeLine(bytes, from: at)
      case .length(let left):
        at = consumeBody(bytes, from: at, left: left) { $0 == 0 ? .done : .length($0) }
      case .chunkData(let left):
        at = consumeBody(bytes, from: at, left: left) { $0 == 0 ? .chunkEnd : .chunkData($0) }
      case .untilClose: at = consumeBody(bytes, from: at, left: .max) { _ in .untilClose }
      case .done, .malformed: return at
      }
    }
    return at
  }

  /// The peer closed: whether the response is complete by that.
  mutating func consumeEnd() -> Bool {
    guard phase == .untilClose else { return phase == .done }
    phase = .done
    return true
  }

  // MARK: Lines

  private mutating func consumeLine(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let rest = bytes.extracting(start...)
    guard let feed = firstLineFeed(rest) else {
      partial.reserveCapacity(partial.count + rest.count)
      for i in 0..<rest.count { partial.append(rest[i]) }
      if partial.count > limits.headBytesMax - lineBytes + (phase == .chunkSize ? 18 : 2) {
        phase = .malformed(.headTooLong)
      } else if phase == .chunkEnd && partial.count > 1 {
        phase = .malformed(.chunkNotEnded)
      }
      return bytes.count
    }
    if partial.isEmpty {
      take(rest.extracting(...feed))
    } else {
      for i in 0...feed { partial.append(rest[i]) }
      // Moved out, since a line is read while the parser changes.
      var line: [UInt8] = []
      swap(&line, &partial)
      take(line.span)
      line.removeAll(keepingCapacity: true)
      swap(&line, &partial)
    }
    return start + feed + 1
  }

  /// Judges one line with its LF.
  private mutating func take(_ line: Span<UInt8>) {
    // Data of chunks is not counted, so the lines between them may not be either; only what they carry beyond need.
    let cost = phase == .chunkSize ? max(0, line.count - 18) : phase == .chunkEnd ? 0 : line.count
    guard cost <= limits.headBytesMax - lineBytes else { return phase = .malformed(.headTooLong) }
    lineBytes += cost
    guard line.count >= 2, line[line.count - 2] == UInt8(ascii: "\r") else { return phase = .malformed(.bareLineFeed) }
    let text = line.extracting(..<(line.count - 2))
    switch phase {
    case .statusLine:
      if let fault = head.readStatusLine(text) { phase = .malformed(fault) } else { phase = .field }
    case .field:
      if text.isEmpty { return endHead() }
      if limits.keepsHead { for i in 0..<line.count { head.lines.append(line[i]) } }
      if let fault = head.readField(text) { phase = .malformed(fault) }
    case .chunkSize:
      switch readChunkSize(text) {
      case .success(0): phase = .trailer
      case .success(let size): phase = .chunkData(size)
      case .failure(let fault): phase = .malformed(fault)
      }
    case .chunkEnd: phase = text.isEmpty ? .chunkSize : .malformed(.chunkNotEnded)
    case .trailer:
      if text.isEmpty { return phase = .done }
      if let fault = checkField(text) { phase = .malformed(fault) }
    case .length, .chunkData, .untilClose, .done, .malformed: break
    }
  }

  private mutating func endHead() {
    if head.isChunked && (head.contentLength != nil || head.minorVersion == 0) {
      return phase = .malformed(.ambiguousLength)
    }
    if head.status < 200 {
      // An answer to an upgrade that nobody asked for.
      if head.status == 101 { return phase = .malformed(.switchedProtocol) }
      head = ResponseHead()
      return phase = .statusLine
    }
    keepsBody = limits.keepsSuccess || !head.isSuccess
    if !keepsBody, !head.contentType.isEmpty { head.contentType = [] }
    switch framing {
    case .none: phase = .done
    case .length(let count): phase = count == 0 ? .done : .length(count)
    case .chunked: phase = .chunkSize
    case .untilClose:
      endsConnection = true
      phase = .untilClose
    }
  }

  private var framing: BodyFraming {
    if isAnswerToHEAD || head.status == 204 || head.status == 304 { return .none }
    if head.isChunked { return .chunked }
    return head.contentLength.map { .length($0) } ?? .untilClose
  }

  // MARK: Body

  private mutating func consumeBody(
    _ bytes: Span<UInt8>, from start: Int, left: Int, then next: (Int) -> Phase
  ) -> Int {
    // What comes after the longest body that is read is not looked at.
    let count = min(left, bytes.count - start, limits.bodyBytesMax - bodyBytes)
    let room = limits.keptBodyBytesMax - min(bodyBytes, limits.keptBodyBytesMax)
    let kept = min(count, room)
    if kept < count { isBodyCut = true }
    if keepsBody && kept > 0 {
      unsafe bytes.extracting(start..<(start + kept)).withUnsafeBytes { unsafe body.append(contentsOf: $0) }
    }
    bodyBytes += count
    if count < left, start + count < bytes.count {
      isBodyCut = true
      endsConnection = true
      phase = .done
      return start + count
    }
    phase = next(left - count)
    return start + count
  }
}

/// Where the first LF is.
private func firstLineFeed(_ bytes: Span<UInt8>) -> Int? {
  unsafe bytes.withUnsafeBytes { raw in
    guard let base = raw.baseAddress, let found = unsafe memchr(base, 0x0a, raw.count) else { return nil }
    return unsafe UnsafeRawPointer(found) - base
  }
}
