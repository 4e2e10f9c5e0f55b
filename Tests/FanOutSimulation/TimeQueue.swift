/// What is going to happen, earliest first; at one moment in the order it was planned. A binary heap in one array.
struct TimeQueue: Sendable {
  struct Entry: Sendable {
    let time: Int64
    let order: UInt32
    let happening: Happening
  }

  private var entries: [Entry] = []
  private var order: UInt32 = 0

  var isEmpty: Bool { entries.isEmpty }

  mutating func plan(_ happening: Happening, at time: Int64) {
    order &+= 1
    entries.append(Entry(time: time, order: order, happening: happening))
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard Self.isBefore(entries[child], entries[parent]) else { break }
      entries.swapAt(parent, child)
      child = parent
    }
  }

  mutating func next() -> Entry? {
    guard let first = entries.first else { return nil }
    let last = entries.removeLast()
    guard !entries.isEmpty else { return first }
    entries[0] = last
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && Self.isBefore(entries[child], entries[smallest]) { smallest = child }
      if smallest == parent { return first }
      entries.swapAt(parent, smallest)
      parent = smallest
    }
  }

  private static func isBefore(_ a: Entry, _ b: Entry) -> Bool {
    a.time == b.time ? a.order < b.order : a.time < b.time
  }
}

/// Something that happens at a moment of the virtual clock; the numbers are indices into the world's tables.
enum Happening: Sendable {
  /// An instance's loop takes a turn.
  case turn(Int32)
  case fetch(Int32)
  /// A request's answer, or its timeout, is at the instance.
  case answer(Int32)
  case commitReaches(Int32)
  case commitAnswered(Int32)
  case letterReaches(Int32)
  case letterAnswered(Int32)
  case faultBegins(Int32)
  case faultEnds(Int32)
  /// The group has waited long enough for the members that were asked to give partitions back.
  case rebalanceEnds(Int32)
  /// The group has heard nothing of a member for too long.
  case sessionEnds(instance: Int32, life: Int32)
  case starts(Int32)
}
