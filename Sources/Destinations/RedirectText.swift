/// A `Location` that a server sent, for an error that people read: it can move no terminal, carries no secret and is short.
enum RedirectText {
  private static let bytesMax = 200

  /// Printable ASCII, at most 200 bytes. What stands in a user's place, in a query's values or in a fragment can be a
  /// token, and is `***`.
  static func shown(_ location: [UInt8]) -> String {
    let printable = location.map { $0 > 0x20 && $0 < 0x7f ? $0 : UInt8(ascii: "?") }
    let queryStart = location.firstIndex(of: UInt8(ascii: "?")) ?? location.count
    let fragmentStart = location.firstIndex(of: UInt8(ascii: "#")) ?? location.count
    let pathEnd = min(queryStart, fragmentStart)
    var shown = withoutUser(printable[..<pathEnd])
    if queryStart < fragmentStart { shown += "?" + maskedQuery(printable[(queryStart + 1)..<fragmentStart]) }
    if fragmentStart < location.count { shown += "#***" }
    return shown.utf8.count <= bytesMax ? shown : String(shown.prefix(bytesMax - 3)) + "..."
  }

  /// Of `https://user:password@host/path` and `//user@host/`, all but the user.
  private static func withoutUser(_ text: ArraySlice<UInt8>) -> String {
    let slash = UInt8(ascii: "/")
    guard let slashes = text.indices.first(where: { text[$0...].starts(with: [slash, slash]) }) else {
      return String(decoding: text, as: UTF8.self)
    }
    let start = slashes + 2
    let end = text[start...].firstIndex(of: slash) ?? text.endIndex
    guard let at = text[start..<end].lastIndex(of: UInt8(ascii: "@")) else {
      return String(decoding: text, as: UTF8.self)
    }
    return String(decoding: text[..<start], as: UTF8.self) + "***" + String(decoding: text[at...], as: UTF8.self)
  }

  private static func maskedQuery(_ query: ArraySlice<UInt8>) -> String {
    query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false).map { field in
      guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else {
        // A field without a name is a value.
        return field.isEmpty ? "" : "***"
      }
      return String(decoding: field[...equals], as: UTF8.self) + (equals + 1 < field.endIndex ? "***" : "")
    }.joined(separator: "&")
  }
}
