/// Reads one response from bytes that come in any pieces.
///
/// | State | Goes to |
/// |---|---|
/// | head: up to the empty line | head again after 1xx; body; done |
/// | length, untilClose | done |
/// | chunkSize | chunkData, trailer |
/// | chunkData | chunkEnd |
/// | chunkEnd | chunkSize |
/// | trailer | done |
/// | done | head, by `reset` |
struct ResponseParser {
  private enum State: Equatable { case head, length, untilClose, chunkSize, chunkData, chunkEnd, trailer, done }
  private var state = State.head
  /// What came of the head, a chunk's size line or the trailer before the rest did.
  private var pending: [UInt8] = []
  private var remaining = 0
  private var trailerBytes = 0
  private(set) var head = ResponseHead()
  /// The first `keepBody` bytes.
  private(set) var body: [UInt8] = []
  private(set) var bodyBytes = 0
  private(set) var hasBegun = false
  var keepBody: Int

  static let headLimit = 65_536

  init(keepBody: Int) { self.keepBody = keepBody }

  var isDone: Bool { state == .done }
  /// The connection's end is the response's end.
  var endsWithConnection: Bool { state == .untilClose }

  mutating func reset() {
    state = .head
    head = ResponseHead()
    hasBegun = false
    bodyBytes = 0
    if !pending.isEmpty { pending = [] }
    if !body.isEmpty { body = [] }
  }

  /// Takes bytes and returns how many belong to this response; fewer than all only when it is done.
  mutating func consume(_ bytes: Span<UInt8>) throws(ResponseError) -> Int {
    var at = 0
    while at < bytes.count && state != .done {
      hasBegun = true
      switch state {
      case .head: at = try consumeHead(bytes, at)
      case .length, .chunkData: at = takeBody(bytes, at)
      case .untilClose:
        remaining = bytes.count - at
        at = takeBody(bytes, at)
      case .chunkSize, .chunkEnd, .trailer: at = try consumeLine(bytes, at)
      case .done: break
      }
    }
    return at
  }

  // MARK: - Head

  private mutating func consumeHead(_ bytes: Span<UInt8>, _ from: Int) throws(ResponseError) -> Int {
    if pending.isEmpty, let end = Self.endOfHead(bytes, from: from, searchedFrom: from) {
      guard end - from <= Self.headLimit else { throw .headTooLarge }
      try begin(ResponseHead.parse(bytes.extracting(from..<end)))
      return end
    }
    let had = pending.count
    for i in from..<bytes.count { pending.append(bytes[i]) }
    guard let end = Self.endOfHead(pending.span, from: 0, searchedFrom: max(0, had - 3)) else {
      guard pending.count <= Self.headLimit else { throw .headTooLarge }
      return bytes.count
    }
    guard end <= Self.headLimit else { throw .headTooLarge }
    let whole = pending
    pending = []
    try begin(ResponseHead.parse(whole.span.extracting(0..<end)))
    return from + end - had
  }

  /// Behind CR LF CR LF. A head that starts with an empty line ends there, and is refused by `parse`.
  private static func endOfHead(_ bytes: Span<UInt8>, from: Int, searchedFrom: Int) -> Int? {
    var at = searchedFrom
    while at + 3 < bytes.count {
      if bytes[at + 3] == 10 {
        if bytes[at] == 13 && bytes[at + 1] == 10 && bytes[at + 2] == 13 { return at + 4 }
        at += 1
      } else {
        at += bytes[at + 3] == 13 ? 1 : 2
        if at + 3 < bytes.count, bytes[at + 2] == 10 || bytes[at + 1] == 10 { at -= 1 }
      }
    }
    return nil
  }

  private mutating func begin(_ new: ResponseHead) throws(ResponseError) {
    guard new.status != 101 else { throw .switchingProtocols }
    guard new.status >= 200 else { return }
    head = new
    switch new.framing {
    case .none: state = .done
    case .length(let count): (state, remaining) = (.length, count)
    case .chunked: state = .chunkSize
    case .untilClose: state = .untilClose
    }
  }

  // MARK: - Body

  private mutating func takeBody(_ bytes: Span<UInt8>, _ from: Int) -> Int {
    let count = min(remaining, bytes.count - from)
    let kept = min(count, max(0, keepBody - body.count))
    for i in from..<from + kept { body.append(bytes[i]) }
    bodyBytes += count
    remaining -= count
    if remaining == 0 {
      if state == .length { state = .done }
      if state == .chunkData { state = .chunkEnd }
    }
    return from + count
  }

  /// A chunk's size, the line end behind its data, or a trailer's line.
  private mutating func consumeLine(_ bytes: Span<UInt8>, _ from: Int) throws(ResponseError) -> Int {
    var at = from
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      pending.append(byte)
      guard byte == 10 else {
        guard pending.count <= 4_096 else { throw .badChunk }
        continue
      }
      let line = pending
      pending = []
      guard line.count >= 2, line[line.count - 2] == 13 else { throw .badChunk }
      try endLine(line)
      return at
    }
    return at
  }

  private mutating func endLine(_ line: [UInt8]) throws(ResponseError) {
    switch state {
    case .chunkSize:
      remaining = try chunkSize(line)
      state = remaining == 0 ? .trailer : .chunkData
      trailerBytes = 0
    case .chunkEnd:
      guard line.count == 2 else { throw .badChunk }
      state = .chunkSize
    default:
      trailerBytes += line.count
      guard trailerBytes <= Self.headLimit else { throw .headTooLarge }
      if line.count == 2 { state = .done }
    }
  }

  /// `1a;name=value CR LF`, at most 15 digits.
  private func chunkSize(_ line: [UInt8]) throws(ResponseError) -> Int {
    var size = 0
    var digits = 0
    for byte in line {
      let digit: UInt8
      switch byte {
      case 48...57: digit = byte - 48
      case 65...70: digit = byte - 55
      case 97...102: digit = byte - 87
      case UInt8(ascii: ";"), 13:
        guard digits > 0, !line.dropLast(2).contains(where: { $0 < 32 && $0 != 9 || $0 == 127 }) else {
          throw .badChunk
        }
        return size
      default: throw .badChunk
      }
      digits += 1
      guard digits <= 15 else { throw .badChunk }
      size = size << 4 | Int(digit)
    }
    throw .badChunk
  }
}
