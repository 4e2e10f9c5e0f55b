/// What a SOAP endpoint answered, found without keeping the document: scanned up to the body's first element, or to the
/// end of a fault.
package enum SOAPAnswer: Equatable, Sendable {
  /// An envelope with something else in its body than a fault, or nothing.
  case result
  case fault(SOAPFault)
  /// No envelope of SOAP 1.1 or 1.2; why.
  case unreadable(String)
  /// It was cut before it said which of them it is.
  case cut

  /// - Parameter isCut: the document went on after these bytes.
  package static func read(_ document: [UInt8], isCut: Bool = false) -> SOAPAnswer {
    let reader = EnvelopeReader()
    let problem = XMLScanner.scan(document, isWhole: !isCut, with: reader)
    if reader.isDone, reader.isEnvelope { return reader.fault.map { .fault($0) } ?? .result }
    if reader.isDone { return .unreadable("no SOAP envelope") }
    if let problem { return .unreadable("\(problem.message) at byte \(problem.offset)") }
    if isCut { return reader.fault.map { .fault($0) } ?? .cut }
    return reader.isEnvelope ? .result : .unreadable("no SOAP envelope")
  }
}

/// A `soap:Fault` of SOAP 1.1 or 1.2.
package struct SOAPFault: Equatable, Sendable {
  /// Who is to blame, as the code says it; a dotted code of 1.1 by its first part, `Client.Authentication`.
  package enum Blame: Sendable {
    /// Client or Sender; VersionMismatch, MustUnderstand, DataEncodingUnknown: the same request fails again.
    case request
    /// Server or Receiver, or a code of the server's own.
    case server
  }
  /// Without its prefix; at most 100 bytes.
  package var code: String
  /// In the first language; at most 200 bytes.
  package var reason: String

  package var blame: Blame {
    switch code.prefix(while: { $0 != "." }) {
    case "Client", "Sender", "VersionMismatch", "MustUnderstand", "DataEncodingUnknown": .request
    default: .server
    }
  }
}

private final class EnvelopeReader: XMLReader {
  private static let v1_1 = "http://schemas.xmlsoap.org/soap/envelope/"
  private static let v1_2 = "http://www.w3.org/2003/05/soap-envelope"
  /// No code or reason that people read is longer.
  private static let textMax = 4_096
  private(set) var isDone = false
  private(set) var isEnvelope = false
  private var isFault = false
  /// The elements that are open.
  private var path: [XMLName] = []
  private var namespace = ""
  private var code: String?
  private var reason: String?
  private var text = ""

  /// So far as it was read.
  var fault: SOAPFault? {
    guard isFault else { return nil }
    return SOAPFault(
      code: OneLine.text(Self.trimmed(code ?? ""), bytesMax: 100),
      reason: OneLine.text(Self.trimmed(reason ?? ""), bytesMax: 200))
  }

  func start(_ element: XMLName, attributes: [(name: XMLName, value: String)]) {
    text = ""
    switch path.count {
    case 0:
      namespace = element.namespace
      isEnvelope = element.local == "Envelope" && (namespace == Self.v1_1 || namespace == Self.v1_2)
      isDone = !isEnvelope
    case 2 where isInBody:
      if element == XMLName(namespace: namespace, local: "Fault") {
        isFault = true
      } else {
        isDone = true
      }
    default: break
    }
    path.append(element)
  }

  private var isInBody: Bool { isEnvelope && path[1] == XMLName(namespace: namespace, local: "Body") }

  func end() {
    if isFault { take(path.dropFirst(3).map(\.local)) }
    path.removeLast()
    if path.count == 2, isFault { isDone = true }
  }

  /// An element of the fault has ended. 1.1: `faultcode`, `faultstring`; 1.2: `Code/Value`, `Reason/Text`.
  private func take(_ names: [String]) {
    switch names {
    case ["faultcode"], ["Code", "Value"]: if code == nil { code = Self.withoutPrefix(Self.trimmed(text)) }
    case ["faultstring"], ["Reason", "Text"]: if reason == nil { reason = text }
    default: break
    }
    text = ""
  }

  func text(_ text: String, isCDATA: Bool) {
    guard isFault, self.text.utf8.count < Self.textMax else { return }
    self.text += text
  }

  func other(_ text: String) {}

  private static func withoutPrefix(_ name: String) -> String {
    name.split(separator: ":", omittingEmptySubsequences: false).last.map(String.init) ?? name
  }

  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let isSpace: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
    let start = scalars.firstIndex { !isSpace($0) } ?? scalars.endIndex
    let end = scalars.lastIndex { !isSpace($0) }.map { scalars.index(after: $0) } ?? start
    return String(scalars[start..<end])
  }
}
