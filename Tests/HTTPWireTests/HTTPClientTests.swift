#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import Reactor
import Testing

@testable import HTTPWire

@Suite(.timeLimit(.minutes(1))) struct HTTPClientTests {
  private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

  /// Runs `body` against a client of the server, then takes both down.
  private func with(
    _ server: ScriptedServer, _ settings: HTTPClientSettings = HTTPClientSettings(),
    _ body: (ClientHost) async -> Void
  ) async {
    let host = ClientHost(Origin(host: "127.0.0.1", port: server.port), settings)
    await body(host)
    await host.finish()
    server.join()
    host.thread.join()
  }

  private func response(_ status: UInt16, _ change: (inout HTTPResponse) -> Void = { _ in }) -> ExchangeResult.Result {
    var response = HTTPResponse(status: status)
    change(&response)
    return .response(response)
  }

  @Test func aConnectionIsUsedAgain() async {
    let server = ScriptedServer({ peer in
      for _ in 0..<3 {
        peer.readHead()
        peer.send(Self.ok)
      }
      peer.waitForEnd()
    })
    await with(server) { host in
      for _ in 0..<3 { #expect(await host.get() == response(200)) }
      #expect(await host.counts() == [1, 1, 0])
    }
  }

  @Test(arguments: ["HTTP/1.1 200 OK\r\nConnection: close\r\n", "HTTP/1.0 200 OK\r\n"])
  func closesWhenToldTo(_ text: String) async {
    let script: @Sendable (Peer) -> Void = { peer in
      peer.readHead()
      peer.send(text + "Content-Length: 0\r\n\r\n")
      peer.waitForEnd()
    }
    await with(ScriptedServer(script, script)) { host in
      #expect(await host.get() == response(200))
      #expect(await host.counts() == [0, 0, 0])
      #expect(await host.get() == response(200))
    }
  }

  @Test(arguments: [false, true]) func aReusedConnectionThatEndsIsStale(_ resets: Bool) async {
    let server = ScriptedServer(
      { peer in
        peer.readHead()
        peer.send(Self.ok)
        peer.readHead()
        if resets { peer.resetAtClose() }
      },
      { peer in
        peer.readHead()
        peer.send(Self.ok)
      })
    await with(server) { host in
      #expect(await host.get() == response(200))
      #expect(await host.get() == .stale)
      #expect(await host.get(fresh: true) == response(200))
    }
  }

  @Test(arguments: ["", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart"])
  func aFreshConnectionThatEndsIsACut(_ part: String) async {
    let server = ScriptedServer({ peer in
      peer.readHead()
      peer.send(part)
    })
    await with(server) { host in
      #expect(await host.get() == .cutAfterSend("the peer closed the connection"))
      #expect(await host.counts() == [0, 0, 0])
    }
  }

  @Test func aReusedConnectionThatEndsInTheResponseIsACut() async {
    let server = ScriptedServer({ peer in
      peer.readHead()
      peer.send(Self.ok)
      peer.readHead()
      peer.send("H")
    })
    await with(server) { host in
      #expect(await host.get() == response(200))
      #expect(await host.get() == .cutAfterSend("the peer closed the connection"))
    }
  }

  @Test func silenceIsATimeout() async {
    var settings = HTTPClientSettings()
    settings.requestTimeout = 50_000_000
    await with(ScriptedServer({ $0.waitForEnd() }), settings) { host in
      #expect(await host.get() == .timeout)
      #expect(await host.counts() == [0, 0, 0])
    }
  }

  @Test func anIdleConnectionThatSpeaksIsClosed() async {
    let server = ScriptedServer(
      { peer in
        peer.readHead()
        peer.send(Self.ok + "HTTP/1.1 200 OK\r\n\r\n")
        peer.waitForEnd()
      },
      { peer in
        peer.readHead()
        peer.send(Self.ok)
        peer.waitForEnd()
      })
    await with(server) { host in
      #expect(await host.get() == response(200))
      #expect(await host.get() == response(200))
    }
  }

  @Test func nothingListening() async {
    let server = ScriptedServer()
    server.join()
    await with(server) { host in
      let result = await host.get()
      #expect(
        result == .unreachable("connect to 127.0.0.1:\(server.port): connection refused"))
      #expect(await host.counts() == [0, 0, 0])
    }
  }

  @Test func noSuchName() async {
    let host = ClientHost(Origin(host: "name.invalid", port: 1))
    guard case .unreachable(let message) = await host.get() else {
      Issue.record("found")
      return
    }
    #expect(message.hasPrefix("resolve name.invalid:1: "))
    await host.finish()
    host.thread.join()
  }

  @Test func privateAddressesCanBeRefused() async {
    var settings = HTTPClientSettings()
    settings.allowPrivateAddresses = false
    let host = ClientHost(Origin(host: "localhost", port: 1), settings)
    guard case .addressRefused(let message) = await host.get() else {
      Issue.record("connected")
      return
    }
    #expect(message.hasPrefix("localhost:1: private address ") && message.hasSuffix(" is not allowed"))
    await host.finish()
    host.thread.join()
    let literal = ClientHost(Origin(host: "169.254.169.254", port: 80), settings)
    #expect(
      await literal.get() == .addressRefused("169.254.169.254:80: private address 169.254.169.254 is not allowed"))
    await literal.finish()
    literal.thread.join()
  }

  @Test func malformedClosesTheConnection() async {
    let server = ScriptedServer({ peer in
      peer.readHead()
      peer.send("HTTP/1.1 200 OK\nA: b\n\n")
      peer.waitForEnd()
    })
    await with(server) { host in
      #expect(await host.get() == .malformed("a line does not end with CRLF"))
      #expect(await host.counts() == [0, 0, 0])
    }
  }

  @Test func aRefusalIsKeptWithItsFields() async {
    let server = ScriptedServer({ peer in
      peer.readHead()
      peer.send("HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
      peer.send("3\r\nwai\r\n1\r\nt\r\n0\r\n\r\n")
      peer.waitForEnd()
    })
    await with(server) { host in
      #expect(
        await host.get()
          == response(429) {
            $0.retryAfterSeconds = 7
            $0.contentType = Array("text/plain".utf8)
            $0.body = Array("wait".utf8)
          })
      #expect(await host.counts() == [1, 1, 0])
    }
  }

  @Test func whereARedirectLeadsIsKeptAndNotFollowed() async {
    let long = String(repeating: "x", count: 2_000)
    let server = ScriptedServer({ peer in
      for head in [
        "307 Go\r\nLOCATION:  /there?a=b \r\n", "200 OK\r\nLocation: /made\r\n", "301 Go\r\nLocation: \(long)\r\n",
      ] {
        peer.readHead()
        peer.send("HTTP/1.1 \(head)Content-Length: 0\r\n\r\n")
      }
      peer.waitForEnd()
    })
    await with(server) { host in
      #expect(await host.get() == response(307) { $0.location = Array("/there?a=b".utf8) })
      #expect(await host.get() == response(200))
      #expect(await host.get() == response(301) { $0.location = Array(long.utf8.prefix(1_024)) })
      #expect(await host.counts() == [1, 1, 0])
    }
  }

  @Test func aHugeBodyIsCut() async {
    var settings = HTTPClientSettings()
    settings.maxBody = 1_000_000
    settings.keepBody = 3
    let server = ScriptedServer({ peer in
      peer.readHead()
      peer.send("HTTP/1.1 500 No\r\nContent-Length: 2000000\r\n\r\n")
      peer.send([UInt8](repeating: 120, count: 2_000_000))
    })
    await with(server, settings) { host in
      #expect(
        await host.get()
          == response(500) {
            $0.body = Array("xxx".utf8)
            $0.isBodyCut = true
          })
      #expect(await host.counts() == [0, 0, 0])
    }
  }

  @Test func aHugeRequestArrivesWhole() async {
    let body = [UInt8](repeating: 97, count: 8_000_000)
    let server = ScriptedServer({ peer in
      peer.readHead()
      var left = body.count
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while left > 0 {
        let count = unsafe recv(peer.socket, &buffer, min(left, buffer.count), 0)
        guard count > 0 else { return }
        left -= count
      }
      peer.send(Self.ok)
      peer.waitForEnd()
    })
    await with(server) { host in
      #expect(await host.get(method: "POST", body: body) == response(200))
      #expect(await host.counts() == [1, 1, 0])
    }
  }

  @Test func aHEADHasNoBody() async {
    let server = ScriptedServer({ peer in
      peer.readHead()
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
      peer.readHead()
      peer.send(Self.ok)
      peer.waitForEnd()
    })
    await with(server) { host in
      #expect(await host.get(method: "HEAD") == response(200))
      #expect(await host.get() == response(200))
    }
  }

  @Test func idleAndOldConnectionsGo() async {
    var settings = HTTPClientSettings()
    settings.ageLimit = 0
    let script: @Sendable (Peer) -> Void = { peer in
      peer.readHead()
      peer.send(Self.ok)
      peer.waitForEnd()
    }
    await with(ScriptedServer(script, script), settings) { host in
      for _ in 0..<2 {
        #expect(await host.get() == response(200))
        #expect(await host.counts() == [0, 0, 0])
      }
    }
  }

  @Test func connectionsAreLimited() async {
    var settings = HTTPClientSettings()
    settings.maxConnections = 1
    let script: @Sendable (Peer) -> Void = { peer in
      peer.readHead()
      peer.send(Self.ok)
      peer.waitForEnd()
    }
    await with(ScriptedServer(script, script), settings) { host in
      #expect(await host.get() == response(200))
      #expect(await host.get(fresh: true) == response(200))
      #expect(await host.counts() == [1, 1, 0])
    }
  }

  @Test func unixSocket() async {
    let path = "/tmp/topictee-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
    let server = ScriptedServer(
      unixPath: path,
      { peer in
        peer.readHead()
        peer.send(Self.ok)
      })
    let host = ClientHost(Origin(host: "localhost", port: 80, unixPath: path))
    #expect(await host.get() == response(200))
    await host.finish()
    server.join()
    host.thread.join()
    unsafe unlink(path)
  }
}
