#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// Whole small files.
package enum FileText {
  package enum Problem: Error, Equatable, CustomStringConvertible {
    /// The system's words.
    case unreadable(String)
    case notAFile
    case tooLarge

    package var description: String {
      switch self {
      case .unreadable(let why): why
      case .notAFile: "not a file"
      case .tooLarge: "too large"
      }
    }
  }

  /// The bytes of a file of at most `bytesMax`. Only a regular file is read where a pipe that nobody writes to would
  /// hang the start.
  package static func read(_ path: String, bytesMax: Int, isRegularOnly: Bool) throws(Problem) -> [UInt8] {
    guard !path.utf8.contains(0) else { throw .unreadable("the path holds a NUL") }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | (isRegularOnly ? O_NONBLOCK : 0))
    guard descriptor >= 0 else { throw .unreadable(message(of: errno)) }
    defer { _ = close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .unreadable(message(of: errno)) }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFDIR || (isRegularOnly && kind != S_IFREG) { throw .notAFile }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer -> Int in
        unsafe systemRead(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw .unreadable(message(of: errno))
      }
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk[..<count])
      if bytes.count > bytesMax { throw .tooLarge }
    }
  }

  private static func message(of code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}

/// `read` by a name that `FileText.read` does not hide.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  unsafe read(descriptor, buffer, count)
}

/// Addresses as the system's own parser reads them.
enum AddressText {
  static func isIPv4(_ text: String) -> Bool {
    var address = in_addr()
    return unsafe inet_pton(AF_INET, text, &address) == 1
  }

  static func isIPv6(_ text: String) -> Bool {
    var address = in6_addr()
    return unsafe inet_pton(AF_INET6, text, &address) == 1
  }
}
