/// The demo's picture as lines of text; draws nothing itself.
struct DemoPicture {
  let style: TextStyle
  let columns: Int
  let rows: Int

  /// At most `rows` lines of at most `columns` columns.
  func lines(_ facts: DemoFacts) -> [String] {
    var lines = [
      style.paint(.bold, fit("topictee demo   embedded Kafka at \(facts.broker)   \(clock(facts.elapsed))")),
      fit(facts.stageText),
      "",
    ]
    lines += destinations(facts)
    lines.append("")
    lines += partitions(facts)
    lines.append("")
    let room = max(0, min(12, rows - lines.count))
    lines += facts.events.suffix(room).map { style.paint(.dim, fit($0)) }
    return Array(lines.prefix(rows))
  }

  /// One line without control sequences, for an output that cannot be redrawn; what is 0 is left out.
  static func plainLine(_ facts: DemoFacts) -> String {
    var line = "\(Int(facts.elapsed.inSeconds)) s: \(facts.stageText)"
    for destination in facts.destinations where facts.records > 0 {
      let others = [
        (destination.inFlight, "in flight"), (facts.waiting(destination), "waiting"),
        (destination.retried, "retried"), (destination.deadLetters, "dead letters"),
      ]
      line += "; \(destination.name)\(destination.isDown ? " (outage)" : "") delivered \(destination.delivered)"
      for (count, name) in others where count > 0 { line += ", \(name) \(count)" }
    }
    return facts.records > 0 ? line + "; committed \(facts.committed) of \(facts.records)" : line
  }

  // MARK: - Tables

  private func destinations(_ facts: DemoFacts) -> [String] {
    let header = TextTable.row(
      ["API", "delivered", "in flight", "waiting", "retried", "dead letters"], Self.destinationWidths)
    var lines = [style.paint(.dim, fit(header))]
    for destination in facts.destinations {
      let waiting = facts.waiting(destination)
      var cells = [destination.name, "\(destination.delivered)", "\(destination.inFlight)"]
      cells += ["\(waiting)", "\(destination.retried)", "\(destination.deadLetters)"]
      let text = TextTable.row(cells, Self.destinationWidths)
      let settled = destination.delivered + destination.deadLetters
      lines.append(withBar(text, part: settled, of: facts.records, destination.isDown ? .red : .green))
    }
    let down = facts.destinations.filter(\.isDown).map { destination in
      "\(destination.name): outage, holding \(facts.waiting(destination) + destination.inFlight)"
        + "; the other goes on"
    }
    return lines + [down.isEmpty ? "" : style.paint(.red, fit(down.joined(separator: "; ")))]
  }

  private func partitions(_ facts: DemoFacts) -> [String] {
    let header = TextTable.row(["partition", "end", "watermark", "committed", "lag"], Self.partitionWidths)
    return [style.paint(.dim, fit(header))]
      + facts.partitions.map { partition in
        var cells = [partition.name, "\(partition.end)", "\(partition.watermark)", "\(partition.committed)"]
        cells.append("\(max(0, partition.end - partition.committed))")
        let text = TextTable.row(cells, Self.partitionWidths)
        return withBar(text, part: Int(partition.committed), of: Int(partition.end), .green)
      }
  }

  private static let destinationWidths = [-10, 11, 11, 10, 10, 14]
  private static let partitionWidths = [-10, 11, 11, 10, 10]
  private static let barColumn = 68
  private static let barMax = 30

  private func withBar(_ text: String, part: Int, of whole: Int, _ colour: TextStyle.Colour) -> String {
    let width = min(Self.barMax, columns - Self.barColumn)
    guard width > 3 else { return fit(text) }
    let filled = whole == 0 ? 0 : min(width, max(0, part) * width / whole)
    let bar = style.paint(colour, String(repeating: style.full, count: filled))
    let rest = style.paint(.dim, String(repeating: style.empty, count: width - filled))
    return padded(fit(text), Self.barColumn) + bar + rest
  }

  private func fit(_ text: String) -> String { OneLine.of(text, max: columns) }

  private func clock(_ elapsed: Duration) -> String { "\(Int(elapsed.inSeconds)) s" }
}

/// Columns of text.
enum TextTable {
  /// Negative widths stand left.
  static func row(_ cells: [String], _ widths: [Int]) -> String {
    zip(cells, widths).map { cell, width in
      let space = String(repeating: " ", count: max(0, abs(width) - cell.count))
      return width < 0 ? cell + space : space + cell
    }.joined()
  }
}

/// What a terminal can show.
struct TextStyle: Equatable {
  enum Colour: String { case bold = "1", dim = "2", red = "31", green = "32" }

  let isColoured: Bool
  /// Whether it shows more than ASCII.
  let isUnicode: Bool

  var full: String { isUnicode ? "█" : "#" }
  var empty: String { isUnicode ? "░" : "." }

  func paint(_ colour: Colour, _ text: String) -> String {
    isColoured && !text.isEmpty ? "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[0m" : text
  }

  /// Nil where nothing may be redrawn: no terminal, `NO_COLOR`, or a terminal that only writes lines.
  static func of(_ environment: [String: String], isTerminal: Bool) -> TextStyle? {
    let isDumb = ["", "dumb"].contains(environment["TERM"] ?? "")
    guard isTerminal, !isDumb, environment["NO_COLOR", default: ""].isEmpty else { return nil }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let isUnicode = ["utf-8", "utf8"].contains { locale.lowercased().contains($0) }
    return TextStyle(isColoured: true, isUnicode: isUnicode)
  }
}
