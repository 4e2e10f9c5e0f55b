/// A queue in one array. It drops what is taken at once (an array that is cleared only when empty keeps every record
/// of a backlog alive), and gives its memory back when it has run empty after a burst.
package struct Ring<Element> {
  private var slots: [Element?]
  private var head = 0
  package private(set) var count = 0

  package init(minimumCapacity: Int = 16) {
    var capacity = 16
    while capacity < minimumCapacity { capacity *= 2 }
    slots = Array(repeating: nil, count: capacity)
  }

  package var isEmpty: Bool { count == 0 }
  package var first: Element? { count == 0 ? nil : slots[head] }

  package mutating func append(_ element: Element) {
    if count == slots.count { grow() }
    slots[(head &+ count) & (slots.count &- 1)] = element
    count &+= 1
  }

  package mutating func popFirst() -> Element? {
    guard count > 0 else { return nil }
    var element: Element?
    swap(&element, &slots[head])
    head = (head &+ 1) & (slots.count &- 1)
    count &-= 1
    if count == 0 && slots.count > 4096 { self = Ring() }
    return element
  }

  package func forEach(_ body: (Element) -> Void) {
    for i in 0..<count { if let element = slots[(head &+ i) & (slots.count &- 1)] { body(element) } }
  }

  package mutating func removeAll(where isGone: (Element) -> Bool) {
    for _ in 0..<count { if let element = popFirst(), !isGone(element) { append(element) } }
  }

  private mutating func grow() {
    var larger: [Element?] = []
    larger.reserveCapacity(slots.count * 2)
    for i in 0..<count { larger.append(slots[(head &+ i) & (slots.count &- 1)]) }
    larger.append(contentsOf: repeatElement(nil, count: slots.count * 2 - count))
    slots = larger
    head = 0
  }
}

extension Ring: Sendable where Element: Sendable {}
