@testable import HTTPWire

/// Frames of an HTTP/2 server, written by hand (RFC 9113), so that they may be wrong.
enum Frame {
  static func raw(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
    let count = UInt32(payload.count)
    let head: [UInt8] = [UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255), type, flags]
    return head + word(stream) + payload
  }

  static func word(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(number >> (24 - 8 * UInt32($0)) & 255) } }

  static func settings(_ entries: (UInt16, UInt32)...) -> [UInt8] {
    raw(4, 0, 0, entries.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 255)] + word($0.1) })
  }
  static let noSettings = settings()
  static func limit(_ streams: UInt32) -> [UInt8] { settings((3, streams)) }

  /// Literals that are not indexed, with plain strings of at most 16 KiB (RFC 7541, 6.2.2).
  static func fields(_ list: [(String, String)]) -> [UInt8] { list.flatMap { [0] + text($0.0) + text($0.1) } }

  private static func text(_ text: String) -> [UInt8] {
    let count = text.utf8.count
    if count < 127 { return [UInt8(count)] + Array(text.utf8) }
    var rest = count - 127
    var prefix: [UInt8] = [127]
    while rest >= 128 {
      prefix.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    return prefix + [UInt8(rest)] + Array(text.utf8)
  }

  static func headers(_ stream: UInt32, _ list: [(String, String)], ends: Bool) -> [UInt8] {
    raw(1, 4 | (ends ? 1 : 0), stream, fields(list))
  }
  static func status(_ code: Int, _ stream: UInt32 = 1, ends: Bool = true) -> [UInt8] {
    headers(stream, [(":status", String(code))], ends: ends)
  }
  static func data(_ stream: UInt32, _ bytes: [UInt8], ends: Bool = true) -> [UInt8] {
    raw(0, ends ? 1 : 0, stream, bytes)
  }
  static func reset(_ stream: UInt32, _ code: UInt32) -> [UInt8] { raw(3, 0, stream, word(code)) }
  static func goAway(last stream: UInt32, _ code: UInt32 = 0) -> [UInt8] { raw(7, 0, 0, word(stream) + word(code)) }
  static func ping(isAnswer: Bool = false) -> [UInt8] { raw(6, isAnswer ? 1 : 0, 0, [UInt8](repeating: 7, count: 8)) }
}

/// The frames that a client sent.
struct SentFrames {
  struct One: Equatable {
    var type: UInt8
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]
  }
  private(set) var all: [One] = []
  private(set) var startsWithPreface = false

  init(_ bytes: [UInt8]) {
    let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    startsWithPreface = bytes.starts(with: preface)
    var at = startsWithPreface ? preface.count : 0
    while at + 9 <= bytes.count {
      let count = Int(bytes[at]) << 16 | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2])
      let stream = bytes[(at + 5)..<(at + 9)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      guard at + 9 + count <= bytes.count else { return }
      all.append(
        One(
          type: bytes[at + 3], flags: bytes[at + 4], stream: stream, payload: Array(bytes[(at + 9)..<(at + 9 + count)]))
      )
      at += 9 + count
    }
  }

  func count(type: UInt8) -> Int { all.count { $0.type == type } }
  func body(_ stream: UInt32) -> [UInt8] { all.filter { $0.type == 0 && $0.stream == stream }.flatMap(\.payload) }
}
