/// Where something stands: line and column of the file from 1, in characters, or a variable of the environment.
struct Place: Sendable, Equatable {
  var line: Int
  var column: Int
  var length: Int
  /// Set where the value is not the file's; line and column are 0 then.
  var variable: String?
  static let start = Place(line: 1, column: 1, length: 1)

  static func variable(_ name: String) -> Place { Place(line: 0, column: 0, length: 1, variable: name) }

  /// For hints that point elsewhere: `on line 4`.
  var words: String { variable.map { "in \($0)" } ?? "on line \(line)" }
}

/// The text of a file with its lines, checked to be what YAML may consist of.
struct SourceText {
  static let bytesMax = 1 << 20
  /// Of a line that a diagnostic shows; more would not be read.
  static let shownLineMax = 240
  /// Of a secret that has more than one.
  private static let linesOfSecretMax = 20

  let file: String
  /// Without a byte order mark.
  let bytes: [UInt8]
  /// Where each line starts, in scalars and in bytes.
  private var lineStarts: [(scalar: Int, byte: Int)] = [(0, 0)]
  /// Scalars of each line without its break and the spaces at its end.
  private var lineLengths: [Int] = []
  private var scalarCount = 0

  init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[3...]) : bytes
    index()
    measure()
  }

  private mutating func index() {
    for (at, byte) in bytes.enumerated() {
      if byte & 0xC0 != 0x80 { scalarCount += 1 }
      let isBreak = byte == 0x0A || (byte == 0x0D && !(at + 1 < bytes.count && bytes[at + 1] == 0x0A))
      if isBreak { lineStarts.append((scalarCount, at + 1)) }
    }
  }

  /// The place from `start` to `end` (positions in scalars), cut at the end of its line.
  func place(from start: Int, to end: Int) -> Place {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle].scalar <= start { low = middle } else { high = middle }
    }
    let lineEnd = lineStarts[low].scalar + lineLengths[low]
    let length = max(1, min(end, lineEnd) - start)
    return Place(line: low + 1, column: max(1, start - lineStarts[low].scalar + 1), length: length)
  }

  private mutating func measure() {
    lineLengths = lineStarts.indices.map { scalarLength(ofLine: $0) }
  }

  var lineCount: Int { lineStarts.count }

  /// A line (from 1) as it stands in the file, without its break; none beyond the last.
  func scalars(ofLine line: Int) -> [Unicode.Scalar] {
    guard line >= 1, line <= lineStarts.count else { return [] }
    var line = bytes[lineStarts[line - 1].byte..<(line < lineStarts.count ? lineStarts[line].byte : bytes.count)]
    while line.last == 0x0A || line.last == 0x0D { line.removeLast() }
    return Array(String(decoding: line, as: UTF8.self).unicodeScalars)
  }

  private func byteRange(ofLine line: Int) -> Range<Int> {
    var end = line + 1 < lineStarts.count ? lineStarts[line + 1].byte : bytes.count
    let start = lineStarts[line].byte
    while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D || bytes[end - 1] == 0x20 { end -= 1 }
    return start..<end
  }

  private func scalarLength(ofLine line: Int) -> Int {
    bytes[byteRange(ofLine: line)].reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
  }

  /// The line (from 1) as it may be shown: secrets masked, control characters replaced, cut to `shownLineMax`, and where
  /// a secret stands at a column.
  func shownLine(_ line: Int, before secret: Int? = nil) -> String {
    guard line >= 1, line <= lineStarts.count else { return "" }
    // Four bytes at most per scalar; masking must see the key that stands before what is cut.
    let range = byteRange(ofLine: line - 1)
    var text = String(decoding: bytes[range].prefix(SourceText.shownLineMax * 4), as: UTF8.self)
    if isSecret(line, text) { return String(text.prefix { $0 == " " }) + PlainValue.mask }
    if let secret {
      text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(secret - 1))) + PlainValue.mask
    }
    let masked = SecretMask.mask(text)
    return PlainText.clean(String(String.UnicodeScalarView(masked.unicodeScalars.prefix(SourceText.shownLineMax))))
  }

  /// Whether a line may belong to a secret that begins above it: an item of a list, a block or a quoted text.
  private func isSecret(_ line: Int, _ text: String) -> Bool {
    let hasKey = SourceText.hasKey(text)
    let indent = text.prefix { $0 == " " }.count
    for above in stride(from: line - 1, to: max(0, line - SourceText.linesOfSecretMax), by: -1) {
      let bytes = bytes[byteRange(ofLine: above - 1)].prefix(SourceText.shownLineMax * 4)
      guard bytes.contains(UInt8(ascii: ":")) else { continue }
      let other = String(decoding: bytes, as: UTF8.self)
      let isComment = bytes.first { $0 != 0x20 } == UInt8(ascii: "#")
      let isBelow = !hasKey || (!isComment && indent > other.prefix { $0 == " " }.count)
      if isBelow, SecretMask.mayGoOn(below: other) { return true }
      if !isComment, SourceText.hasKey(other) { return false }
    }
    return false
  }

  private static func hasKey(_ line: String) -> Bool {
    let bytes = Array(line.utf8)
    return bytes.indices.dropFirst().contains {
      bytes[$0] == UInt8(ascii: ":") && ($0 + 1 == bytes.count || bytes[$0 + 1] == 0x20 || bytes[$0 + 1] == 0x09)
        && (NameText.isWord(bytes[$0 - 1]) || [0x22, 0x27].contains(bytes[$0 - 1]))
    }
  }

  /// The position of a byte, in scalars.
  func position(ofByte byte: Int) -> Int {
    bytes.prefix(byte).reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
  }

  /// The first thing that may not stand in a config file at all, with its position in scalars.
  func firstForbidden() -> (message: String, hint: String?, position: Int)? {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var position = 0
    while true {
      switch decoder.decode(&iterator) {
      case .emptyInput: return nil
      case .error: return ("this is not UTF-8", "save the file as UTF-8", position)
      case .scalarValue(let scalar):
        switch scalar.value {
        case 0: return ("a NUL byte", "the file is damaged, or not a text", position)
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: position += 1
        default:
          return (
            "a control character (U+\(hex(scalar.value)))", "remove it, or write it as an escape in double quotes",
            position
          )
        }
      }
    }
  }

  private func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }
}
