import HTTPWire
import Settings

/// The request line's path and query.
enum TargetTemplates {
  static func program(_ settings: DestinationSettings) -> TemplateProgram {
    var program = TemplateProgram()
    var hasQuery: Bool
    if let target = settings.target {
      append(path: target.path, to: &program)
      hasQuery = target.query != nil
      if let query = target.query {
        program.append("?")
        program.append(query, .query)
      }
    } else {
      program.append(settings.url.target)
      hasQuery = settings.url.target.utf8.contains(UInt8(ascii: "?"))
    }
    for (name, value) in settings.query {
      program.append(hasQuery ? "&" : "?")
      hasQuery = true
      program.append(percentEncoded(name))
      program.append("=")
      program.append(value, .query, literal: percentEncoded)
    }
    return program
  }

  /// Segments that hold values are checked when they are rendered; others stand as they are in the file.
  private static func append(path: TemplateText, to program: inout TemplateProgram) {
    var segment: [TemplateText.Part] = []
    for part in path.parts {
      guard case .literal(let text) = part else {
        segment.append(part)
        continue
      }
      for (i, piece) in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).enumerated() {
        if i > 0 {
          append(segment: segment, to: &program)
          segment = []
          program.append("/")
        }
        if !piece.isEmpty { segment.append(.literal(String(Substring(piece)))) }
      }
    }
    append(segment: segment, to: &program)
  }

  private static func append(segment: [TemplateText.Part], to program: inout TemplateProgram) {
    let text = TemplateText(parts: segment)
    guard text.literal == nil else { return program.append(text, .pathSegment) }
    program.beginSegment()
    program.append(text, .pathSegment)
    program.endSegment(text)
  }

  private static func percentEncoded(_ text: String) -> [UInt8] {
    var buffer = ByteBuffer()
    buffer.append(percentEncoded: text, except: .unreserved)
    return unsafe buffer.withBytes { unsafe Array($0) }
  }
}

/// A segment of a path that holds values of a record.
enum PathSegment {
  /// Whether what stands in the buffer from `start` on would leave the path that the file has: nothing, `.` or `..`,
  /// however its dots are written.
  static func isUnsafe(_ buffer: ByteBuffer, from start: Int) -> Bool {
    unsafe buffer.withBytes { bytes in
      var dots = 0
      var at = start
      while at < bytes.count {
        if unsafe bytes[at] == UInt8(ascii: ".") {
          at += 1
        } else if unsafe at + 2 < bytes.count && bytes[at] == UInt8(ascii: "%") && bytes[at + 1] == UInt8(ascii: "2")
          && bytes[at + 2] | 0x20 == UInt8(ascii: "e")
        {
          at += 3
        } else {
          return false
        }
        dots += 1
      }
      return dots <= 2
    }
  }
}
