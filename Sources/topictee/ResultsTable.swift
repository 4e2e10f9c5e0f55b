import Bridging

/// Rows of the results topic as lines of a table: `Key | crm | erp`.
///
/// Its columns are as wide as the first rows need, which are held back for that; what is wider later stands out.
struct ResultsTable {
  private static let heldMax = 200
  /// Where cells are cut.
  private static let cellColumnsMax = 48

  private let destinations: [String]
  private let isCut: Bool
  private let style: TextStyle?
  private var held: [[String]] = []
  /// nil until the first lines are given out.
  private var widths: [Int]?

  /// - Parameters:
  ///   - isCut: whether long cells are; a terminal would break their lines.
  ///   - style: nil for no colours.
  init(destinations: [String], isCut: Bool, style: TextStyle?) {
    self.destinations = destinations
    self.isCut = isCut
    self.style = style
  }

  /// Lines that can be given out now.
  mutating func add(_ row: StoredRow) -> [String] {
    let cells = ([Self.key(row)] + destinations.map { Self.cell(row.columns[$0]) }).map { text in
      let escaped = ShownText.escaped(text)
      return isCut ? ShownText.cut(escaped, columns: Self.cellColumnsMax) : escaped
    }
    if let widths { return [Self.line(cells, widths)] }
    held.append(cells)
    return held.count < Self.heldMax ? [] : release()
  }

  /// What is held back, with the header before it if nothing was given out yet.
  mutating func release() -> [String] {
    guard widths == nil else { return [] }
    let header = ["Key"] + destinations
    let found = header.indices.map { i in held.reduce(ShownText.width(header[i])) { max($0, ShownText.width($1[i])) } }
    widths = found
    defer { held = [] }
    let first = Self.line(header, found)
    return [style?.paint(.bold, first) ?? first] + held.map { Self.line($0, found) }
  }

  private static func line(_ cells: [String], _ widths: [Int]) -> String {
    let last = cells.count - 1
    return zip(cells, widths).enumerated().map { index, cell in
      index == last ? cell.0 : ShownText.padded(cell.0, columns: cell.1)
    }.joined(separator: " | ")
  }

  /// Of a record without one: where it stands.
  private static func key(_ row: StoredRow) -> String {
    switch row.key {
    case .text(let text): text
    case .base64(let text): "base64:\(text)"
    case .sha256(let text): "sha256:\(text)"
    case .none: "(\(row.topic)[\(row.partition)]@\(row.offset))"
    }
  }

  private static func cell(_ column: StoredRow.Column?) -> String {
    guard let column else { return "-" }
    let outcome = String(column.outcome.map { $0 == "_" ? "-" : $0 })
    // What was kept of the answer says that there was acceptance.
    let words = column.outcome == "delivered" && column.status != nil ? [] : [outcome]
    return (words + [column.reason, column.status, column.bodyText].compactMap { $0 }).joined(separator: " ")
  }
}

/// The same as lines of CSV (RFC 4180), each with its line end; a destination has a column for each thing that is known.
struct ResultsCSV {
  private let destinations: [String]

  init(destinations: [String]) { self.destinations = destinations }

  var header: String {
    let more = ["_reason", "_status", "_attempts", "_duration_ms", "_body"]
    return Self.line(
      ["topic", "partition", "offset", "timestamp", "key"]
        + destinations.flatMap { name in [name] + more.map { name + $0 } }
    )
  }

  func line(_ row: StoredRow) -> String {
    let key =
      switch row.key {
      case .text(let text): text
      case .base64(let text): "base64:\(text)"
      case .sha256(let text): "sha256:\(text)"
      case .none: ""
      }
    let columns = destinations.flatMap { name -> [String] in
      guard let column = row.columns[name] else { return Array(repeating: "", count: 6) }
      return [
        column.outcome, column.reason ?? "", column.status ?? "", column.attempts ?? "",
        column.durationMilliseconds ?? "", column.bodyText ?? "",
      ]
    }
    return Self.line([row.topic, row.partition, row.offset, row.timestamp, key] + columns)
  }

  private static func line(_ fields: [String]) -> String { fields.map(quoted).joined(separator: ",") + "\r\n" }

  private static func quoted(_ field: String) -> String {
    guard field.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return field }
    // By scalars: a quote with a combining mark behind it is one character.
    var text = String.UnicodeScalarView()
    for scalar in field.unicodeScalars {
      if scalar == "\"" { text.append(scalar) }
      text.append(scalar)
    }
    return "\"\(String(text))\""
  }
}
