/// The last received record of each key that is not settled everywhere: what a new record of that key waits behind.
///
/// Open addressing with linear probing and backward-shift deletion (Knuth, TAOCP 3, 6.4, Algorithm R): the hashes are
/// uniform already, and a dictionary would hash them again. Two keys of one hash share an order, which is safe.
struct KeyOrder {
  private struct Slot {
    var hash: UInt64  // 0: free
    var sequence: UInt64
  }
  private var slots: [Slot]
  private(set) var count = 0

  init() { slots = Array(repeating: Slot(hash: 0, sequence: 0), count: 64) }

  /// Makes `sequence` the last of its key and returns the one before it.
  mutating func replaceLast(hash: UInt64, with sequence: UInt64) -> UInt64? {
    if (count + 1) * 2 > slots.count { grow() }
    var i = home(hash)
    while slots[i].hash != 0 {
      if slots[i].hash == hash {
        let before = slots[i].sequence
        slots[i].sequence = sequence
        return before
      }
      i = (i &+ 1) & (slots.count &- 1)
    }
    slots[i] = Slot(hash: hash, sequence: sequence)
    count += 1
    return nil
  }

  /// Forgets the key if `sequence` still is its last.
  mutating func remove(hash: UInt64, ifLastIs sequence: UInt64) {
    var i = home(hash)
    while slots[i].hash != hash {
      if slots[i].hash == 0 { return }
      i = (i &+ 1) & (slots.count &- 1)
    }
    guard slots[i].sequence == sequence else { return }
    count -= 1
    var hole = i
    var next = (i &+ 1) & (slots.count &- 1)
    while slots[next].hash != 0 {
      let distance = (next &- home(slots[next].hash)) & (slots.count &- 1)
      if distance >= (next &- hole) & (slots.count &- 1) {
        slots[hole] = slots[next]
        hole = next
      }
      next = (next &+ 1) & (slots.count &- 1)
    }
    slots[hole] = Slot(hash: 0, sequence: 0)
  }

  private func home(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (slots.count &- 1) }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: Slot(hash: 0, sequence: 0), count: old.count * 2)
    for slot in old where slot.hash != 0 {
      var i = home(slot.hash)
      while slots[i].hash != 0 { i = (i &+ 1) & (slots.count &- 1) }
      slots[i] = slot
    }
  }
}
