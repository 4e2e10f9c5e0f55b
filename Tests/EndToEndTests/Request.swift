#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One request as a server got it.
struct Request: Sendable {
  /// Head and body, byte for byte.
  let bytes: [UInt8]
  /// The empty line included.
  let headLength: Int
  /// The number in the record's value, -1 for a body that is no `Payload`.
  let number: Int
  /// How often this number has come to this server, from 1.
  let attempt: Int
  /// Grows with everything that happens at this server: compare it with `Exchange.endedAt`.
  let arrivedAt: Int

  var withoutBytes: Request {
    Request(bytes: [], headLength: 0, number: number, attempt: attempt, arrivedAt: arrivedAt)
  }
  var body: [UInt8] { Array(bytes[headLength...]) }
  var head: String { String(decoding: bytes[..<headLength], as: UTF8.self) }
  var method: String { String(head.prefix { $0 != " " }) }
  var path: String { head.split(separator: " ", maxSplits: 2).dropFirst().first.map(String.init) ?? "" }

  var headers: [(name: String, value: String)] {
    head.split(separator: "\r\n").dropFirst().map { line in
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? parts[1] : ""
      return (parts[0].lowercased(), value.hasPrefix(" ") ? String(value.dropFirst()) : String(value))
    }
  }

  /// By a name in lower case.
  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  func hasBody(_ expected: [UInt8]) -> Bool {
    guard bytes.count - headLength == expected.count else { return false }
    return unsafe bytes.withUnsafeBytes { own in
      unsafe expected.withUnsafeBytes { other in
        guard let mine = own.baseAddress, let theirs = other.baseAddress else { return true }
        return unsafe memcmp(mine + headLength, theirs, other.count) == 0
      }
    }
  }
}

/// What a server does with a request.
enum Answer: Sendable {
  case response(UInt16, headers: [String] = [], body: String = "", after: Duration = .zero, thenCloses: Bool = false)
  /// A body of so many bytes, as far as the client takes it.
  case flood(UInt16, bytes: Int)
  /// Never answers; the client is the one who ends it.
  case hang
  /// Cuts the connection with RST.
  case reset

  static let accepted = Answer.response(204)
  static func status(_ status: UInt16, body: String = "") -> Answer { .response(status, body: body) }
  static func accepted(after delay: Duration) -> Answer { .response(204, after: delay) }
}

/// Where a request ends in the bytes of a connection.
enum RequestFraming {
  enum Result: Equatable {
    case incomplete
    case whole(head: Int, total: Int)
    /// Not what the bridge may send: chunked, or without a number where one belongs.
    case wrong
  }

  static func look(_ bytes: [UInt8]) -> Result {
    unsafe bytes.withUnsafeBytes { bytes in
      var length = 0
      var line = 0
      while let end = unsafe lineEnd(bytes, from: line) {
        let text = unsafe UnsafeRawBufferPointer(rebasing: bytes[line..<end])
        line = end + 1
        if text.count <= 1 {
          return bytes.count < line + length ? .incomplete : .whole(head: line, total: line + length)
        }
        if unsafe begins(text, "transfer-encoding:") { return .wrong }
        if unsafe begins(text, "content-length:") {
          let digits = unsafe String(decoding: text.dropFirst(15), as: UTF8.self).filter { $0 != " " && $0 != "\r" }
          guard let number = Int(digits), number >= 0 else { return .wrong }
          length = number
        }
      }
      return .incomplete
    }
  }

  /// Where the next line feed stands.
  private static func lineEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let base = bytes.baseAddress, start < bytes.count,
      let found = unsafe memchr(base + start, 10, bytes.count - start)
    else { return nil }
    return unsafe UnsafeRawPointer(found) - base
  }

  private static func begins(_ line: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
    guard let start = line.baseAddress, line.count >= name.utf8CodeUnitCount else { return false }
    return unsafe strncasecmp(
      start.assumingMemoryBound(to: CChar.self),
      UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self), name.utf8CodeUnitCount) == 0
  }
}
