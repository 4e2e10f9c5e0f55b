import Testing

@testable import Settings

@Suite struct EndpointURLTests {
  struct Good: Sendable {
    var text: String
    var tls: Bool
    var host: String
    var port: UInt16
    var target: String
    var header: String
  }

  @Test(arguments: [
    Good(text: "https://h.example/a", tls: true, host: "h.example", port: 443, target: "/a", header: "h.example"),
    Good(text: "http://h", tls: false, host: "h", port: 80, target: "/", header: "h"),
    Good(text: "HTTP://h:80/", tls: false, host: "h", port: 80, target: "/", header: "h"),
    Good(text: "http://h:443/", tls: false, host: "h", port: 443, target: "/", header: "h:443"),
    Good(text: "https://h:8443?x=1&y=%20", tls: true, host: "h", port: 8443, target: "/?x=1&y=%20", header: "h:8443"),
    Good(text: "http://[::1]/", tls: false, host: "::1", port: 80, target: "/", header: "[::1]"),
    Good(
      text: "http://[2001:db8::1]:9/", tls: false, host: "2001:db8::1", port: 9, target: "/", header: "[2001:db8::1]:9"),
    Good(
      text: "http://127.0.0.1:65535/a:b@c", tls: false, host: "127.0.0.1", port: 65535, target: "/a:b@c",
      header: "127.0.0.1:65535"),
    Good(
      text: "http://my_service.ns.svc./", tls: false, host: "my_service.ns.svc.", port: 80, target: "/",
      header: "my_service.ns.svc."),
  ]) func takesApart(_ good: Good) throws {
    let url = try EndpointURL.parse(good.text)
    #expect(url.isTLS == good.tls && url.host == good.host && url.port == good.port)
    #expect(url.target == good.target && url.hostHeader == good.header && url.text == good.text && url.unixPath == nil)
  }

  @Test func unixSockets() throws {
    let url = try EndpointURL.parse("http+unix://%2Frun%2Fapi.sock/orders?a=1")
    #expect(
      url.unixPath == "/run/api.sock" && url.target == "/orders?a=1" && url.hostHeader == "localhost" && !url.isTLS)
  }

  @Test(arguments: [
    ("", "an empty URL"), ("api.example.com/x", "a URL without http:// or https://"),
    ("/orders", "a URL without http:// or https://"),
    ("http:/h/", "a URL without http:// or https://"), ("://h", "a URL without http:// or https://"),
    ("ftp://h/", "a URL of the scheme 'ftp'"), ("htps://h/", "a URL of the scheme 'htps'"),
    ("http://", "a URL without a host"), ("http:///x", "a URL without a host"), ("http://:80/", "a URL without a host"),
    ("http://u:p@h/", "a user or password in a URL"), ("http://h/#x", "a fragment ('#') in a URL"),
    ("http://h:0/", "'0' is no port"), ("http://h:65536/", "'65536' is no port"), ("http://h:/", "'' is no port"),
    ("http://h:+8/", "'+8' is no port"), ("http://h:99999999999999999999/", "'99999999999999999999' is no port"),
    ("http://[::1/", "a '[' without ']' in a URL"), ("http://[::g]/", "'::g' is no IPv6 address"),
    ("http://[::1]x/", "'' is no port"),
    ("http://::1/", "a URL without a host"), ("http://1.2.3/", "'1.2.3' is no host name"),
    ("http://a..b/", "'a..b' is no host name"),
    ("http://ex%41mple/", "'ex%41mple' is no host name"), ("http://h/a b", "a space in a URL"),
    ("http://h/ä", "a URL holds a character that is not plain ASCII"),
    ("http://h/%", "a '%' without two hexadecimal digits in a URL"),
    ("http://h/%4", "a '%' without two hexadecimal digits in a URL"),
    ("http://h/%zz", "a '%' without two hexadecimal digits in a URL"),
    ("http://h/{id}", "a '{' in a URL"), ("http://h/a\"", "a '\"' in a URL"),
    ("http://h\\x/", "'h\\x' is no host name"),
    ("http://h/${value.id}", "a '${' in a URL that takes no templates"),
    ("http://${key}/", "a '${' in a URL that takes no templates"),
    ("http+unix://run/x", "an http+unix URL without the socket's path"),
    ("http+unix:///x", "an http+unix URL without the socket's path"),
  ]) func refuses(_ text: String, _ message: String) {
    do throws(EndpointURLProblem) {
      Issue.record("accepted: \(try EndpointURL.parse(text))")
    } catch {
      #expect(error.message == message)
    }
  }
}
