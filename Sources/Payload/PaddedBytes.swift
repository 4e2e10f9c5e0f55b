/// Memory with `JSONDocument.padding` bytes behind what is asked for. It is kept from use to use, unless it was much.
@safe struct PaddedBytes: ~Copyable {
  private static let keptBytesMax = 1 << 20
  private var block = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)

  init() {}
  deinit { unsafe block.deallocate() }

  /// At least `count` bytes, not initialized, good until the next call. What was there is gone.
  mutating func room(for count: Int) -> UnsafeMutableRawBufferPointer {
    let needed = count + JSONDocument.padding
    let isWasteful = unsafe block.count > Self.keptBytesMax && needed <= Self.keptBytesMax
    if unsafe block.count < needed || isWasteful {
      unsafe block.deallocate()
      unsafe block = UnsafeMutableRawBufferPointer.allocate(byteCount: max(4_096, needed), alignment: 16)
    }
    return unsafe block
  }
}
