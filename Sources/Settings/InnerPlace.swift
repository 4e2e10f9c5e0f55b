extension SourceText {
  /// Where a part of a value's text stands (positions in scalars), as far as it can be found in the file; else the
  /// whole value. What is looked for is compared with the file, so that it is found or not, but never elsewhere.
  func place(of range: Range<Int>, in node: Node) -> Place {
    guard node.place.variable == nil, case .scalar(let text, _) = node.content else { return node.place }
    var column = node.place.column - 1
    let line = scalars(ofLine: node.place.line)
    if line.indices.contains(column), line[column] == "&" {
      // An anchor stands before its value.
      column += line[column...].prefix { $0 != " " }.count
      column += line[min(column, line.count)...].prefix { $0 == " " }.count
    }
    guard line.indices.contains(column) else { return node.place }
    let scalars = Array(text.unicodeScalars)
    var range = range.clamped(to: 0..<scalars.count)
    if range.isEmpty, let last = scalars[..<range.lowerBound].lastIndex(where: { !$0.properties.isWhitespace }) {
      // The end of the text: what stands last.
      range = last..<(last + 1)
    }
    let found: ColumnRange?
    switch line[column] {
    case "\"", "'": found = columns(of: range, quotedAt: column, in: line).map { (node.place.line, $0) }
    case "|", ">": found = columns(of: range, of: scalars, inBlockBelow: node.place.line)
    default:
      let isHere = line[column...].starts(with: scalars)
      found = isHere ? (node.place.line, (column + range.lowerBound)..<(column + range.upperBound)) : nil
    }
    guard let (line, columns) = found else { return node.place }
    return Place(line: line, column: columns.lowerBound + 1, length: max(1, columns.count))
  }

  private typealias ColumnRange = (line: Int, columns: Range<Int>)

  /// Each escape of a quoted text is more than one scalar of the file.
  private func columns(of range: Range<Int>, quotedAt start: Int, in line: [Unicode.Scalar]) -> Range<Int>? {
    let quote = line[start]
    var at = start + 1
    var position = 0
    var first: Int?
    while at < line.count {
      if position == range.lowerBound, first == nil { first = at }
      if position >= range.upperBound, let first { return first..<at }
      if line[at] == quote {
        guard quote == "'", at + 1 < line.count, line[at + 1] == quote else { return nil }
        at += 1
      } else if line[at] == "\\", quote == "\"" {
        guard at + 1 < line.count else { return nil }
        let digits: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
        at += 1 + (digits[line[at + 1]] ?? 0)
      }
      at += 1
      position += 1
    }
    return nil
  }

  /// In a literal block each line of the text is a line of the file; in a folded one it may be several.
  private func columns(of range: Range<Int>, of text: [Unicode.Scalar], inBlockBelow line: Int) -> ColumnRange? {
    var at = 0
    var line = line + 1
    while at < text.count, line <= lineCount {
      let raw = scalars(ofLine: line)
      let isBlank = raw.allSatisfy { $0 == " " }
      // What is indented deeper than the block keeps its spaces.
      let cut = raw.prefix { $0 == " " }.count - text[at...].prefix { $0 == " " }.count
      if !isBlank, cut >= 0, text[at...].starts(with: raw[cut...]) {
        let end = at + raw.count - cut
        if range.lowerBound >= at, range.lowerBound < end {
          let column = cut + range.lowerBound - at
          return (line, column..<min(raw.count, cut + range.upperBound - at))
        }
        at = end
      } else if !isBlank {
        return nil
      }
      if at < text.count, text[at] == "\n" || text[at] == " " { at += 1 }
      line += 1
    }
    return nil
  }
}
