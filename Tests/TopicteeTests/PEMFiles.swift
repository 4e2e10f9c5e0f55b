import Foundation
import Testing

/// Certificates and keys made for a test by `openssl`, and files that are none.
final class PEMFiles {
  let folder: TemporaryFolder

  /// `cert.pem` with `key.pem`, another RSA key, one of an elliptic curve, an encrypted one, `junk` and a `folder`.
  init() throws {
    folder = try TemporaryFolder()
    try run([
      "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=a",
    ])
    try run(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "other.pem"])
    try run(["ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "curve.pem"])
    try run(["rsa", "-aes256", "-passout", "pass:opensesame", "-in", "key.pem", "-out", "encrypted.pem"])
    _ = try folder.file("junk", "hello\n")
    try FileManager.default.createDirectory(at: folder.url.appending(path: "folder"), withIntermediateDirectories: true)
  }

  func path(_ name: String) -> String { folder.path(name) }

  private func run(_ words: [String]) throws {
    let tool = Process()
    tool.executableURL = URL(filePath: "/usr/bin/env")
    tool.currentDirectoryURL = folder.url
    tool.arguments = ["openssl"] + words
    tool.standardError = FileHandle.nullDevice
    tool.standardOutput = FileHandle.nullDevice
    try tool.run()
    tool.waitUntilExit()
    try #require(tool.terminationStatus == 0)
  }
}
