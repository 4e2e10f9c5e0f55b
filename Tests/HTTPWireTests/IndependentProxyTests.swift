import Foundation
import HTTPWire
import Reactor
import Testing

/// Against proxy.py, which is nobody's of ours.
@Suite(.timeLimit(.minutes(1)), .enabled(if: PythonPeer.has("proxy"))) struct IndependentProxyTests {
  private static let user = ProxyCredentials(username: "bridge", password: "p:w@%")

  private func get(_ origin: Origin, times: Int = 1) async -> [ExchangeResult.Result] {
    let client = ClientHost(origin)
    var results: [ExchangeResult.Result] = []
    for _ in 0..<times { results.append(await client.get("/x?y=z")) }
    await client.finish()
    client.thread.join()
    return results
  }

  private func statuses(_ results: [ExchangeResult.Result]) -> [UInt16] {
    results.map { if case .response(let response) = $0 { response.status } else { 0 } }
  }

  @Test func plainRequests() async throws {
    let proxy = try PythonPeer("proxy_peer.py", ["--basic-auth", "bridge:p:w@%"])
    defer { proxy.stop() }
    let api = ScriptedServer({ peer in
      for _ in 0..<3 {
        #expect(peer.readHead().hasPrefix("GET /x?y=z HTTP/1.1\r\n"))
        peer.send("HTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\nok")
      }
      peer.waitForEnd()
    })
    var origin = Origin(host: "127.0.0.1", port: api.port)
    origin.proxy = HTTPProxy(host: "127.0.0.1", port: proxy.port, credentials: Self.user)
    #expect(statuses(await get(origin, times: 3)) == [201, 201, 201])
    origin.proxy?.credentials = nil
    #expect(statuses(await get(origin)) == [407])
    api.join()
  }

  @Test func tunnels() async throws {
    let proxy = try PythonPeer("proxy_peer.py", ["--basic-auth", "bridge:p:w@%"])
    defer { proxy.stop() }
    let api = try TLSServer()
    defer { api.stop() }
    var origin = Origin(
      host: "localhost", port: api.port, tls: TLSClientSettings(authorities: .file(api.path("cert.pem"))),
      proxy: HTTPProxy(host: "127.0.0.1", port: proxy.port, credentials: Self.user))
    #expect(statuses(await get(origin)) == [200])
    origin.proxy?.credentials = ProxyCredentials(username: "bridge", password: "wrong")
    let why = "it answered 407 (it wants a user and a password, or others)"
    #expect(await get(origin) == [.unreachable("proxy: CONNECT localhost:\(api.port): \(why)")])
  }

  @Test(.enabled(if: HTTP2ClientTests.hasPeer)) func tunnelsOfHTTP2() async throws {
    let files = try TLSServer()
    defer { files.stop() }
    let proxy = try PythonPeer("proxy_peer.py")
    defer { proxy.stop() }
    let api = try PythonPeer("h2_peer.py", [files.path("cert.pem"), files.path("key.pem"), "10"])
    defer { api.stop() }
    let trusted = TLSClientSettings(authorities: .file(files.path("cert.pem")), offersHTTP2: true)
    let client = ClientHost(
      Origin(
        host: "localhost", port: api.port, tls: trusted, proxy: HTTPProxy(host: "127.0.0.1", port: proxy.port)))
    #expect(statuses([await client.get("/status/201"), await client.get("/status/404")]) == [201, 404])
    #expect(await client.counts() == [1, 1, 0])
    await client.finish()
    client.thread.join()
  }

  /// The API's TLS inside the proxy's own.
  @Test func secureProxies() async throws {
    let api = try TLSServer()
    defer { api.stop() }
    let proxy = try PythonPeer(
      "proxy_peer.py", ["--cert-file", api.path("cert.pem"), "--key-file", api.path("key.pem")])
    defer { proxy.stop() }
    let trusted = TLSClientSettings(authorities: .file(api.path("cert.pem")))
    var origin = Origin(
      host: "localhost", port: api.port, tls: trusted,
      proxy: HTTPProxy(host: "localhost", port: proxy.port, tls: trusted))
    #expect(statuses(await get(origin)) == [200])
    let plain = ScriptedServer({ peer in
      peer.readHead()
      peer.send("HTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\nok")
    })
    let forwarded = Origin(host: "127.0.0.1", port: plain.port, proxy: origin.proxy)
    #expect(statuses(await get(forwarded)) == [201])
    plain.join()
    origin.proxy?.tls = TLSClientSettings()
    let results = await get(origin)
    guard case .unreachable(let message)? = results.first else {
      Issue.record("\(results)")
      return
    }
    #expect(message.hasPrefix("proxy: TLS handshake: self"))
  }
}
