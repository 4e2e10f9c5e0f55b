import Foundation
import HTTPWire
import Reactor
import Testing

/// `openssl s_server` with a certificate made for the test; answers every GET, and says HTTP/1.0.
private final class TLSServer {
  let directory: URL
  let port: UInt16
  private let process = Process()

  /// - Parameter days: how long the certificate is valid from now on; -1 has expired.
  init(name: String = "localhost", days: Int = 1, asksForCertificate: Bool = false, options: [String] = []) throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "topictee-tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let names = name == "localhost" ? "DNS:localhost,IP:127.0.0.1" : "DNS:\(name)"
    try Self.openssl(
      directory,
      ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "request.pem"]
        + ["-subj", "/CN=\(name)", "-addext", "subjectAltName=\(names)"])
    try Self.openssl(
      directory,
      ["x509", "-req", "-in", "request.pem", "-signkey", "key.pem", "-days", "\(days)"]
        + ["-copy_extensions", "copy", "-out", "cert.pem"])
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.currentDirectoryURL = directory
    process.arguments =
      ["openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", "cert.pem", "-key", "key.pem"]
      + (asksForCertificate ? ["-Verify", "1", "-CAfile", "cert.pem", "-verify_return_error"] : []) + options
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = Pipe()
    try process.run()
    // It says "ACCEPT 127.0.0.1:PORT" once it listens.
    var text = ""
    while !text.contains(#/ACCEPT \S+:\d+\n/#) {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      text += String(decoding: more, as: UTF8.self)
    }
    port = text.firstMatch(of: #/ACCEPT \S+:(\d+)\n/#).flatMap { UInt16($0.1) } ?? 0
  }

  func path(_ file: String) -> String { directory.appending(path: file).path }

  func stop() {
    // The threads of the test pool block SIGTERM, and their children inherit that.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: directory)
  }

  private static func openssl(_ directory: URL, _ arguments: [String]) throws {
    let tool = Process()
    tool.executableURL = URL(filePath: "/usr/bin/env")
    tool.currentDirectoryURL = directory
    tool.arguments = ["openssl"] + arguments
    tool.standardError = FileHandle.nullDevice
    tool.standardOutput = FileHandle.nullDevice
    try tool.run()
    tool.waitUntilExit()
    try #require(tool.terminationStatus == 0)
  }
}

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
