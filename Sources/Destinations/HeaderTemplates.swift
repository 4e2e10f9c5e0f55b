import HTTPWire
import Settings

/// The header lines that do not depend on what other steps do.
enum HeaderTemplates {
  /// - Parameter defaults: what the body's kind wants where the file does not say otherwise.
  static func program(_ settings: DestinationSettings, _ defaults: [(name: String, value: String)]) -> TemplateProgram {
    var program = TemplateProgram()
    var names: Set<String> = []
    program.append("Host: \(settings.url.hostHeader)\r\n")
    let soap: SOAPVersion? = if case .soap(_, let version) = settings.body { version } else { nil }
    var action: TemplateText?
    for (name, value) in settings.headers {
      let lower = name.lowercased()
      names.insert(lower)
      if soap != nil, lower == "soapaction" {
        action = value
      } else {
        program.append("\(name): ")
        program.append(value, .header)
        program.append("\r\n")
      }
    }
    if let soap { SOAPBody.appendHeaders(action, soap, hasType: names.contains("content-type"), to: &program) }
    for (name, value) in defaults + [("User-Agent", "topictee")] where !names.contains(name.lowercased()) {
      program.append("\(name): \(value)\r\n")
    }
    return program
  }
}

/// SOAP over HTTP.
enum SOAPBody {
  static func program(_ content: TemplateText, _ version: SOAPVersion) -> TemplateProgram {
    let namespace =
      switch version {
      case .v1_1: "http://schemas.xmlsoap.org/soap/envelope/"
      case .v1_2: "http://www.w3.org/2003/05/soap-envelope"
      }
    var program = TemplateProgram()
    program.append("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<soap:Envelope xmlns:soap=\"\(namespace)\"><soap:Body>")
    program.append(content, .xml)
    program.append("</soap:Body></soap:Envelope>")
    return program
  }

  /// SOAP 1.1 has a header `SOAPAction`, a quoted URI (WS-I Basic Profile 1.1, R1109; nothing means that the body says it
  /// all); SOAP 1.2 a parameter of the type instead. Quotation marks are added where the file has none.
  fileprivate static func appendHeaders(
    _ action: TemplateText?, _ version: SOAPVersion, hasType: Bool, to program: inout TemplateProgram
  ) {
    switch version {
    case .v1_1:
      if !hasType { program.append("Content-Type: text/xml; charset=utf-8\r\n") }
      program.append("SOAPAction: ")
      appendQuoted(action ?? "", to: &program)
      program.append("\r\n")
    case .v1_2:
      guard !hasType else { return }
      program.append("Content-Type: application/soap+xml; charset=utf-8")
      if let action {
        program.append("; action=")
        appendQuoted(action, to: &program)
      }
      program.append("\r\n")
    }
  }

  private static func appendQuoted(_ text: TemplateText, to program: inout TemplateProgram) {
    var isQuoted = false
    if case .literal(let first)? = text.parts.first { isQuoted = first.utf8.first == UInt8(ascii: "\"") }
    if !isQuoted { program.append("\"") }
    program.append(text, .quotedHeader)
    if !isQuoted { program.append("\"") }
  }
}
