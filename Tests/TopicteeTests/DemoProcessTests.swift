import Foundation
import Testing

/// The whole demo: embedded Kafka, real HTTP, a process of its own.
@Suite(.timeLimit(.minutes(2)), .serialized) struct DemoProcessTests {
  private static func cells(_ text: String, _ name: String) -> [Int] {
    let row = text.split(separator: "\n").last { $0.hasPrefix("\(name) ") } ?? ""
    return row.split(separator: " ").dropFirst().compactMap { Int($0) }
  }

  @Test func twoHundredEventsAreSettledAndAccountedFor() throws {
    let result = try Program(["demo", "--events", "200"]).finish()
    #expect(result.code == 0, "\(result.output)\n\(result.errors)")
    #expect(result.errors.isEmpty, "\(result.errors)")
    #expect(result.output.contains("the group is forming"))
    #expect(!result.output.contains("\u{1b}"), "an escape sequence in a pipe")
    #expect(result.output.contains("summary: 200 events published, 0 from outside"))
    // Requests, accepted, retried, dead letters, duplicates, lost.
    #expect(Self.cells(result.output, "crm") == [200, 200, 0, 0, 0, 0])
    let erp = Self.cells(result.output, "erp")
    try #require(erp.count == 6, "\(result.output)")
    // Of 200 orders erp refuses 13, 53, 93, 133 and 173, and never gets 50 and 150 done.
    #expect((erp[1], erp[3], erp[4], erp[5]) == (193, 7, 0, 0))
    #expect(result.output.contains("orders.dead, read back: erp exhausted 2, erp rejected 5"))
    // 10 orders meet a deadlock once, 2 use up 3 attempts more than the first, and then there is the outage.
    #expect(erp[2] >= 16)
    #expect(erp[0] == 200 + erp[2])
    let offsets = result.output.split(separator: "\n").last { $0.hasPrefix("committed, by partition: ") } ?? ""
    let numbers = offsets.split { !$0.isNumber }.compactMap { Int($0) }
    #expect(numbers.count == 8)
    #expect(numbers.reduce(0, +) == 400)
  }

  @Test(arguments: [SIGINT, SIGTERM]) func aSignalEndsItEarlyWithTheSummary(_ signal: Int32) throws {
    let program = try Program(["demo", "--for", "10m"])
    #expect(program.read(until: "committed"))
    kill(program.process.processIdentifier, signal)
    let result = program.finish()
    #expect(result.code == 0, "\(result.output)\n\(result.errors)")
    #expect(result.output.contains("summary: "))
    #expect(result.output.contains("each customer's orders came in order"))
  }

  @Test func aSecondSignalEndsItAtOnce() throws {
    let program = try Program(["demo", "--for", "10m"])
    #expect(program.read(until: "the group is forming"))
    kill(program.process.processIdentifier, SIGTERM)
    kill(program.process.processIdentifier, SIGINT)
    let result = program.finish()
    #expect(program.process.terminationReason == .exit)
    #expect(result.code == 130 || result.code == 143)
    #expect(!result.output.contains("summary"))
  }

  @Test func anOutputThatNobodyReadsEndsIt() throws {
    let program = try Program(["demo", "--for", "10m"])
    #expect(program.read(until: "the group is forming"))
    try program.output.fileHandleForReading.close()
    program.process.waitUntilExit()
    #expect(program.process.terminationStatus == 0)
  }

  @Test func wrongUseIsAnsweredWithSixtyFour() throws {
    for words in [["demo", "--rate", "abc"], ["demo", "--events", "0"], ["demo", "--for", "5x"], ["demo", "x"]] {
      let result = try Program(words).finish()
      #expect(result.code == 64)
      #expect(result.errors.hasPrefix("topictee demo: "))
      #expect(result.output.isEmpty)
    }
  }
}
