import Foundation
import HTTPWire
import Reactor
import Synchronization
import Testing

/// Proxies that play a script.
@Suite(.timeLimit(.minutes(1))) struct ProxyTests {
  private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
  private static let user = ProxyCredentials(username: "bridge", password: "hunter2")
  private static let field = "Proxy-Authorization: Basic YnJpZGdlOmh1bnRlcjI=\r\n"

  /// What the proxy read, request by request.
  private final class Heard: Sendable {
    private let heads = Mutex<[String]>([])
    var all: [String] { heads.withLock { $0 } }
    func add(_ head: String) { heads.withLock { $0.append(head) } }
  }

  private func host(_ server: ScriptedServer, _ origin: Origin, _ credentials: ProxyCredentials? = user) -> ClientHost {
    var origin = origin
    origin.proxy = HTTPProxy(host: "127.0.0.1", port: server.port, credentials: credentials)
    return ClientHost(origin)
  }

  private func ok(_ result: ExchangeResult.Result) -> Bool {
    if case .response(let response) = result { response.status == 200 } else { false }
  }

  @Test func plainRequestsNameTheirWholeURL() async {
    let heard = Heard()
    let server = ScriptedServer({ peer in
      for answer in [Self.ok, Self.ok, "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"] {
        heard.add(peer.readHead())
        peer.send(answer)
      }
      peer.waitForEnd()
    })
    let client = host(server, Origin(host: "name.invalid", port: 8080))
    #expect(ok(await client.get("/a?b=c d")))
    #expect(ok(await client.get("/", method: "PUT")))
    #expect(await client.get() == .response(HTTPResponse(status: 407)))
    #expect(await client.counts() == [1, 1, 0])
    await client.finish()
    server.join()
    client.thread.join()
    let rest = "HTTP/1.1\r\n\(Self.field)Host: name.invalid:8080\r\nContent-Length: 0\r\n\r\n"
    #expect(
      heard.all == [
        "GET http://name.invalid:8080/a?b=c d \(rest)", "PUT http://name.invalid:8080/ \(rest)",
        "GET http://name.invalid:8080/ \(rest)",
      ])
  }

  @Test func withoutAUserNothingIsSaidOfOne() async {
    let heard = Heard()
    let server = ScriptedServer({ peer in
      heard.add(peer.readHead())
      peer.send(Self.ok)
    })
    let client = host(server, Origin(host: "::1", port: 80), nil)
    #expect(ok(await client.get()))
    await client.finish()
    server.join()
    client.thread.join()
    #expect(heard.all == ["GET http://[::1]/ HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 0\r\n\r\n"])
  }

  @Test func aUnixSocketIsReachedDirectly() async {
    let path = "/tmp/topictee-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
    let server = ScriptedServer(
      unixPath: path,
      { peer in
        #expect(peer.readHead().hasPrefix("GET / HTTP/1.1\r\n"))
        peer.send(Self.ok)
      })
    var origin = Origin(host: "localhost", port: 80, unixPath: path)
    origin.proxy = HTTPProxy(host: "127.0.0.1", port: 1)
    let client = ClientHost(origin)
    #expect(ok(await client.get()))
    await client.finish()
    server.join()
    client.thread.join()
    unsafe unlink(path)
  }

  @Test func secureRequestsGoThroughATunnel() async throws {
    let api = try TLSServer()
    defer { api.stop() }
    let heard = Heard()
    let port = api.port
    let proxy = ScriptedServer({ peer in
      heard.add(peer.readHead())
      peer.send("HTTP/1.1 103 Early\r\n\r\nHTTP/1.0 200 Connection established\r\nContent-Length: 5\r\n\r\n")
      peer.pass(to: port)
    })
    let trusted = TLSClientSettings(authorities: .file(api.path("cert.pem")))
    let client = host(proxy, Origin(host: "localhost", port: api.port, tls: trusted))
    #expect(ok(await client.get("/secret")))
    await client.finish()
    proxy.join()
    client.thread.join()
    let place = "localhost:\(api.port)"
    #expect(
      heard.all == ["CONNECT \(place) HTTP/1.1\r\nHost: \(place)\r\nUser-Agent: topictee\r\n\(Self.field)\r\n"])
  }

  /// The certificate is judged inside the tunnel: a proxy that answers itself is found out.
  @Test func aProxyIsNoAuthority() async throws {
    let api = try TLSServer(name: "other.example")
    defer { api.stop() }
    let port = api.port
    let proxy = ScriptedServer({ peer in
      peer.readHead()
      peer.send("HTTP/1.1 200 OK\r\n\r\n")
      peer.pass(to: port)
    })
    let trusted = TLSClientSettings(authorities: .file(api.path("cert.pem")))
    let client = host(proxy, Origin(host: "localhost", port: api.port, tls: trusted))
    #expect(
      await client.get()
        == .unreachable("TLS handshake: hostname mismatch (the certificate is not for localhost)"))
    await client.finish()
    proxy.join()
    client.thread.join()
  }

  @Test(arguments: [
    (
      "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\nContent-Length: 3\r\n\r\nwho",
      "it answered 407 (it wants a user and a password, or others)"
    ),
    ("HTTP/1.1 403 No\r\n\r\n", "it answered 403 (it does not allow this destination)"),
    ("HTTP/1.1 503 No\r\n\r\n", "it answered 503 (it does not reach the destination)"),
    ("HTTP/1.1 302 Go\r\nLocation: http://evil/\r\n\r\n", "it answered 302"),
    ("HTTP/1.1 200 OK\r\n\r\nmore", "it sent more than its answer"),
    ("SSH-2.0-OpenSSH_9.2\r\n", "its answer is no HTTP response: not HTTP/1.0 or HTTP/1.1"),
    ("HTTP/1.1 101 Go\r\n\r\n", "its answer is no HTTP response: 101 Switching Protocols was not asked for"),
    ("HTTP/1.1 200 OK\nA: b\n\n", "its answer is no HTTP response: a line does not end with CRLF"),
    (
      "HTTP/1.1 200 OK\r\nA: " + String(repeating: "x", count: 70_000),
      "its answer is no HTTP response: the head is longer than 64 KiB"
    ),
    (
      String(repeating: "HTTP/1.1 100 Go on\r\n\r\n", count: 4_000),
      "its answer is no HTTP response: the head is longer than 64 KiB"
    ),
    ("", ""), ("HTTP/1.1 2", ""),
  ]) func aRefusalIsAnOutage(_ answer: String, _ why: String) async {
    let server = ScriptedServer({ peer in
      peer.readHead()
      peer.send(answer)
      if !why.isEmpty { peer.waitForEnd() }
    })
    let client = host(server, Origin(host: "api.example", port: 443, tls: TLSClientSettings(isVerifying: false)))
    let expected =
      why.isEmpty ? "the peer closed the connection before its answer" : "CONNECT api.example:443: \(why)"
    #expect(await client.get() == .unreachable("proxy: \(expected)"))
    #expect(await client.counts() == [0, 0, 0])
    await client.finish()
    server.join()
    client.thread.join()
  }

  @Test(arguments: [nil, TLSClientSettings(isVerifying: false)]) func noProxyThere(_ tls: TLSClientSettings?) async {
    let server = ScriptedServer()
    server.join()
    let client = host(server, Origin(host: "api.example", port: 443, tls: tls))
    #expect(
      await client.get() == .unreachable("proxy: connect to 127.0.0.1:\(server.port): connection refused"))
    await client.finish()
    client.thread.join()
  }

  @Test func aSilentProxyIsGivenUp() async {
    var settings = HTTPClientSettings()
    settings.connectTimeout = 50_000_000
    let server = ScriptedServer({ $0.waitForEnd() })
    let proxy = HTTPProxy(host: "127.0.0.1", port: server.port)
    let client = ClientHost(
      Origin(host: "api.example", port: 443, tls: TLSClientSettings(isVerifying: false), proxy: proxy), settings)
    #expect(await client.get() == .unreachable("connect: no connection in time"))
    #expect(await client.counts() == [0, 0, 0])
    await client.finish()
    server.join()
    client.thread.join()
  }
}

extension Peer {
  /// Passes bytes both ways to a port of this machine, until one side closes.
  func pass(to port: UInt16) {
    let other = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(other) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    address.sin_port = port.bigEndian
    let connected = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(other, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { return }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      var ends = [
        pollfd(fd: socket, events: Int16(POLLIN), revents: 0), pollfd(fd: other, events: Int16(POLLIN), revents: 0),
      ]
      guard unsafe poll(&ends, 2, 20_000) > 0 else { return }
      for (end, to) in [(ends[0], other), (ends[1], socket)] where end.revents != 0 {
        let count = unsafe recv(end.fd, &buffer, buffer.count, 0)
        guard count > 0 else { return }
        Peer(socket: to).send(Array(buffer[..<count]))
      }
    }
  }
}
