#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// A file with one secret, read at the start and again when it changes.
package enum SecretFile {
  package enum Problem: Error, Sendable, Equatable {
    case file(FileText.Problem)
    case empty, holdsNUL, notUTF8

    /// In words that hold nothing of the file.
    package var words: String {
      switch self {
      case .file(.unreadable(let why)): "it cannot be read: \(why)"
      case .file(.notAFile): "it is not a file"
      case .file(.tooLarge): "it is over 64 KiB"
      case .empty: "it is empty"
      case .holdsNUL: "it holds a NUL"
      case .notUTF8: "it is not UTF-8"
      }
    }
  }

  /// The text without a line end behind it.
  package static func read(_ path: String) throws(Problem) -> String {
    var bytes: [UInt8]
    do throws(FileText.Problem) {
      bytes = try FileText.read(path, bytesMax: 1 << 16, isRegularOnly: true)
    } catch {
      throw .file(error)
    }
    if bytes.last == 0x0A {
      bytes.removeLast()
      if bytes.last == 0x0D { bytes.removeLast() }
    }
    if bytes.isEmpty { throw .empty }
    if bytes.contains(0) { throw .holdsNUL }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
    return text
  }
}

/// What tells one state of a file from another without reading it. Of a link it is what it leads to, so that the swap of a
/// link (as Kubernetes renews secrets) is a change.
package struct FileStamp: Sendable, Equatable {
  private let device: UInt64
  private let number: UInt64
  private let bytes: Int64
  /// Seconds and nanoseconds of the last write, and of the last change of anything.
  private let times: [Int64]

  /// Nil where there is no file to be seen.
  package init?(_ path: String) {
    var status = stat()
    guard !path.utf8.contains(0), unsafe stat(path, &status) == 0 else { return nil }
    device = UInt64(truncatingIfNeeded: status.st_dev)
    number = UInt64(truncatingIfNeeded: status.st_ino)
    bytes = Int64(status.st_size)
    #if canImport(Glibc)
      let (written, changed) = (status.st_mtim, status.st_ctim)
    #else
      let (written, changed) = (status.st_mtimespec, status.st_ctimespec)
    #endif
    times = [written.tv_sec, written.tv_nsec, changed.tv_sec, changed.tv_nsec].map { Int64($0) }
  }
}
