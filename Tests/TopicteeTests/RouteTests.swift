import HTTPWire
import Reactor
import Settings
import Testing

@testable import Bridging

/// From a destination's settings to the way its requests go.
@Suite struct RouteTests {
  private static func route(
    _ url: String, _ environment: [String: String] = [:], _ change: (inout DestinationSettings) -> Void = { _ in }
  ) throws -> OriginRoute {
    var destination = DestinationSettings(name: "crm", url: try EndpointURL.parse(url))
    change(&destination)
    var routes = Routes(environment: environment)
    return try routes.route(to: destination)
  }

  private static let proxied = ["https_proxy": "https://u:hunter2@proxy.example:8443", "http_proxy": "proxy.example"]

  @Test func theOriginIsTheURLs() throws {
    let route = try Self.route("https://api.example.com:8443/orders?a=b")
    #expect(route.origin.host == "api.example.com" && route.origin.port == 8443 && route.origin.proxy == nil)
    #expect(route.origin.hostHeader == "api.example.com:8443")
    #expect(route.tls != nil && route.proxyTLS == nil)
    #expect(try Self.route("http://[::1]:80/").origin.hostHeader == "[::1]")
    let socket = try Self.route("http+unix://%2Frun%2Fapi.sock/orders").origin
    #expect(socket.unixPath == "/run/api.sock" && socket.hostHeader == "localhost" && socket.tls == nil)
  }

  @Test func tlsIsTheDestinations() throws {
    let route = try Self.route("https://10.0.0.1/") {
      $0.tls.serverName = "api.example.com"
      $0.tls.minVersion = .v1_3
      $0.tls.verify = false
    }
    let tls = try #require(route.origin.tls)
    #expect(tls.serverName == "api.example.com" && tls.minimumVersion == .v1_3 && !tls.isVerifying)
    let plain = try #require(try Self.route("https://a.example/").origin.tls)
    #expect(plain.minimumVersion == .v1_2 && !plain.offersHTTP2)
    #expect(try Self.route("https://a.example/") { $0.http2 = true }.origin.tls?.offersHTTP2 == true)
  }

  @Test func proxiesComeFromTheEnvironmentUnlessSaid() throws {
    let secure = try Self.route("https://api.example.com/", Self.proxied)
    #expect(secure.origin.proxy?.name == "proxy.example:8443" && secure.proxyTLS != nil)
    #expect(try Self.route("http://api.example.com/", Self.proxied).origin.proxy?.name == "proxy.example:80")
    #expect(try Self.route("https://api.example.com/", Self.proxied) { $0.proxy = .direct }.origin.proxy == nil)
    var own = ProxySettings()
    (own.host, own.port, own.username, own.password) = ("own.example", 3128, "u", Secret("hunter2"))
    let chosen = try Self.route("https://api.example.com/", Self.proxied) { $0.proxy = .proxy(own) }
    #expect(chosen.origin.proxy?.name == "own.example:3128" && chosen.proxyTLS == nil)
    #expect(chosen.origin.proxy?.credentials == ProxyCredentials(username: "u", password: "hunter2"))
    let direct = Self.proxied.merging(["no_proxy": "example.com"]) { $1 }
    #expect(try Self.route("https://api.example.com/", direct).origin.proxy == nil)
    #expect(try Self.route("http+unix://%2Frun%2Fapi.sock/", Self.proxied).origin.proxy == nil)
  }

  @Test func whatCannotBeKeptIsRefused() throws {
    let refused: [(String, [String: String])] = [
      ("https://api.example.com/", Self.proxied), ("http://api.example.com/", Self.proxied),
    ]
    for (url, environment) in refused {
      let error = #expect(throws: StreamError.self) {
        try Self.route(url, environment) { $0.allowPrivateAddresses = false }
      }
      #expect(error?.message.hasPrefix("'allow_private_addresses: false' cannot be kept through a proxy") == true)
    }
    #expect(throws: Never.self) { try Self.route("https://a.example/") { $0.allowPrivateAddresses = false } }
    let error = #expect(throws: StreamError.self) {
      try Self.route("https://a.example/", ["https_proxy": "socks5://u:hunter2@p"])
    }
    #expect(
      error?.message
        == "the environment's https_proxy: a SOCKS proxy; http:// and https:// proxies are known; or 'proxy: none'")
  }

  @Test func remarksNameWhatMaySurprise() throws {
    func remarks(_ environment: [String: String], _ change: (inout DestinationSettings) -> Void) throws -> [String] {
      var destination = DestinationSettings(name: "crm", url: try EndpointURL.parse("https://api.example.com/"))
      change(&destination)
      return try Self.route("https://api.example.com/", environment, change).remarks(destination).map {
        "\($0.isWarning ? "warning: " : "")\($0.text)"
      }
    }
    #expect(try remarks([:]) { _ in } == [])
    #expect(
      try remarks(Self.proxied) { $0.tls.verify = false } == [
        "warning: tls.verify is false: whoever answers is taken for api.example.com",
        "through the proxy proxy.example:8443",
      ])
  }

  @Test func http2WithoutTLSIsSaid() throws {
    var destination = DestinationSettings(name: "crm", url: try EndpointURL.parse("http://api.example.com/"))
    destination.http2 = true
    var routes = Routes(environment: [:])
    let remarks = try routes.route(to: destination).remarks(destination)
    #expect(
      remarks.map(\.text) == ["http2 needs https://, where it is agreed on: HTTP/1.1 is spoken"]
        && remarks[0].isWarning)
  }

  @Test func equalSettingsShareTheirContext() throws {
    var routes = Routes(environment: ["https_proxy": "https://proxy.example"])
    let destination = DestinationSettings(name: "crm", url: try EndpointURL.parse("https://api.example.com/"))
    let first = try routes.route(to: destination)
    let second = try routes.route(to: destination)
    #expect(first.tls === second.tls && first.proxyTLS === first.tls)
  }
}
