import Foundation
import HTTPWire
import Reactor
import Testing

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
  private func get(_ host: String, _ port: UInt16, _ tls: TLSClientSettings) async -> ExchangeResult.Result {
    let client = ClientHost(Origin(host: host, port: port, tls: tls))
    let result = await client.get()
    await client.finish()
    client.thread.join()
    return result
  }

  private func isOK(_ result: ExchangeResult.Result) -> Bool {
    if case .response(let response) = result { response.status == 200 } else { false }
  }

  @Test func aTrustedPeerByNameAndByAddress() async throws {
    let server = try TLSServer()
    defer { server.stop() }
    let trusted = TLSClientSettings(authorities: .file(server.path("cert.pem")))
    for host in ["localhost", "127.0.0.1"] {
      let result = await get(host, server.port, trusted)
      #expect(isOK(result), "\(host): \(result)")
    }
    let pem = try Array(Data(contentsOf: server.directory.appending(path: "cert.pem")))
    #expect(isOK(await get("localhost", server.port, TLSClientSettings(authorities: .bytes(pem)))))
  }

  @Test func anUnknownAuthority() async throws {
    let server = try TLSServer()
    defer { server.stop() }
    let result = await get("localhost", server.port, TLSClientSettings())
    #expect(
      result == .unreachable("TLS handshake: self-signed certificate")
        || result == .unreachable("TLS handshake: self signed certificate"))
    #expect(isOK(await get("localhost", server.port, TLSClientSettings(isVerifying: false))))
  }

  @Test func anExpiredCertificate() async throws {
    let server = try TLSServer(days: -1)
    defer { server.stop() }
    let trusted = TLSClientSettings(authorities: .file(server.path("cert.pem")))
    #expect(
      await get("localhost", server.port, trusted) == .unreachable("TLS handshake: certificate has expired"))
  }

  @Test func anotherHostsCertificate() async throws {
    let server = try TLSServer(name: "other.example")
    defer { server.stop() }
    var trusted = TLSClientSettings(authorities: .file(server.path("cert.pem")))
    #expect(
      await get("localhost", server.port, trusted)
        == .unreachable("TLS handshake: hostname mismatch (the certificate is not for localhost)"))
    #expect(
      await get("127.0.0.1", server.port, trusted)
        == .unreachable("TLS handshake: IP address mismatch (the certificate is not for 127.0.0.1)"))
    trusted.serverName = "other.example"
    #expect(isOK(await get("localhost", server.port, trusted)))
  }

  @Test func aClientCertificate() async throws {
    let server = try TLSServer(asksForCertificate: true)
    defer { server.stop() }
    let authorities = PEMSource.file(server.path("cert.pem"))
    let key = try Array(Data(contentsOf: server.directory.appending(path: "key.pem")))
    let with = TLSClientSettings(authorities: authorities, certificate: authorities, key: .bytes(key))
    #expect(isOK(await get("localhost", server.port, with)))
  }

  /// With TLS 1.3 the refusal comes after the request was sent, which all the same nobody read.
  @Test(arguments: ["-tls1_2", "-tls1_3"]) func aMissingClientCertificateIsTheDestinationsFault(_ version: String)
    async throws
  {
    let server = try TLSServer(asksForCertificate: true, options: [version])
    defer { server.stop() }
    let without = TLSClientSettings(authorities: .file(server.path("cert.pem")))
    // A server that closes at once after its alert may reset the connection before the alert is read.
    var said: [ExchangeResult.Result] = []
    for _ in 0..<20 {
      said.append(await get("localhost", server.port, without))
      if case .unreachable(let message) = said.last, message.contains("alert") { return }
    }
    Issue.record("\(said)")
  }

  @Test(arguments: [("-tls1_2", true, false), ("-tls1_3", true, true), ("-tls1_1", false, false)])
  func theOldestVersion(_ version: String, _ isNewEnough: Bool, _ isNewEnoughForThree: Bool) async throws {
    let server = try TLSServer(options: [version])
    defer { server.stop() }
    var trusted = TLSClientSettings(authorities: .file(server.path("cert.pem")))
    #expect(await isOK(get("localhost", server.port, trusted)) == isNewEnough)
    trusted.minimumVersion = .v1_3
    let result = await get("localhost", server.port, trusted)
    #expect(isOK(result) == isNewEnoughForThree)
    if case .unreachable(let message) = result {
      #expect(message.hasPrefix("TLS handshake: ") && message.hasSuffix("(the peer does not speak min_version)"))
    }
  }

  @Test func noTLSAtAll() async {
    let server = ScriptedServer({ peer in peer.send("HTTP/1.1 400 Bad\r\n\r\n") })
    guard case .unreachable(let message) = await get("127.0.0.1", server.port, TLSClientSettings()) else {
      Issue.record("connected")
      return
    }
    #expect(message == "TLS handshake: wrong version number (the peer does not speak TLS on this port)")
    server.join()
  }

  @Test func missingFilesAreSaid() async {
    let result = await get("127.0.0.1", 1, TLSClientSettings(authorities: .file("/nowhere/ca.pem")))
    guard case .unreachable(let message) = result else {
      Issue.record("connected")
      return
    }
    #expect(message.hasPrefix("certificate authorities /nowhere/ca.pem: "))
    #expect(throws: StreamError.self) {
      try TLSContext.make(TLSClientSettings(certificate: .bytes(Array("no PEM".utf8))))
    }
  }
}
