import Foundation
import Testing

/// `openssl s_server` with a certificate made for the test; answers every GET, and says HTTP/1.0.
final class TLSServer {
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
