import Testing

@testable import HTTPWire

@Suite struct HTTP2HeadTests {
  private func parsed(_ text: String) -> HTTP2Head? { HTTP2Head(Array(text.utf8).span) }

  private func fields(_ head: HTTP2Head) -> [String] {
    head.fields.map {
      let name = String(decoding: head.text[$0.name], as: UTF8.self)
      return "\(name)=\(String(decoding: head.text[$0.value], as: UTF8.self))"
    }
  }

  @Test func takesARequestApart() throws {
    let text =
      "PUT /orders/1?a=b HTTP/1.1\r\nHost: api.example:8443\r\nX-Region:  eu \r\nX-Empty: \r\nContent-Length: 3\r\n\r\n"
    let head = try #require(parsed(text + "a\r\n"))
    #expect(
      fields(head) == [
        ":method=PUT", ":scheme=https", ":authority=api.example:8443", ":path=/orders/1?a=b", "x-region=eu", "x-empty=",
        "content-length=3",
      ])
    #expect(head.bodyStart == text.utf8.count)
  }

  @Test func whatIsOfTheConnectionStaysBehind() throws {
    let head = try #require(
      parsed(
        "GET / HTTP/1.1\r\nConnection: a\r\nKEEP-ALIVE: b\r\nUpgrade: c\r\nTE: d\r\nProxy-Connection: e\r\nKept: f\r\n"
          + "Transfer-Encoding: g\r\nHost: h\r\n\r\n"))
    #expect(fields(head) == [":method=GET", ":scheme=https", ":authority=h", ":path=/", "kept=f"])
  }

  @Test(arguments: [
    "", "\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a",
    "GET / HTTP/1.0\r\nHost: a\r\n\r\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
    "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nb\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nB: \u{1}\r\n\r\n",
  ]) func refusesWhatIsNoRequest(_ text: String) { #expect(parsed(text) == nil) }
}
