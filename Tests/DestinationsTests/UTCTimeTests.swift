import HTTPWire
import Testing

@testable import Destinations

@Suite struct UTCTimeTests {
  /// As Python's datetime writes them.
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z", "19700101T000000Z"), (1, "1970-01-01T00:00:00.001Z", "19700101T000000Z"),
      (-1, "1969-12-31T23:59:59.999Z", "19691231T235959Z"),
      (951_782_399_999, "2000-02-28T23:59:59.999Z", "20000228T235959Z"),
      (951_868_799_000, "2000-02-29T23:59:59.000Z", "20000229T235959Z"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000Z", "21000301T000000Z"),
      (1_790_000_000_123, "2026-09-21T14:13:20.123Z", "20260921T141320Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z", "99991231T235959Z"),
      (-62_167_219_200_000, "0000-01-01T00:00:00.000Z", "00000101T000000Z"),
    ] as [(Int64, String, String)])
  func moments(_ milliseconds: Int64, _ readable: String, _ compact: String) throws {
    let time = try #require(UTCTime(milliseconds: milliseconds))
    var buffer = ByteBuffer()
    time.appendRFC3339(to: &buffer)
    #expect(text(buffer) == readable)
    buffer.clear()
    time.appendCompact(to: &buffer)
    #expect(text(buffer) == compact)
  }

  @Test(arguments: [Int64.min, -62_167_219_200_001, 253_402_300_800_000, .max]) func beyondFourDigits(_ time: Int64) {
    #expect(UTCTime(milliseconds: time) == nil)
  }
}
