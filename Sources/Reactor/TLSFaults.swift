private import COpenSSL

/// A file that TLS settings name and that cannot be used.
package struct TLSFault: Sendable, Equatable {
  package enum Part: Sendable, Equatable { case authorities, certificate, key }
  package enum Kind: Sendable, Equatable {
    /// The file cannot be read, or holds none.
    case missing
    /// The key is encrypted.
    case encrypted
    /// The key is another certificate's.
    case foreign
    case other
  }
  package var part: Part
  package var kind: Kind
  /// OpenSSL's words.
  package var reason: String

  package init(part: Part, kind: Kind, reason: String) {
    self.part = part
    self.kind = kind
    self.reason = reason
  }
}

extension TLSContext {
  /// All that is wrong with the parts that the settings name, where `make` tells the first thing only. The system's
  /// own authorities are not looked at.
  package static func faults(of settings: TLSClientSettings) -> [TLSFault] {
    var faults: [TLSFault] = []
    if settings.authorities != nil {
      faults += fault(.authorities, settings) { (context) throws(StreamError) in try context.loadAuthorities() }
    }
    guard let certificate = settings.certificate else { return faults }
    let key = settings.key ?? certificate
    let alone =
      fault(.certificate, settings) { (context) throws(StreamError) in try context.loadCertificate(certificate) }
      + fault(.key, settings) { (context) throws(StreamError) in try context.loadKey(key) }
    guard alone.isEmpty else { return faults + alone }
    let together = fault(.key, settings) { (context) throws(StreamError) in
      try context.loadCertificate(certificate)
      try context.loadKey(key)
      try context.checkKey()
    }
    return faults + together.map { TLSFault(part: .key, kind: .foreign, reason: $0.reason) }
  }

  /// None or one.
  private static func fault(
    _ part: TLSFault.Part, _ settings: TLSClientSettings, _ load: (TLSContext) throws(StreamError) -> Void
  ) -> [TLSFault] {
    var wasAsked: Int32 = 0
    let failure: String? = unsafe withUnsafeMutablePointer(to: &wasAsked) { wasAsked in
      do throws(StreamError) {
        let context = try bare(settings)
        unsafe topictee_ask_for_no_password(context.context, wasAsked)
        defer { unsafe topictee_ask_for_no_password(context.context, nil) }
        try load(context)
        return nil
      } catch {
        return error.message
      }
    }
    guard let failure else { return [] }
    let reason = failure.split(separator: ": ").last.map(String.init) ?? failure
    let isMissing = ["no start line", "no certificate or crl found", "unsupported"].contains(reason)
    return [TLSFault(part: part, kind: wasAsked != 0 ? .encrypted : isMissing ? .missing : .other, reason: reason)]
  }
}
