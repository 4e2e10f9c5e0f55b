private import CExpat

/// An element's or attribute's name with the namespace that its prefix stands for.
struct XMLName: Equatable {
  let namespace: String
  let local: String

  init(namespace: String, local: String) {
    self.namespace = namespace
    self.local = local
  }

  /// As expat gives it: namespace, a line feed, the name.
  fileprivate init(_ text: String) {
    let parts = text.split(separator: "\n", maxSplits: 1)
    namespace = parts.count == 2 ? String(parts[0]) : ""
    local = String(parts.last ?? "")
  }
}

/// Hears of what a scan meets, in the document's order.
protocol XMLReader: AnyObject {
  func start(_ element: XMLName, attributes: [(name: XMLName, value: String)])
  func end()
  func text(_ text: String, isCDATA: Bool)
  /// A comment, or the namespace that a declaration names.
  func other(_ text: String)
  /// Whether it has heard enough.
  var isDone: Bool { get }
}

extension XMLReader {
  var isDone: Bool { false }
}

/// Why XML is refused, and where: in bytes.
struct XMLFault: Equatable {
  let message: String
  let offset: Int
}

/// One document read by expat. A document type ends it, so that there is no entity to expand and nothing to fetch.
enum XMLScanner {
  /// What is wrong with the document, up to where the reader is done.
  /// - Parameter isWhole: it ends with these bytes.
  static func scan(_ document: [UInt8], isWhole: Bool = true, with reader: some XMLReader) -> XMLFault? {
    guard let parser = unsafe XML_ParserCreateNS(nil, 10) else { return XMLFault(message: "no memory", offset: 0) }
    defer { unsafe XML_ParserFree(parser) }
    let session = unsafe Session(reader, parser)
    unsafe XML_SetUserData(parser, Unmanaged.passUnretained(session).toOpaque())
    unsafe XML_SetElementHandler(parser, startElement, endElement)
    unsafe XML_SetCharacterDataHandler(parser, characters)
    unsafe XML_SetCdataSectionHandler(parser, startCDATA, endCDATA)
    unsafe XML_SetCommentHandler(parser, comment)
    unsafe XML_SetStartNamespaceDeclHandler(parser, declaration)
    unsafe XML_SetProcessingInstructionHandler(parser, instruction)
    unsafe XML_SetStartDoctypeDeclHandler(parser, documentType)
    guard let length = Int32(exactly: document.count) else { return XMLFault(message: "too long", offset: 0) }
    let status = unsafe document.withUnsafeBytes { bytes in
      unsafe XML_Parse(parser, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), length, isWhole ? 1 : 0)
    }
    if let refusal = session.refusal { return refusal }
    guard status == XML_STATUS_ERROR, !reader.isDone else { return nil }
    let message = unsafe XML_ErrorString(XML_GetErrorCode(parser)).map { unsafe String(cString: $0) }
    return unsafe XMLFault(message: message ?? "not XML", offset: max(0, Int(topictee_xml_byte_index(parser))))
  }
}

/// What expat's callbacks share while a scan runs.
@safe private final class Session {
  let reader: any XMLReader
  let parser: XML_Parser
  var isCDATA = false
  var refusal: XMLFault?

  init(_ reader: any XMLReader, _ parser: XML_Parser) {
    self.reader = reader
    unsafe self.parser = parser
  }

  func stopIfDone() { if reader.isDone { unsafe XML_StopParser(parser, XML_Bool(XML_FALSE)) } }

  func refuse(_ message: String) {
    refusal = unsafe XMLFault(message: message, offset: max(0, Int(topictee_xml_byte_index(parser))))
    unsafe XML_StopParser(parser, XML_Bool(XML_FALSE))
  }

  /// The session behind expat's user data.
  static func of(_ data: UnsafeMutableRawPointer?) -> Session? {
    unsafe data.map { unsafe Unmanaged<Session>.fromOpaque($0).takeUnretainedValue() }
  }
}

private func startElement(
  _ data: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ pairs: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) {
  guard let session = unsafe Session.of(data), let name = unsafe name else { return }
  var attributes: [(name: XMLName, value: String)] = []
  var at = 0
  // Names and values by turns, ended by a null.
  while let pairs = unsafe pairs, let key = unsafe pairs[at], let value = unsafe pairs[at + 1] {
    unsafe attributes.append((XMLName(String(cString: key)), String(cString: value)))
    at += 2
  }
  session.reader.start(XMLName(unsafe String(cString: name)), attributes: attributes)
  session.stopIfDone()
}

private func endElement(_ data: UnsafeMutableRawPointer?, _: UnsafePointer<CChar>?) {
  guard let session = unsafe Session.of(data) else { return }
  session.reader.end()
  session.stopIfDone()
}

private func characters(_ data: UnsafeMutableRawPointer?, _ start: UnsafePointer<CChar>?, _ length: Int32) {
  guard let session = unsafe Session.of(data), let start = unsafe start else { return }
  let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(length))
  session.reader.text(unsafe String(decoding: bytes, as: UTF8.self), isCDATA: session.isCDATA)
}

private func startCDATA(_ data: UnsafeMutableRawPointer?) { unsafe Session.of(data)?.isCDATA = true }
private func endCDATA(_ data: UnsafeMutableRawPointer?) { unsafe Session.of(data)?.isCDATA = false }

private func comment(_ data: UnsafeMutableRawPointer?, _ text: UnsafePointer<CChar>?) {
  guard let session = unsafe Session.of(data), let text = unsafe text else { return }
  session.reader.other(unsafe String(cString: text))
}

private func declaration(
  _ data: UnsafeMutableRawPointer?, _ prefix: UnsafePointer<CChar>?, _ namespace: UnsafePointer<CChar>?
) {
  guard let session = unsafe Session.of(data), let namespace = unsafe namespace else { return }
  session.reader.other(unsafe String(cString: namespace))
}

private func instruction(_ data: UnsafeMutableRawPointer?, _: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?) {
  unsafe Session.of(data)?.refuse("a processing instruction")
}

private func documentType(
  _ data: UnsafeMutableRawPointer?, _: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?,
  _: Int32
) {
  unsafe Session.of(data)?.refuse("a document type")
}
