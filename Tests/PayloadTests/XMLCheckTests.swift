import Payload
import Testing

@Suite struct XMLCheckTests {
  @Test(arguments: [
    "", "text", "<a/>", "<a>b</a>", "<Order xmlns=\"urn:erp\"><Id>1</Id></Order>", "<a/><b/>",
    "<a x='1' y=\"2\">&amp;&#65;</a>",
    "<p:a xmlns:p='urn:p' p:x='1'/>", "<!-- note --><a><![CDATA[<b>]]></a>", "<é>日本</é>", "\n <a>\n</a>\n", "<soap:a/>",
  ])
  func whatIsGood(_ content: String) { #expect(XMLCheck.problem(in: content, prefixes: ["soap"]) == nil) }

  @Test(
    arguments: [
      ("<a>", "mismatched tag", 3), ("<a></b>", "mismatched tag", 5), ("</x>", nil, nil),
      ("</x><x>", "junk after document element", nil), ("é<a", "not well-formed (invalid token)", nil),
      ("a & b", nil, nil),
      ("<a>&nope;</a>", "undefined entity", 3), ("<q:a/>", "unbound prefix", 0),
      ("<a x='1' x='2'/>", "duplicate attribute", nil),
      ("<!DOCTYPE a><a/>", nil, nil), ("<?php x?>", "a processing instruction", 0), ("<a>\u{1}</a>", nil, 3),
      ("<a x=1/>", nil, nil), ("]]>", nil, nil), ("<é>日<a></é>", "mismatched tag", 9),
    ] as [(String, String?, Int?)])
  func whatIsNot(_ content: String, _ message: String?, _ offset: Int?) throws {
    let problem = try #require(XMLCheck.problem(in: content))
    if let message { #expect(problem.message == message) }
    if let offset { #expect(problem.offset == offset) }
    #expect(problem.offset <= content.unicodeScalars.count)
  }

  @Test(
    arguments: [
      (["<a>", "</a>"], [.text]), (["<a x='", "'/>"], [.attribute]), (["", ""], [.text]),
      (["<a x='1", "2", "'>", " and ", "<b>", "</b></a>"], [.attribute, .attribute, .text, .text, .text]),
      (["<a p='", "' q=\"", "\">", "<b r='", "'/></a>"], [.attribute, .attribute, .text, .attribute]),
      (["\u{e000}<a>", "\u{e001}</a>"], [.text]),
    ] as [([String], [XMLEscape.Place])])
  func placesOfReferences(_ literals: [String], _ places: [XMLEscape.Place]) throws {
    #expect(try XMLCheck.places(between: literals) == places)
  }

  @Test(
    arguments: [
      (["<", "/>"], 0, 1), (["<a", "/>"], 0, nil), (["<a ", "='1'/>"], nil, nil), (["<a>", "</a><!-- ", " -->"], 2, 0),
      (["<a><![CDATA[", "]]></a>"], 1, 0), (["<a xmlns='", "'/>"], 1, 0), (["<a xmlns:p='urn:", "'>", "</a>"], 1, 0),
      (["<a>", "</a>", "<b>"], 2, 3), (["<?a ", "?>"], 0, 0), (["<a>&", ";</a>"], nil, nil),
    ] as [([String], Int?, Int?)])
  func noReferenceStandsElsewhere(_ literals: [String], _ literal: Int?, _ offset: Int?) {
    do throws(XMLProblem) {
      Issue.record("\(try XMLCheck.places(between: literals))")
    } catch {
      if let literal { #expect(error.literal == literal, "\(error)") }
      if let offset { #expect(error.offset == offset, "\(error)") }
      #expect(error.offset <= literals[error.literal].unicodeScalars.count)
    }
  }
}
