import Foundation
import Testing

@testable import HTTPWire

/// Responses on which two independent parsers agree (`Fuzz/differential.py` makes them).
@Suite struct DifferentialTests {
  @Test func agreesWhereBothOthersDo() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fuzz/corpus.txt")
    var compared = 0
    var accepted = 0
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let parts = line.split(separator: " ")
      try #require(parts.count == 4)
      let parsed = Parsed(bytes(parts[3]), cuts: [])
      compared += 1
      if parts[0] == "refuse" {
        #expect(parsed.verdict != .complete, "\(line)")
      } else if parsed.verdict == .complete {
        accepted += 1
        #expect(String(parsed.status) == parts[1], "\(line)")
        #expect(Array(parsed.body.utf8) == Array(String(decoding: bytes(parts[2]), as: UTF8.self).utf8), "\(line)")
      }
    }
    #expect(compared >= 400 && accepted >= 50, "\(accepted) of \(compared)")
  }

  private func bytes(_ hex: Substring) -> [UInt8] {
    let digits = Array(hex.utf8)
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
    }
  }
}
