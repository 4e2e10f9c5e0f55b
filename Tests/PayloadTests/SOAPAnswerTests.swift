@testable import Payload
import Testing

@Suite struct SOAPAnswerTests {
  static let v1_1 = "http://schemas.xmlsoap.org/soap/envelope/"
  static let v1_2 = "http://www.w3.org/2003/05/soap-envelope"

  static func envelope(_ body: String, _ namespace: String = v1_1, prefix: String = "s", head: String = "") -> String {
    let name = prefix.isEmpty ? "" : prefix + ":"
    let declaration = prefix.isEmpty ? "xmlns" : "xmlns:\(prefix)"
    return
      "<\(name)Envelope \(declaration)=\"\(namespace)\">\(head)<\(name)Body>\(body)</\(name)Body></\(name)Envelope>"
  }

  static func read(_ text: String, isCut: Bool = false) -> SOAPAnswer {
    SOAPAnswer.read(Array(text.utf8), isCut: isCut)
  }

  @Test(arguments: [
    (envelope("<s:Fault><faultcode>s:Server</faultcode><faultstring>down</faultstring></s:Fault>"), "Server", "down"),
    (
      envelope(
        "<s:Fault><faultcode> s:Client.Auth </faultcode><faultstring>\n no\n id </faultstring><detail><a/></detail></s:Fault>"
      ), "Client.Auth", "no  id"
    ),
    (envelope("<Fault><faultcode>Client</faultcode><faultstring/></Fault>", prefix: ""), "Client", ""),
    (envelope("<s:Fault><faultstring>x</faultstring></s:Fault>"), "", "x"), (envelope("<s:Fault/>"), "", ""),
    (
      envelope(
        "<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>m:Late</e:Value></e:Subcode></e:Code><e:Reason><e:Text xml:lang='en'>bad &amp; <![CDATA[<late>]]></e:Text><e:Text xml:lang='de'>spät</e:Text></e:Reason></e:Fault>",
        v1_2, prefix: "e"), "Sender", "bad & <late>"
    ),
    (
      "<?xml version='1.0' encoding='UTF-8'?>\n<!-- hi -->"
        + envelope(
          "<s:Fault><faultcode>s:VersionMismatch</faultcode></s:Fault>", head: "<s:Header><s:Fault/></s:Header>"),
      "VersionMismatch", ""
    ),
    (
      envelope(
        "<s:Fault><faultcode>c</faultcode><detail><faultcode>d</faultcode><x><faultstring>y</faultstring></x></detail><faultstring>z</faultstring></s:Fault>"
      ), "c", "z"
    ),
  ]) func faults(_ text: String, _ code: String, _ reason: String) {
    #expect(Self.read(text) == .fault(SOAPFault(code: code, reason: reason)))
    // Nothing that comes behind it matters.
    #expect(Self.read(text + "<", isCut: true) == .fault(SOAPFault(code: code, reason: reason)))
  }

  @Test(arguments: [
    envelope("<r xmlns='urn:x'><s:Fault/></r>"), envelope(""), envelope(" "), envelope("<Fault/>"),
    envelope("<f:Fault xmlns:f='urn:f'/>"),
    envelope("<ok/>", v1_2), envelope("<ok/>") + "rest that is no XML <",
    envelope("<ok/>", head: "<s:Header><a/></s:Header>"),
  ]) func results(_ text: String) { #expect(Self.read(text) == .result) }

  @Test(arguments: [
    "", "ok", "<html><body>Maintenance</body></html>", "{\"a\":1}", envelope("<a>", "urn:other"), "<Envelope/>",
    "<s:Envelope", envelope("<s:Fault><faultcode>s:Client"),
    "<!DOCTYPE lolz [<!ENTITY a 'b'>]>" + envelope("<s:Fault/>"),
    "<!DOCTYPE x [<!ENTITY a0 'ha'><!ENTITY a1 '&a0;&a0;&a0;&a0;'><!ENTITY a2 '&a1;&a1;&a1;&a1;'>]><s:Envelope xmlns:s='\(v1_1)'><s:Body>&a2;</s:Body></s:Envelope>",
    "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" + envelope("<a/>"), envelope("&nope;"),
    "<?xml version='1.0' encoding='no-such'?>" + envelope("<a/>"),
  ]) func whatIsNoAnswer(_ text: String) {
    guard case .unreadable = Self.read(text) else {
      Issue.record("\(Self.read(text))")
      return
    }
  }

  @Test func aFaultIsReadInOtherEncodingsToo() {
    let text = Self.envelope("<s:Fault><faultcode>s:Client</faultcode><faultstring>é</faultstring></s:Fault>")
    var utf16: [UInt8] = [0xff, 0xfe]
    for unit in text.utf16 { utf16 += [UInt8(unit & 0xff), UInt8(unit >> 8)] }
    #expect(SOAPAnswer.read(utf16) == .fault(SOAPFault(code: "Client", reason: "é")))
    let latin = Array("<?xml version='1.0' encoding='ISO-8859-1'?>".utf8) + text.unicodeScalars.map { UInt8($0.value) }
    #expect(SOAPAnswer.read(latin) == .fault(SOAPFault(code: "Client", reason: "é")))
  }

  /// What is there counts; what is wrong before the cut is not the cut's fault.
  @Test func aCutAnswerIsWhatItShows() {
    let whole = Self.envelope(
      "<s:Fault><faultcode>s:Client</faultcode><faultstring>é</faultstring></s:Fault>", head: "<s:Header/>")
    let faultAt =
      whole.utf8.count - whole[(whole.firstRange(of: "<s:Fault>")?.upperBound ?? whole.endIndex)...].utf8.count
    for count in 0..<whole.utf8.count {
      let answer = SOAPAnswer.read(Array(whole.utf8.prefix(count)), isCut: true)
      if case .fault = answer { #expect(count >= faultAt) } else { #expect(answer == .cut && count < faultAt) }
    }
    #expect(Self.read(String(whole.dropLast(25)), isCut: true) == .fault(SOAPFault(code: "Client", reason: "é")))
    #expect(Self.read("<html><body>", isCut: true) == .unreadable("no SOAP envelope"))
    guard case .unreadable = Self.read("<!DOCTYPE html><html>", isCut: true) else {
      Issue.record("\(Self.read("<!DOCTYPE html><html>", isCut: true))")
      return
    }
    #expect(Self.read("<a></b>", isCut: true) == .unreadable("no SOAP envelope"))
  }

  @Test func longTextIsCut() {
    let long = String(repeating: "x", count: 100_000)
    let text = Self.envelope(
      "<s:Fault><faultcode>\(long)</faultcode><faultstring>\(long)\u{2028}</faultstring></s:Fault>")
    guard case .fault(let fault) = Self.read(text) else {
      Issue.record("no fault")
      return
    }
    #expect(fault.code.utf8.count == 100 && fault.reason.utf8.count == 200)
  }

  @Test(arguments: [
    ("Client", SOAPFault.Blame.request), ("Client.Authentication", .request), ("Sender", .request),
    ("MustUnderstand", .request), ("VersionMismatch", .request),
    ("DataEncodingUnknown", .request), ("Server", .server), ("Server.Busy", .server), ("Receiver", .server),
    ("", .server), ("E1001", .server), ("client", .server),
  ]) func blame(_ code: String, _ blame: SOAPFault.Blame) { #expect(SOAPFault(code: code, reason: "").blame == blame) }

  /// Any bytes: an answer.
  @Test func anyBytesAreAnAnswer() {
    let whole = Array(
      Self.envelope("<s:Fault><faultcode>s:Client</faultcode><faultstring>&lt;é</faultstring></s:Fault>").utf8)
    var random = SplitMix(state: 3)
    for _ in 0..<3_000 {
      var bytes = whole
      for _ in 0..<random.next(1...4) {
        let at = random.next(0...(bytes.count - 1))
        switch random.next(0...2) {
        case 0: bytes[at] = UInt8(random.next(0...255))
        case 1: bytes.remove(at: at)
        default: bytes.insert(contentsOf: whole[random.next(0...(whole.count - 1))...].prefix(9), at: at)
        }
      }
      if case .fault(let fault) = SOAPAnswer.read(bytes) { #expect(fault.code.utf8.count <= 100) }
    }
    for count in 0..<whole.count { #expect(SOAPAnswer.read(Array(whole[..<count])) != .result || count > 100) }
  }
}
