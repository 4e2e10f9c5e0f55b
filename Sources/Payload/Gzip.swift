private import CZlib

/// Writes gzip (RFC 1952). The same bytes give the same bytes: no time and no system's name is in them.
///
/// It keeps zlib's 256 KiB from call to call and belongs to one lane.
@safe package final class Gzip {
  private let stream: UnsafeMutablePointer<z_stream>
  private let header: UnsafeMutablePointer<gz_header>
  private static let outputStep = 16_384

  /// Nil where there is no memory for it.
  /// - Parameter level: 1 (fast) to 9 (small).
  package init?(level: Int = 6) {
    // zlib's state points back to them: they stay where they are.
    unsafe stream = .allocate(capacity: 1)
    unsafe header = .allocate(capacity: 1)
    let code = unsafe topictee_gzip_begin(stream, header, Int32(clamping: level))
    guard code == Z_OK else { return nil }
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
    unsafe header.deallocate()
  }

  /// Appends `bytes` to `output` as one complete member.
  /// - Returns: false if zlib gave up; what was appended is of no use then.
  package func append(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) -> Bool {
    // A member's length is 32 bits, and so is zlib's count.
    guard bytes.count <= UInt32.max, unsafe deflateReset(stream) == Z_OK,
      unsafe deflateSetHeader(stream, header) == Z_OK
    else { return false }
    unsafe stream.pointee.next_in = UnsafeMutablePointer(
      mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    unsafe stream.pointee.avail_in = UInt32(bytes.count)
    var code = Z_OK
    while code == Z_OK {
      let before = output.count
      output.append(contentsOf: repeatElement(0, count: Self.outputStep))
      unsafe output.withUnsafeMutableBufferPointer { room in
        unsafe stream.pointee.next_out = room.baseAddress?.advanced(by: before)
        unsafe stream.pointee.avail_out = UInt32(Self.outputStep)
        unsafe code = deflate(stream, Z_FINISH)
      }
      unsafe output.removeLast(Int(stream.pointee.avail_out))
    }
    return code == Z_STREAM_END
  }
}
