import HTTPWire
import Payload

/// Where a value stands decides how it is written.
enum TemplatePlace {
  case pathSegment, query, form
  case header
  /// Between quotation marks in a header.
  case quotedHeader
  /// Alone in a scalar of JSON: it keeps its type.
  case json
  /// Within a string of JSON.
  case jsonText
  /// Text or attribute of XML.
  case xml
  case text
}

/// Writes what one reference leads to.
///
/// | Value | alone in JSON | `json` filter | path | elsewhere |
/// |---|---|---|---|---|
/// | missing | fails | fails | fails | fails |
/// | null | `null` | `null` as text | fails | fails |
/// | string | its bytes | its JSON as text | what it says | what it says |
/// | number, boolean | its bytes | its bytes as text | its bytes | its bytes |
/// | array, object | its bytes | its bytes as text | fails (without `json`) | its bytes as text |
///
/// `default` stands in for what is missing or null, as a string. What has no UTF-8 (other bytes, half of a surrogate pair
/// outside of JSON) fails: passed on as it is, it would be read differently by each who reads it.
struct TemplateWriter {
  let reference: CompiledReference
  let place: TemplatePlace

  func write(_ value: TemplateValue, to buffer: inout ByteBuffer) -> TemplateProblem? {
    switch unsafe value {
    case .notUTF8: return reference.problem("is not UTF-8")
    case .missing, .null: return unsafe writeNothing(value, to: &buffer)
    case .text(let text):
      guard reference.isJSON else { return unsafe put(text, to: &buffer) }
      var quoted = ByteBuffer()
      unsafe quoted.append(jsonString: text)
      return unsafe quoted.withBytes { unsafe put($0, to: &buffer) }
    case .string(let value, let document): return write(value, document, to: &buffer)
    case .structure where place == .pathSegment && !reference.isJSON:
      return reference.problem("is an array or an object, which is no path segment")
    case .scalar(let bytes), .structure(let bytes):
      guard place == .json, !reference.isJSON else { return unsafe put(bytes, to: &buffer) }
      unsafe buffer.append(bytes)
      return nil
    }
  }

  /// A number of ours: digits are the same in every place.
  func write(_ number: Int64, to buffer: inout ByteBuffer) {
    let isString = place == .json && reference.isJSON
    if isString { buffer.append("\"") }
    buffer.append(decimal: Int(number))
    if isString { buffer.append("\"") }
  }

  private func writeNothing(_ value: TemplateValue, to buffer: inout ByteBuffer) -> TemplateProblem? {
    if let fallback = reference.fallback {
      return unsafe fallback.withUnsafeBytes { unsafe write(.text($0), to: &buffer) }
    }
    if case .missing = unsafe value { return reference.problem("is missing") }
    guard reference.isJSON || place == .json else { return reference.problem("is null") }
    buffer.append(place == .json && reference.isJSON ? "\"null\"" : "null")
    return nil
  }

  private func write(
    _ value: JSONDocument.Value, _ document: JSONDocument, to buffer: inout ByteBuffer
  ) -> TemplateProblem? {
    if reference.isJSON { return unsafe document.withBytes(of: value) { unsafe put($0, to: &buffer) } }
    if place == .json || place == .jsonText {
      // It is escaped as JSON wants it already.
      unsafe document.withBytes(of: value) { bytes in
        let inner = unsafe UnsafeRawBufferPointer(rebasing: bytes[1..<bytes.count - 1])
        unsafe buffer.append(place == .json ? bytes : inner)
      }
      return nil
    }
    return unsafe document.withText(of: value) { text in
      guard let text = unsafe text else { return reference.problem("holds half of a surrogate pair") }
      return unsafe put(text, to: &buffer)
    }
  }

  /// Text, escaped for the place.
  private func put(_ text: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) -> TemplateProblem? {
    switch place {
    case .pathSegment, .query: unsafe buffer.append(percentEncoded: text, except: .unreserved)
    case .form: unsafe buffer.append(form: text)
    case .json: unsafe buffer.append(jsonString: text)
    case .jsonText: unsafe buffer.append(jsonEscaped: text)
    case .text: unsafe buffer.append(text)
    case .header, .quotedHeader:
      guard unsafe !HeaderText.hasControl(text) else {
        return reference.problem("holds a control character, which no header can")
      }
      guard unsafe place == .header || !text.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") })
      else { return reference.problem("holds a quotation mark or a backslash, which this header cannot") }
      unsafe buffer.append(text)
    case .xml:
      guard buffer.edit({ unsafe XMLEscape.append(text, in: .attribute, to: &$0) }) else {
        return reference.problem("holds a character that XML forbids")
      }
    }
    return nil
  }
}
