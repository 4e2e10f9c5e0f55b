#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

enum Clock {
  /// Monotonic nanoseconds.
  static var now: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// What a C function wrote into a buffer of characters, up to its NUL.
  static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Bytes of a C string.
  static func length(_ text: UnsafePointer<CChar>) -> Int { unsafe strlen(text) }
}
