/// Deliveries that wait, earliest first: a binary heap in one array. Entries whose delivery has moved on are
/// recognised when they come up, not searched for.
struct DeadlineHeap: Sendable {
  struct Entry: Sendable {
    let due: Instant
    let id: DeliveryID
  }
  private var entries: [Entry] = []

  var earliest: Instant? { entries.first?.due }
  var isEmpty: Bool { entries.isEmpty }
  var count: Int { entries.count }

  mutating func insert(_ id: DeliveryID, due: Instant) {
    entries.append(Entry(due: due, id: id))
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if entries[parent].due <= entries[child].due { break }
      entries.swapAt(parent, child)
      child = parent
    }
  }

  mutating func removeAll(where isGone: (DeliveryID) -> Bool) {
    let kept = entries.filter { !isGone($0.id) }
    guard kept.count < entries.count else { return }
    entries.removeAll(keepingCapacity: true)
    for entry in kept { insert(entry.id, due: entry.due) }
  }

  mutating func popDue(at now: Instant) -> DeliveryID? {
    guard let first = entries.first, first.due <= now else { return nil }
    let last = entries.removeLast()
    guard !entries.isEmpty else { return first.id }
    entries[0] = last
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && entries[child].due < entries[smallest].due { smallest = child }
      if smallest == parent { break }
      entries.swapAt(parent, smallest)
      parent = smallest
    }
    return first.id
  }
}
