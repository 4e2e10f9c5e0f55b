import Foundation
import Settings
import Testing

@testable import Bridging

@Suite struct WatchedFilesTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "topictee-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  private func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

  private func write(_ text: String, _ name: String) throws {
    try text.write(toFile: path(name), atomically: false, encoding: .utf8)
  }

  /// A change is told once it lies still: at the second look that finds it.
  @Test func aChangeIsToldOnce() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write("a", "one")
    try write("a", "two")
    var files = WatchedFiles([path("one"), path("two"), path("none")])
    #expect(!files.isEmpty && WatchedFiles([]).isEmpty)
    #expect(files.changes() == [])
    try write("ab", "one")
    #expect(files.changes() == [])
    try write("abc", "one")
    #expect(files.changes() == [])
    #expect(files.changes() == [path("one")])
    #expect(files.changes() == [])
    try write("a", "none")
    try FileManager.default.removeItem(atPath: path("two"))
    #expect(files.changes() == [])
    #expect(files.changes() == [path("none"), path("two")])
    #expect(files.changes() == [])
  }

  /// As Kubernetes does it: a file is a link through a link to a folder, and that link is swapped.
  @Test func aSwapOfALinkIsAChange() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let manager = FileManager.default
    for name in ["v1", "v2"] {
      try manager.createDirectory(atPath: path(name), withIntermediateDirectories: false)
      try write(name, "\(name)/secret")
    }
    try manager.createSymbolicLink(atPath: path("data"), withDestinationPath: "v1")
    try manager.createSymbolicLink(atPath: path("secret"), withDestinationPath: "data/secret")
    var files = WatchedFiles([path("secret")])
    #expect(try SecretFile.read(path("secret")) == "v1")
    try manager.createSymbolicLink(atPath: path("new"), withDestinationPath: "v2")
    #expect(unsafe rename(path("new"), path("data")) == 0)
    #expect(files.changes() == [])
    #expect(files.changes() == [path("secret")])
    #expect(try SecretFile.read(path("secret")) == "v2")
  }

  @Test func whatIsWatched() {
    var settings = DestinationSettings(
      name: "crm",
      url: EndpointURL(isTLS: true, host: "a", port: 1, target: "/", hostHeader: "a:1", text: "https://a:1"))
    #expect(settings.watchedPaths.isEmpty)
    (settings.tls.ca, settings.tls.cert, settings.tls.key) = ("ca", "cert", "key")
    settings.auth = .bearer(Secret("x", path: "token"))
    settings.signing = .standardWebhooks(secrets: [Secret("x", path: "s1"), Secret("x"), Secret("y", path: "s2")])
    #expect(settings.watchedPaths == ["ca", "cert", "key", "token", "s1", "s2"])
    #expect(settings.text(ofFile: "s2") == "y" && settings.text(ofFile: "ca") == nil)
    var sigv4 = SigV4Settings()
    (sigv4.accessKeyID, sigv4.secretAccessKey) = (Secret("x", path: "id"), Secret("x", path: "key"))
    sigv4.sessionToken = Secret("x", path: "token")
    settings.auth = .sigv4(sigv4)
    settings.signing = nil
    settings.url.isTLS = false
    #expect(settings.watchedPaths == ["id", "key", "token"])
  }
}
