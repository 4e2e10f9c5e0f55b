import Foundation
import Synchronization
import Telemetry
import Testing

/// A pipe whose reader is the test: it reads when it likes.
private final class StallingReader {
  let pipe = Pipe()
  var writeEnd: Int32 { pipe.fileHandleForWriting.fileDescriptor }

  /// Lines until one satisfies `isLast`.
  func lines(until isLast: (String) -> Bool) -> [String] {
    var text = Data()
    while true {
      let chunk = pipe.fileHandleForReading.availableData
      if chunk.isEmpty { return [] }
      text += chunk
      let lines = text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
      if text.last == UInt8(ascii: "\n"), let last = lines.last, isLast(last) { return lines }
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct LoggerTests {
  @Test func linesArriveInOrderAndParse() throws {
    let reader = StallingReader()
    let logger = Logger(format: .json, fileDescriptor: reader.writeEnd, clock: { 0 })
    for i in 0..<100 { logger.info("line", LogFields(offset: Int64(i))) }
    #expect(logger.flush())
    logger.info("end")
    let lines = reader.lines { $0.contains("\"end\"") }
    let offsets = try lines.map { try parse(Array($0.utf8))["offset"] as? Int }
    #expect(offsets == (0..<100).map { $0 } + [nil])
  }

  @Test func whatIsBelowTheLevelIsNotEvenMade() {
    let reader = StallingReader()
    let made = Mutex(0)
    @Sendable func message() -> String {
      made.withLock { $0 += 1 }
      return "m"
    }
    let logger = Logger(level: .warn, format: .readable, fileDescriptor: reader.writeEnd)
    logger.debug(message())
    logger.info(message())
    logger.warn(message())
    logger.error(message())
    #expect(made.withLock { $0 } == 2)
    #expect(!logger.isEnabled(.info) && logger.isEnabled(.error))
    #expect(logger.flush())
  }

  @Test func aReaderThatStallsBlocksNobodyAndTheDroppedAreCounted() throws {
    let reader = StallingReader()
    let logger = Logger(format: .json, fileDescriptor: reader.writeEnd, linesMax: 100, clock: { 0 })
    let long = String(repeating: "x", count: 2000)
    // Returns although nobody reads: 20 MB do not fit in a pipe. That it returns is the test; the time limit ends it otherwise.
    for _ in 0..<10_000 { logger.info(long) }
    #expect(!logger.flush(timeoutMilliseconds: 1))

    let lines = reader.lines { $0.contains("dropped") }
    let dropped = try #require(lines.last.flatMap { try parse(Array($0.utf8))["msg"] as? String })
    let count = try #require(dropped.split(separator: " ").first.flatMap { Int($0) })
    #expect(count > 5_000)
    // Each line was either written or counted.
    #expect(lines.count - 1 + count == 10_000)
    #expect(logger.flush())
  }

  @Test func aNonBlockingDescriptorLosesNothing() {
    let reader = StallingReader()
    _ = fcntl(reader.writeEnd, F_SETFL, O_NONBLOCK)
    let logger = Logger(format: .json, fileDescriptor: reader.writeEnd, clock: { 0 })
    for _ in 0..<1000 { logger.info(String(repeating: "y", count: 500)) }
    logger.info("end")
    #expect(reader.lines { $0.contains("\"end\"") }.count == 1001)
  }

  @Test func aReaderThatIsGoneEndsNothing() {
    let reader = StallingReader()
    let logger = Logger(format: .json, fileDescriptor: reader.writeEnd)
    try? reader.pipe.fileHandleForReading.close()
    logger.error("nobody hears this")
    #expect(logger.flush())
    logger.error("nor this")
    #expect(logger.flush())
  }

  @Test func theLastLoggerGoneStillWritesWhatWasQueued() {
    let reader = StallingReader()
    do {
      let logger = Logger(format: .json, fileDescriptor: reader.writeEnd, clock: { 0 })
      logger.info("last words")
    }
    #expect(reader.lines { $0.contains("last words") }.count == 1)
  }

  @Test func linesOfManyThreadsDoNotMix() async throws {
    let reader = StallingReader()
    let logger = Logger(format: .json, fileDescriptor: reader.writeEnd, clock: { 0 })
    await withTaskGroup(of: Void.self) { group in
      for attempt in 0..<8 {
        group.addTask { for i in 0..<50 { logger.info("t", LogFields(offset: Int64(i), attempt: attempt)) } }
      }
    }
    #expect(logger.flush())
    logger.info("end")
    let parsed = try reader.lines { $0.contains("\"end\"") }.dropLast().map { try parse(Array($0.utf8)) }
    for attempt in 0..<8 {
      let offsets = parsed.filter { $0["attempt"] as? Int == attempt }.compactMap { $0["offset"] as? Int }
      #expect(offsets == Array(0..<50))
    }
  }

  @Test func silentSaysNothing() {
    Logger.silent.error("x")
    #expect(Logger.silent.flush())
  }

  @Test func aSinkGetsWhatWouldBeLines() {
    let heard = Mutex<[String]>([])
    let logger = Logger(level: .warn) { level, message, fields in
      heard.withLock { $0.append("\(level.name) \(message) \(fields.offset ?? -1)") }
    }
    logger.info("not this")
    logger.warn("one", LogFields(offset: 7))
    logger.error("two")
    #expect(heard.withLock { $0 } == ["warn one 7", "error two -1"])
    #expect(logger.flush())
  }
}
