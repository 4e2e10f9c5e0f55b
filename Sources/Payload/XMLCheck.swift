/// Whether XML of the file is well-formed, and where in it a record's text may stand. Read by expat, with namespaces.
///
/// What is checked is the content of an element: elements and text. A document type, entities but XML's own five,
/// processing instructions (SOAP forbids them) and prefixes that nothing declares are problems.
package enum XMLCheck {
  /// What is wrong with the content, or nil.
  /// - Parameter prefixes: what the surrounding element declares.
  package static func problem(in content: String, prefixes: [String] = []) -> XMLProblem? {
    do throws(XMLProblem) {
      _ = try places(between: [content], prefixes: prefixes)
      return nil
    } catch {
      return error
    }
  }

  /// Where each reference of a template stands, so that what it gives is escaped for that place.
  /// - Parameter literals: what stands before, between and behind the references: one more than there are of these.
  package static func places(
    between literals: [String], prefixes: [String] = []
  ) throws(XMLProblem) -> [XMLEscape.Place] {
    let mark = freeMark(in: literals)
    let declarations = prefixes.map { " xmlns:\($0)=\"urn:\($0)\"" }.joined()
    var text = Array("<x\(declarations)>".utf8)
    var starts: [Int] = []
    for (i, literal) in literals.enumerated() {
      if i > 0 { text.append(contentsOf: String(mark).utf8) }
      starts.append(text.count)
      text.append(contentsOf: literal.utf8)
    }
    text.append(contentsOf: "</x>".utf8)
    let reader = PlaceReader(mark: mark)
    if let fault = XMLScanner.scan(text, with: reader) {
      throw XMLProblem(fault.message, at: fault.offset, literals, starts)
    }
    var places: [XMLEscape.Place] = []
    for place in reader.places {
      guard let place else { break }
      places.append(place)
    }
    let references = max(0, literals.count - 1)
    guard places.count == references, reader.places.count == references else {
      let message = "a reference may stand in text and in an attribute's value only"
      throw XMLProblem(message, at: starts[min(places.count + 1, literals.count - 1)], literals, starts)
    }
    return places
  }

  /// A character for private use that the template does not have: one in a name is no XML.
  private static func freeMark(in literals: [String]) -> Character {
    let used = Set(literals.flatMap { $0.unicodeScalars.map(\.value) })
    let value = (UInt32(0xe000)...0xf8ff).first { !used.contains($0) } ?? 0xe000
    return Unicode.Scalar(value).map { Character($0) } ?? "\u{e000}"
  }
}

/// What is wrong with XML of the file.
package struct XMLProblem: Error, Equatable, Sendable {
  /// One line for people.
  package let message: String
  /// Which of the literals, from 0.
  package let literal: Int
  /// In that literal, in Unicode scalars; its length where it is at its end.
  package let offset: Int

  fileprivate init(_ message: String, at byte: Int, _ literals: [String], _ starts: [Int]) {
    self.message = message
    literal = starts.lastIndex { $0 <= byte } ?? 0
    let bytes = literals[literal].utf8.prefix(max(0, byte - starts[literal]))
    // Each scalar has one byte that begins it.
    offset = bytes.count { $0 & 0xc0 != 0x80 }
  }
}

/// Finds the marks in what expat tells.
private final class PlaceReader: XMLReader {
  let mark: Character
  /// Nil for a mark where no reference may stand.
  var places: [XMLEscape.Place?] = []

  init(mark: Character) { self.mark = mark }

  func start(_ element: XMLName, attributes: [(name: XMLName, value: String)]) {
    for attribute in attributes { found(in: attribute.value, .attribute) }
  }
  func end() {}
  func text(_ text: String, isCDATA: Bool) { found(in: text, isCDATA ? nil : .text) }
  func other(_ text: String) { found(in: text, nil) }

  private func found(in text: String, _ place: XMLEscape.Place?) {
    for scalar in text.unicodeScalars where Character(scalar) == mark { places.append(place) }
  }
}
