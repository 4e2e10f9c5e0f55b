private import CRdKafka

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// The library's own table of properties, as it prints it: a line for each, with columns between bars.
package struct PropertyTable: Sendable {
  /// Whose a property is; the other kind of client ignores it, with a warning.
  package enum Scope: Sendable, Equatable { case consumer, producer, both }
  package struct Row: Sendable, Equatable {
    package var scope: Scope
    /// What it takes: `1 .. 3600000`, `true, false`; empty where that is not said.
    package var range: String
  }
  private let rows: [String: Row]

  /// Of the library that runs.
  package static let ofLibrary = PropertyTable(printed: printedByLibrary())

  init(printed text: String) {
    var rows: [String: Row] = [:]
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      // Behind the third bar stands prose.
      let parts = line.split(separator: UInt8(ascii: "|"), maxSplits: 3, omittingEmptySubsequences: false)
      guard parts.count == 4 else { continue }
      let cells = parts.prefix(3).map(Self.trimmed)
      switch cells[1] {
      case "C": rows[cells[0]] = Row(scope: .consumer, range: cells[2])
      case "P": rows[cells[0]] = Row(scope: .producer, range: cells[2])
      case "*": rows[cells[0]] = Row(scope: .both, range: cells[2])
      default: break
      }
    }
    self.rows = rows
  }

  package var names: [String] { rows.keys.sorted() }
  /// `nil` for a name that the table does not have; the library may take it all the same.
  package subscript(name: String) -> Row? { rows[name] }

  private static func trimmed(_ cell: Substring.UTF8View) -> String {
    var rest = cell.drop { $0 == UInt8(ascii: " ") }
    while rest.last == UInt8(ascii: " ") { rest.removeLast() }
    return String(decoding: rest, as: UTF8.self)
  }

  private static func printedByLibrary() -> String {
    var text: UnsafeMutablePointer<CChar>?
    var length = 0
    unsafe withUnsafeMutablePointer(to: &text) { text in
      unsafe withUnsafeMutablePointer(to: &length) { length in
        guard let file = unsafe open_memstream(text, length) else { return }
        unsafe rd_kafka_conf_properties_show(file)
        unsafe fclose(file)
      }
    }
    defer { unsafe free(text) }
    return unsafe String(decoding: UnsafeRawBufferPointer(start: text, count: text == nil ? 0 : length), as: UTF8.self)
  }
}

extension PropertyTable.Row {
  /// The bounds of a whole number; `nil` for what is none.
  var numbers: ClosedRange<Int>? {
    let ends = range.split(separator: " ").map(String.init)
    guard ends.count == 3, ends[1] == "..", let low = Int(ends[0]), let high = Int(ends[2]), low <= high else {
      return nil
    }
    return low...high
  }
}
