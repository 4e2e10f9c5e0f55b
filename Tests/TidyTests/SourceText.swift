/// Swift source with comments and the contents of string literals told apart from code, so that a brace in a text or a
/// word in a comment counts for what it is. Knows nested comments, raw and multi-line strings and interpolation; not
/// regular expression literals between slashes, which this repository does not use.
struct SourceText {
  /// Bytes of the file with comments and literals' contents replaced by spaces; line feeds stay, so lines keep their numbers.
  private(set) var code: [UInt8] = []
  /// The same for what stands in comments.
  private(set) var comments: [UInt8] = []
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
    scanCode(insideInterpolation: false)
  }

  var codeLines: [String] { Self.lines(code) }
  var commentLines: [String] { Self.lines(comments) }

  private static func lines(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  private enum Part { case code, comment, literal }

  private mutating func take(_ part: Part, _ count: Int = 1) {
    for _ in 0..<count where position < bytes.count {
      let byte = bytes[position]
      let isLineFeed = byte == UInt8(ascii: "\n")
      code.append(part == .code || isLineFeed ? byte : UInt8(ascii: " "))
      comments.append(part == .comment || isLineFeed ? byte : UInt8(ascii: " "))
      position += 1
    }
  }

  private func isAt(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

  private mutating func scanCode(insideInterpolation: Bool) {
    var parentheses = 0
    while position < bytes.count {
      if isAt("//") {
        while position < bytes.count, !isAt("\n") { take(.comment) }
      } else if isAt("/*") {
        scanBlockComment()
      } else if let hashes = literalStart() {
        scanLiteral(hashes: hashes)
      } else {
        if isAt("(") { parentheses += 1 }
        if isAt(")") { parentheses -= 1 }
        take(.code)
        if insideInterpolation, parentheses == 0 { return }
      }
    }
  }

  private mutating func scanBlockComment() {
    var depth = 0
    repeat {
      if isAt("/*") {
        depth += 1
        take(.comment, 2)
      } else if isAt("*/") {
        depth -= 1
        take(.comment, 2)
      } else {
        take(.comment)
      }
    } while depth > 0 && position < bytes.count
  }

  /// The number of `#` before the quote of a string literal that begins here.
  private func literalStart() -> Int? {
    let hashes = bytes[position...].prefix { $0 == UInt8(ascii: "#") }.count
    let quote = position + hashes
    return quote < bytes.count && bytes[quote] == UInt8(ascii: "\"") ? hashes : nil
  }

  /// Three quotes that end their line; `#""""#` is a literal of two quotes.
  private var isMultilineStart: Bool {
    guard isAt("\"\"\"") else { return false }
    return bytes[(position + 3)...].first { $0 != UInt8(ascii: " ") } == UInt8(ascii: "\n")
  }

  private mutating func scanLiteral(hashes: Int) {
    take(.literal, hashes)
    let quotes = isMultilineStart ? "\"\"\"" : "\""
    take(.literal, quotes.utf8.count)
    let suffix = String(repeating: "#", count: hashes)
    while position < bytes.count, !isAt(quotes + suffix) {
      if isAt("\\\(suffix)(") {
        take(.literal, 1 + hashes)
        scanCode(insideInterpolation: true)
      } else {
        take(.literal, isAt("\\\(suffix)") ? 2 + hashes : 1)
      }
    }
    take(.literal, quotes.utf8.count + hashes)
  }
}

extension SourceText {
  struct Function: Equatable {
    let line: Int
    let lineCount: Int
  }

  /// Functions and initialisers with a body, the line they begin on (from 1) and how many lines they take.
  var functions: [Function] {
    let tokens = self.tokens
    return tokens.indices.compactMap { start in
      let isDeclaration =
        tokens[start].text == "func" || (tokens[start].text == "init" && (start == 0 || tokens[start - 1].text != "."))
      guard isDeclaration, let open = bodyStart(tokens, after: start) else { return nil }
      var depth = 0
      for token in tokens[open...] {
        if token.text == "{" { depth += 1 }
        if token.text == "}" { depth -= 1 }
        if depth == 0 { return Function(line: tokens[start].line, lineCount: token.line - tokens[start].line + 1) }
      }
      return nil
    }
  }

  /// The `{` of a declaration, or `nil` for a protocol's requirement: there the next declaration or the end comes first.
  private func bodyStart(_ tokens: [Token], after start: Int) -> Int? {
    let others: Set = [
      "func", "init", "var", "let", "static", "mutating", "associatedtype", "subscript", "package", "}",
    ]
    var depth = 0
    for index in tokens.indices.dropFirst(start + 1) {
      switch tokens[index].text {
      case "(": depth += 1
      case ")": depth -= 1
      case "{" where depth == 0: return index
      case let word where depth == 0 && others.contains(word): return nil
      default: break
      }
    }
    return nil
  }

  private struct Token {
    let text: String
    let line: Int
  }

  /// Words, and every other visible byte for itself.
  private var tokens: [Token] {
    var tokens: [Token] = []
    var line = 1
    var word: [UInt8] = []
    for byte in code + [UInt8(ascii: "\n")] {
      if byte == UInt8(ascii: "_") || byte >= 0x80 || Unicode.Scalar(byte).properties.isAlphabetic
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      {
        word.append(byte)
        continue
      }
      if !word.isEmpty {
        tokens.append(Token(text: String(decoding: word, as: UTF8.self), line: line))
        word = []
      }
      if byte == UInt8(ascii: "\n") {
        line += 1
      } else if byte > 0x20 {
        tokens.append(Token(text: String(Unicode.Scalar(byte)), line: line))
      }
    }
    return tokens
  }

  /// Opening less closing braces: 0, unless the file was misread.
  var braceBalance: Int {
    code.count { $0 == UInt8(ascii: "{") } - code.count { $0 == UInt8(ascii: "}") }
  }

  /// Modules that are imported, also under `#if`.
  var imports: [String] {
    codeLines.compactMap { line in
      let words = line.split(separator: " ")
      guard let keyword = words.firstIndex(of: "import"), keyword < 3, keyword + 1 < words.count else { return nil }
      let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      let module = words[(keyword + 1)...].first { !kinds.contains($0) }
      return module.map { String($0.prefix { $0 != "." }) }
    }
  }
}
