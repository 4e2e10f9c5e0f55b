/// Text of a file on its way into a message: nothing in it may move a terminal's cursor or flood it.
package enum PlainText {
  /// With commas between.
  static func list(_ texts: [String]) -> String { clean(texts.joined(separator: ", ")) }

  /// In single quotes, at most `max` characters.
  static func quoted(_ text: String, max: Int = 60) -> String {
    let scalars = text.unicodeScalars
    let isLong = scalars.count > max
    return "'" + clean(String(String.UnicodeScalarView(scalars.prefix(max)))) + (isLong ? "…'" : "'")
  }

  /// A file's path in single quotes: longer than other texts may be, or its end is lost.
  package static func quoted(path: String) -> String { quoted(path, max: 200) }

  /// Control characters and what turns the direction of writing become `?`; a tab stays.
  package static func clean(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x09: result.append(scalar)
      case 0...0x1F, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: result.append("?")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
