import Foundation
import Payload
import Testing

@Suite struct GzipTests {
  static func compressed(_ bytes: [UInt8], by gzip: Gzip, after prefix: [UInt8] = []) -> [UInt8] {
    var output = prefix
    #expect(unsafe bytes.withUnsafeBytes { unsafe gzip.append($0, to: &output) })
    #expect(output.starts(with: prefix))
    return Array(output.dropFirst(prefix.count))
  }

  /// What gzip(1) makes of it.
  static func decompressed(_ bytes: [UInt8]) throws -> [UInt8] {
    let file = FileManager.default.temporaryDirectory.appending(path: "gzip-\(UUID()).gz")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", file.path(percentEncoded: false)]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return [UInt8](output)
  }

  static let samples: [[UInt8]] = [
    [], [0], Array("{\"id\": 1}".utf8), [UInt8](repeating: 0x61, count: 3_000_000),
    (0..<200_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) },
  ]

  @Test(arguments: samples) func gzipReadsItBack(_ bytes: [UInt8]) throws {
    let gzip = try #require(Gzip())
    #expect(try Self.decompressed(Self.compressed(bytes, by: gzip)) == bytes)
  }

  @Test func oneOfThemWritesManyTheSameWayEachTime() throws {
    let gzip = try #require(Gzip())
    for sample in Self.samples {
      let first = Self.compressed(sample, by: gzip)
      #expect(Self.compressed(sample, by: gzip, after: [1, 2, 3]) == first)
      let other = try #require(Gzip())
      #expect(Self.compressed(sample, by: other) == first)
      // Magic, deflate, no flags, no time, default effort, unknown system.
      #expect(Array(first.prefix(10)) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
    }
  }

  @Test func itIsSmaller() throws {
    let gzip = try #require(Gzip())
    #expect(Self.compressed([UInt8](repeating: 0x61, count: 100_000), by: gzip).count < 1_000)
  }
}
