/// How often something may happen.
package struct Rate: Sendable, Equatable {
  package var perSecond: Double
  package init(perSecond: Double) { self.perSecond = perSecond }

  /// `20/s`, `100/m`, `5/h`: a whole number from 1 to a milliard, and the span of time it is for.
  package static func parse(_ text: String) -> Rate? {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count == 2, (1...10).contains(parts[0].count), parts[0].allSatisfy({ (48...57).contains($0) }),
      let count = Int(String(parts[0]) ?? ""), (1...1_000_000_000).contains(count)
    else { return nil }
    switch String(parts[1]) {
    case "s": return Rate(perSecond: Double(count))
    case "m": return Rate(perSecond: Double(count) / 60)
    case "h": return Rate(perSecond: Double(count) / 3600)
    default: return nil
    }
  }
}
