import Foundation
import HTTPWire
import Reactor
import Testing

/// Against servers that are nobody's of ours.
@Suite(.timeLimit(.minutes(1))) struct HTTP2ClientTests {
  static let hasPeer = PythonPeer.has("h2")

  private struct Setting {
    let files: TLSServer
    let peer: PythonPeer
    let client: ClientHost

    init(streams: Int = 100, _ change: (inout HTTPClientSettings) -> Void = { _ in }) throws {
      files = try TLSServer()
      peer = try PythonPeer("h2_peer.py", [files.path("cert.pem"), files.path("key.pem"), "\(streams)"])
      var settings = HTTPClientSettings()
      settings.keepSuccessBody = true
      settings.keepBody = 1 << 20
      change(&settings)
      let tls = TLSClientSettings(authorities: .file(files.path("cert.pem")), offersHTTP2: true)
      client = ClientHost(Origin(host: "localhost", port: peer.port, tls: tls), settings)
    }

    func stop() async {
      await client.finish()
      client.thread.join()
      peer.stop()
      files.stop()
    }
  }

  private func status(_ result: ExchangeResult.Result) -> UInt16? {
    if case .response(let response) = result { response.status } else { nil }
  }

  private func body(_ result: ExchangeResult.Result) -> [UInt8] {
    if case .response(let response) = result { response.body } else { [] }
  }

  /// Many at once.
  private func all(_ client: ClientHost, _ count: Int, _ path: String, body: [UInt8] = []) async
    -> [ExchangeResult.Result]
  {
    await withTaskGroup(of: ExchangeResult.Result.self) { group in
      for _ in 0..<count {
        group.addTask { await client.get(path, method: "POST", body: body) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
  }

  @Test(.enabled(if: hasPeer)) func fieldsAndBodiesArriveWhole() async throws {
    let setting = try Setting()
    let sent = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let result = await setting.client.get("/echo", method: "PUT", body: sent)
    let head =
      ":method: PUT\n:scheme: https\n:authority: localhost:\(setting.peer.port)\n:path: /echo\ncontent-length: 300000\n\n"
    #expect(status(result) == 200 && body(result) == Array(head.utf8) + sent)
    #expect(await setting.client.counts() == [1, 1, 0])
    await setting.stop()
  }

  @Test(.enabled(if: hasPeer)) func oneConnectionServesAll() async throws {
    let setting = try Setting()
    let results = await all(setting.client, 60, "/echo", body: [UInt8](repeating: 1, count: 9_000))
    #expect(results.allSatisfy { status($0) == 200 && body($0).count > 9_000 })
    #expect(status(await setting.client.get("/status/404")) == 404)
    #expect(body(await setting.client.get("/count")) == Array("1".utf8))
    guard case .response(let redirect) = await setting.client.get("/redirect") else {
      Issue.record("no response")
      return
    }
    #expect(redirect.status == 302 && redirect.location == Array("https://other.example/x?key=secret".utf8))
    await setting.stop()
  }

  @Test(.enabled(if: hasPeer)) func theServersLimitMakesMoreConnections() async throws {
    let setting = try Setting(streams: 4)
    let results = await all(setting.client, 30, "/status/201")
    #expect(results.allSatisfy { status($0) == 201 })
    let count = Int(String(decoding: body(await setting.client.get("/count")), as: UTF8.self)) ?? 0
    #expect((2...10).contains(count), "\(count)")
    #expect(await setting.client.counts()[2] == 0)
    await setting.stop()
  }

  @Test(.enabled(if: hasPeer)) func bigResponsesAreReadAndCut() async throws {
    let setting = try Setting {
      $0.keepBody = 10
      $0.maxBody = 1_000_000
    }
    for (count, isCut) in [(10, false), (900_000, true), (5_000_000, true)] {
      guard case .response(let response) = await setting.client.get("/big/\(count)") else {
        Issue.record("no response")
        continue
      }
      #expect(response.body == [UInt8](repeating: 98, count: 10) && response.isBodyCut == isCut)
    }
    #expect(body(await setting.client.get("/count")) == Array("1".utf8))
    await setting.stop()
  }

  @Test(.enabled(if: hasPeer)) func whatTheServerRefuses() async throws {
    let setting = try Setting()
    let client = setting.client
    #expect(status(await client.get("/early", method: "POST", body: [UInt8](repeating: 1, count: 3_000_000))) == 413)
    #expect(await client.get("/reset") == .cutAfterSend("HTTP/2: the server reset the stream: INTERNAL_ERROR"))
    #expect(status(await client.get("/refuse-once", method: "POST", body: [1, 2, 3])) == 200)
    #expect(await client.get("/refuse") == .unreachable("HTTP/2: the server reset the stream: REFUSED_STREAM"))
    #expect(body(await client.get("/count")) == Array("1".utf8))
    #expect(status(await client.get("/goaway", method: "POST", body: [1, 2, 3])) == 200)
    #expect(body(await client.get("/count")) == Array("2".utf8))
    await setting.stop()
  }

  @Test(.enabled(if: hasPeer)) func cutConnections() async throws {
    let setting = try Setting()
    let client = setting.client
    guard case .cutAfterSend = await client.get("/cut") else {
      Issue.record("not cut")
      return
    }
    #expect(await client.counts() == [0, 0, 0])
    #expect(status(await client.get("/cut-second")) == 200)
    #expect(await client.get("/cut-second") == .stale)
    #expect(status(await client.get("/cut-second", fresh: true)) == 200)
    await setting.stop()
  }

  @Test(.enabled(if: hasPeer)) func aTimeoutEndsItsStreamOnly() async throws {
    let setting = try Setting { $0.requestTimeout = 300_000_000 }
    let client = setting.client
    #expect(status(await client.get("/status/200")) == 200)
    async let silent = client.get("/silent")
    #expect(status(await client.get("/status/204")) == 204)
    #expect(await silent == .timeout)
    #expect(status(await client.get("/status/200")) == 200)
    #expect(body(await client.get("/count")) == Array("1".utf8))
    #expect(await client.counts() == [1, 1, 0])
    await setting.stop()
  }

  /// It is silent, but it answers pings.
  @Test(.enabled(if: hasPeer)) func aSlowServerIsNotDead() async throws {
    let setting = try Setting {
      $0.connectTimeout = 200_000_000
      $0.requestTimeout = 2_000_000_000
    }
    #expect(status(await setting.client.get("/status/200")) == 200)
    #expect(await setting.client.get("/silent") == .timeout)
    #expect(await setting.client.counts() == [1, 1, 0])
    await setting.stop()
  }

  @Test(.enabled(if: hasPeer)) func idleConnectionsGo() async throws {
    let setting = try Setting { $0.ageLimit = 1 }
    #expect(status(await setting.client.get("/status/200")) == 200)
    #expect(status(await setting.client.get("/status/200")) == 200)
    #expect(body(await setting.client.get("/count")) == Array("3".utf8))
    await setting.stop()
  }

  /// The server does not choose HTTP/2: each exchange has its own connection, as ever.
  @Test func aServerWithoutHTTP2() async throws {
    let server = try TLSServer()
    let tls = TLSClientSettings(authorities: .file(server.path("cert.pem")), offersHTTP2: true)
    let client = ClientHost(Origin(host: "localhost", port: server.port, tls: tls))
    let results = await withTaskGroup(of: ExchangeResult.Result.self) { group in
      for _ in 0..<5 { group.addTask { await client.get() } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.allSatisfy { status($0) == 200 }, "\(results)")
    #expect(await client.counts() == [0, 0, 0])
    await client.finish()
    client.thread.join()
    server.stop()
  }

  @Test func noServer() async throws {
    let server = ScriptedServer()
    server.join()
    let client = ClientHost(
      Origin(host: "127.0.0.1", port: server.port, tls: TLSClientSettings(isVerifying: false, offersHTTP2: true)))
    let results = await withTaskGroup(of: ExchangeResult.Result.self) { group in
      for _ in 0..<5 { group.addTask { await client.get() } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    let refused = ExchangeResult.Result.unreachable("connect to 127.0.0.1:\(server.port): connection refused")
    #expect(results == [ExchangeResult.Result](repeating: refused, count: 5))
    #expect(await client.counts() == [0, 0, 0])
    await client.finish()
    client.thread.join()
  }

  /// nginx ends a connection in good order after 50 requests; none is lost.
  @Test(.enabled(if: NginxServer.isThere)) func nginxMovesUsOn() async throws {
    let files = try TLSServer()
    let server = try NginxServer(
      in: files.directory,
      "keepalive_requests 50; http2_max_concurrent_streams 8; client_max_body_size 20m;"
        + " location / { return 204; } location /refused { return 422 no; }")
    let tls = TLSClientSettings(authorities: .file(files.path("cert.pem")), offersHTTP2: true)
    let client = ClientHost(Origin(host: "localhost", port: 443, unixPath: server.socket, tls: tls))
    for _ in 0..<10 {
      let results = await all(client, 100, "/", body: [UInt8](repeating: 2, count: 2_000))
      #expect(results.allSatisfy { status($0) == 204 }, "\(results.filter { status($0) != 204 })")
    }
    let refused = await client.get("/refused")
    #expect(status(refused) == 422 && body(refused) == Array("no".utf8))
    #expect(await client.counts()[2] == 0)
    await client.finish()
    client.thread.join()
    server.stop()
    files.stop()
  }
}
