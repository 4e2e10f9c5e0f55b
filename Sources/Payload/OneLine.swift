/// Text of others made fit for one line of a log or a header: of hostile input at most so much, without control
/// characters.
package enum OneLine {
  /// Control characters, line and paragraph separators become spaces; what is too long ends with `…`.
  package static func text(_ text: String, bytesMax: Int) -> String {
    var line = ""
    for scalar in text.unicodeScalars {
      let length = UTF8.width(scalar)
      guard line.utf8.count + length <= bytesMax else {
        while !line.isEmpty, line.utf8.count + 3 > bytesMax { line.unicodeScalars.removeLast() }
        return line + "…"
      }
      line.unicodeScalars.append(isPlain(scalar) ? scalar : " ")
    }
    return line
  }

  /// Bytes that are not UTF-8 become U+FFFD.
  package static func text(_ bytes: some Sequence<UInt8>, bytesMax: Int) -> String {
    text(String(decoding: Array(bytes.prefix(bytesMax + 4)), as: UTF8.self), bytesMax: bytesMax)
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
    default: true
    }
  }
}
