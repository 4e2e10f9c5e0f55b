import Reactor
import Settings

#if canImport(Glibc)
  private import Glibc
#else
  private import Darwin
#endif

/// Certificates and keys that the file names, looked at before they are used.
enum TLSFiles {
  private static let bytesMax = 16 << 20

  /// What `run` could not use of the destinations' files.
  static func objections(to destinations: [DestinationSettings]) -> [Objection] {
    var known: [(settings: TLSClientSettings, found: [Objection])] = []
    func objections(to tls: DestinationTLS, at path: [String]) -> [Objection] {
      let settings = TLSClientSettings(tls)
      let found = known.first { $0.settings == settings }?.found ?? Self.objections(to: tls, settings)
      known.append((settings, found))
      return found.map { one in
        var one = one
        one.path = path + one.path
        return one
      }
    }
    return destinations.flatMap { destination -> [Objection] in
      let path = ["destinations", destination.name]
      var found = destination.url.isTLS ? objections(to: destination.tls, at: path) : []
      if let oauth2 = destination.oauth2, oauth2.tokenURL.isTLS {
        found += objections(to: oauth2.tls, at: path + ["auth", "oauth2"])
      }
      return found
    }
  }

  private static func objections(to tls: DestinationTLS, _ settings: TLSClientSettings) -> [Objection] {
    let named = [("ca", tls.ca), ("cert", tls.cert), ("key", tls.key)]
    let bad = named.compactMap { key, file in file.flatMap { unreadable($0, at: ["tls", key]) } }
    var rest = settings
    if bad.contains(where: { $0.path.last == "ca" }) { rest.authorities = nil }
    if bad.contains(where: { $0.path.last != "ca" }) { rest.certificate = nil }
    return bad
      + TLSContext.faults(of: rest).compactMap { fault in
        let key = fault.part.key
        return named.first { $0.0 == key }?.1.map { objection(fault, $0, at: ["tls", key]) }
      }
  }

  /// What the system says of a file that cannot be read; a pipe that nobody writes to would be waited for.
  static func unreadable(_ file: String, at path: [String], mayBeFolder: Bool = false) -> Objection? {
    let name = PlainText.quoted(path: file)
    do throws(FileText.Problem) {
      _ = try FileText.read(file, bytesMax: bytesMax, isRegularOnly: true)
      return nil
    } catch {
      switch error {
      case .unreadable(let why): return Objection(to: path, "cannot read \(name): \(why)")
      case .notAFile: return mayBeFolder && isFolder(file) ? nil : Objection(to: path, "\(name) is not a file")
      case .tooLarge: return Objection(to: path, "the file \(name) is over 16 MiB")
      }
    }
  }

  static func objection(_ fault: TLSFault, _ file: String, at path: [String]) -> Objection {
    let name = PlainText.quoted(path: file)
    let what = fault.part == .key ? "private key" : "certificate"
    switch fault.kind {
    case .missing:
      return Objection(to: path, "no \(what) in \(name)", hint: "a PEM file has it between -----BEGIN and -----END")
    case .encrypted:
      return Objection(to: path, "the private key in \(name) is encrypted", hint: "write it without a passphrase")
    case .foreign: return Objection(to: path, "the private key in \(name) is not the certificate's")
    case .other: return Objection(to: path, "cannot use \(name) as \(what): \(fault.reason)")
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

extension TLSFault.Part {
  /// The key of `tls`.
  var key: String {
    switch self {
    case .authorities: "ca"
    case .certificate: "cert"
    case .key: "key"
    }
  }
}
