/// The known word that is closest to a misspelt one.
package enum Suggestion {
  /// At most a third of the letters may differ; a swap of neighbours counts as one. The first of equally close ones.
  /// Else the only one that begins so.
  static func closest(to word: String, among known: [String]) -> String? {
    let letters = Array(word.utf8)
    guard !letters.isEmpty, letters.count <= 64 else { return nil }
    var best: (word: String, distance: Int)?
    for candidate in known {
      let other = Array(candidate.utf8)
      let allowed = max(1, max(letters.count, other.count) / 3)
      guard abs(letters.count - other.count) <= allowed else { continue }
      let distance = distance(letters, other)
      if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.word ?? begun(letters, among: known)
  }

  /// Of at least three letters, so that chance has no part in it.
  private static func begun(_ letters: [UInt8], among known: [String]) -> String? {
    let longer = known.filter {
      $0.utf8.count > letters.count && zip($0.utf8, letters).allSatisfy { lower($0) == lower($1) }
    }
    return letters.count >= 3 && longer.count == 1 ? longer[0] : nil
  }

  /// Changes, insertions, removals and swaps of neighbours between two words (optimal string alignment).
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      row.reserveCapacity(b.count + 1)
      for j in b.indices {
        let isSame = lower(a[i]) == lower(b[j])
        var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (isSame ? 0 : 1))
        if i > 0, j > 0, lower(a[i]) == lower(b[j - 1]), lower(a[i - 1]) == lower(b[j]) {
          cost = min(cost, beforeLast[j - 1] + 1)
        }
        row.append(cost)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }

  private static func lower(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

  package static func hint(_ word: String, among known: [String]) -> String? {
    closest(to: word, among: known).map { "did you mean '\($0)'?" }
  }
}
