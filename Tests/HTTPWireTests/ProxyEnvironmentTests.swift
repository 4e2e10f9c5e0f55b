import Testing

@testable import HTTPWire

@Suite struct ProxyEnvironmentTests {
  private static func choice(
    _ variables: [String: String], isTLS: Bool = true, _ host: String = "api.example.com", _ port: UInt16 = 443
  ) throws -> String? {
    try ProxyEnvironment(variables).proxy(isTLS: isTLS, host: host, port: port)?.name
  }

  @Test(
    arguments: [
      ([:], nil, nil),
      (["http_proxy": "p:1"], "p:1", nil),
      (["HTTP_PROXY": "p:1"], nil, nil),
      (["https_proxy": "p:1"], nil, "p:1"),
      (["HTTPS_PROXY": "p:1"], nil, "p:1"),
      (["https_proxy": "p:1", "HTTPS_PROXY": "p:2"], nil, "p:1"),
      (["https_proxy": "", "HTTPS_PROXY": "p:2"], nil, "p:2"),
      (["all_proxy": "p:1"], "p:1", "p:1"),
      (["ALL_PROXY": "p:1"], "p:1", "p:1"),
      (["all_proxy": "p:1", "ALL_PROXY": "p:2"], "p:1", "p:1"),
      (["ALL_PROXY": "p:1", "http_proxy": "p:2", "HTTPS_PROXY": "p:3"], "p:2", "p:3"),
      (["http_proxy": "p:1", "https_proxy": "p:1", "no_proxy": "example.com"], nil, nil),
      (["all_proxy": "p:1", "NO_PROXY": "example.com"], nil, nil),
      (["all_proxy": "p:1", "no_proxy": "other.com", "NO_PROXY": "example.com"], "p:1", "p:1"),
      (["all_proxy": "p:1", "no_proxy": "", "NO_PROXY": "example.com"], nil, nil),
      (["all_proxy": "socks5://p:1", "no_proxy": "*"], nil, nil),
    ] as [([String: String], String?, String?)])
  func whichVariable(_ variables: [String: String], _ plain: String?, _ secure: String?) throws {
    #expect(try Self.choice(variables, isTLS: false) == plain)
    #expect(try Self.choice(variables, isTLS: true) == secure)
  }

  @Test(arguments: [
    // curl's manual: "local.com would match local.com, local.com:80, and www.local.com, but not www.notlocal.com".
    ("local.com", "local.com", true), ("local.com", "www.local.com", true), ("local.com", "www.notlocal.com", false),
    ("local.com", "notlocal.com", false), ("www.local.com", "local.com", false), ("LOCAL.com", "www.Local.COM", true),
    (".local.com", "local.com", true), (".local.com", "www.local.com", true), (".local.com", "notlocal.com", false),
    ("*.local.com", "www.local.com", true), ("*.local.com", "notlocal.com", false),
    ("local.com.", "local.com", true), ("local.com", "local.com.", true), ("com", "local.com", true),
    ("*", "any.example", true), ("*", "10.0.0.1", true), ("a,*", "any.example", true), ("", "any.example", false),
    ("a.example,b.example", "b.example", true), ("a.example, b.example", "b.example", true),
    ("a.example b.example", "b.example", true), (",,a.example,", "a.example", true), (" , ", "a.example", false),
    // Ports: ours is 443.
    ("local.com:443", "local.com", true), ("local.com:80", "local.com", false),
    ("local.com:443", "www.local.com", true),
    ("local.com:99999", "local.com", false), ("local.com:", "local.com", false),
    ("127.0.0.1:443", "127.0.0.1", true), ("127.0.0.1:80", "127.0.0.1", false), ("[::1]:443", "::1", true),
    // Addresses and blocks; a name is no address, whatever it resolves to.
    ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.10", false), ("0.1", "127.0.0.1", false),
    ("127.0.0.1", "a.127.0.0.1.example", false), ("::1", "::1", true), ("[::1]", "::1", true),
    ("0:0:0:0:0:0:0:1", "::1", true), ("::1", "::2", false),
    ("192.168.0.0/16", "192.168.44.1", true), ("192.168.0.0/16", "192.169.0.1", false),
    ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/9", "10.128.0.0", false), ("10.0.0.0/0", "8.8.8.8", true),
    ("10.0.0.1/32", "10.0.0.1", true), ("10.0.0.1/32", "10.0.0.2", false), ("10.0.0.0/33", "10.0.0.0", false),
    ("10.0.0.0/-1", "10.0.0.0", false), ("10.0.0.0/x", "10.0.0.0", false), ("fd00::/8", "fd12::1", true),
    ("fd00::/8", "fe80::1", false), ("0.0.0.0/0", "::1", false), ("::/0", "10.0.0.1", false),
    ("local/8", "local", false),
  ]) func whatIsReachedDirectly(_ list: String, _ host: String, _ isDirect: Bool) throws {
    #expect(NoProxyList(list).matches(host: host, port: 443) == isDirect)
    #expect(try Self.choice(["https_proxy": "p:1", "no_proxy": list], host) == (isDirect ? nil : "p:1"))
  }

  @Test(
    arguments: [
      ("proxy", "proxy:80", false, nil), ("proxy:3128", "proxy:3128", false, nil),
      ("http://proxy:3128/", "proxy:3128", false, nil), ("HTTP://proxy", "proxy:80", false, nil),
      ("https://proxy", "proxy:443", true, nil), ("https://proxy:8443", "proxy:8443", true, nil),
      ("http://[::1]:3128", "[::1]:3128", false, nil), ("[::1]", "[::1]:80", false, nil),
      ("http://10.0.0.1:3128", "10.0.0.1:3128", false, nil),
      ("http://u:p@proxy:1", "proxy:1", false, "dTpw"), ("u@proxy:1", "proxy:1", false, "dTo="),
      ("http://u%40x:p%3A%25@proxy:1", "proxy:1", false, "dUB4OnA6JQ=="),
      ("http://u:p@q@proxy:1", "proxy:1", false, "dTpwQHE="), ("http://:p@proxy:1", "proxy:1", false, "OnA="),
    ] as [(String, String, Bool, String?)])
  func proxies(_ text: String, _ name: String, _ isTLS: Bool, _ credentials: String?) throws {
    let proxy = try #require(try ProxyEnvironment(["http_proxy": text]).proxy(isTLS: false, host: "a", port: 80))
    #expect(proxy.name == name && (proxy.tls != nil) == isTLS)
    #expect(
      proxy.credentials.map { String(decoding: $0.field, as: UTF8.self) }
        == credentials.map { "Proxy-Authorization: Basic \($0)\r\n" })
  }

  @Test(arguments: [
    "socks5://hunter2@p:1", "socks5h://p", "ftp://p", "http://", "://p", "http://u:hunter2@", "p:0", "p:65536",
    "p:hunter2", "http://p/hunter2", "http://p?hunter2", "p#x", "u:%zz@p", "u:%f@p", "u:%ff@p", "a%3ab:hunter2@p",
    "p q",
    "p\r\nX: hunter2", "http://[::g]:1", "[::1", "p\u{e9}", "http://[10.0.0.1]:1",
  ]) func whatIsNoProxyIsSaidWithoutItsValue(_ text: String) throws {
    do {
      let found = try ProxyEnvironment(["https_proxy": text]).proxy(isTLS: true, host: "a", port: 443)
      Issue.record("\(String(describing: found))")
    } catch {
      #expect(error.description.hasPrefix("the environment's https_proxy: "))
      #expect(!error.description.contains("hunter2"))
    }
  }

  @Test func credentialsAreNotShown() {
    let proxy = HTTPProxy(host: "p", port: 1, credentials: ProxyCredentials(username: "u", password: "hunter2"))
    var dumped = ""
    dump(proxy, to: &dumped)
    for text in ["\(proxy)", String(reflecting: proxy), dumped, "\(Origin(host: "a", port: 1, proxy: proxy))"] {
      #expect(text.contains("<secret>") || text == dumped)
      #expect(!text.contains("hunter2") && !text.contains("dTpodW50ZXIy"))
    }
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"), ("\u{3ff}\u{7ff}~", "z7/fv34="),
  ]) func base64(_ text: String, _ encoded: String) {
    #expect(Base64.text(Array(text.utf8)) == encoded)
  }
}
