#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// A file that a command leaves behind.
enum OutputFile {
  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Why it could not be written; `nil` if it was. Without `mayOverwrite` no file that is there is touched.
  static func write(_ text: String, to path: String, mayOverwrite: Bool) -> String? {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (mayOverwrite ? O_TRUNC : O_EXCL), 0o644)
    guard descriptor >= 0 else { return reason }
    let isWritten = Terminal.write(text, to: descriptor)
    let why = isWritten ? nil : reason
    return close(descriptor) == 0 ? why : why ?? reason
  }

  private static var reason: String {
    guard let text = unsafe strerror(errno) else { return "error \(errno)" }
    return unsafe String(cString: text)
  }
}
