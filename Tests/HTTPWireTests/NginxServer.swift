import Foundation
import Testing

/// nginx with HTTP/2 on a unix socket, where it is installed.
final class NginxServer {
  let socket: String
  private let process = Process()

  static let isThere: Bool = {
    let tool = Process()
    tool.executableURL = URL(filePath: "/usr/bin/env")
    tool.arguments = ["nginx", "-v"]
    tool.standardError = FileHandle.nullDevice
    do { try tool.run() } catch { return false }
    tool.waitUntilExit()
    return tool.terminationStatus == 0
  }()

  /// - Parameters:
  ///   - directory: with `cert.pem` and `key.pem`; everything of the server goes there too.
  ///   - server: the body of the `server` block beside what is always in it.
  init(in directory: URL, _ server: String) throws {
    socket = directory.appending(path: "nginx.sock").path
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \($0);" }
    let text = """
      daemon off; master_process off; pid nginx.pid; error_log error.log;
      events { worker_connections 256; }
      http {
        access_log off; \(temporary.joined(separator: " "))
        server { listen unix:\(socket) ssl http2; ssl_certificate cert.pem; ssl_certificate_key key.pem; \(server) }
      }
      """
    let file = directory.appending(path: "nginx.conf")
    try text.write(to: file, atomically: true, encoding: .utf8)
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["nginx", "-p", directory.path, "-c", file.path, "-e", "error.log"]
    process.standardError = FileHandle.nullDevice
    try process.run()
    // The socket is there once it listens.
    let deadline = Date.now + 20
    while !FileManager.default.fileExists(atPath: socket), process.isRunning, Date.now < deadline { sched_yield() }
    try #require(process.isRunning, "nginx did not start")
  }

  func stop() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
