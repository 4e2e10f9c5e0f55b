/// A PEM text: in a file, or at hand.
package enum PEMSource: Sendable, Equatable {
  case file(String)
  case bytes([UInt8])
}

/// How to speak TLS to one destination. The default: the system's authorities, verification on, no client certificate,
/// TLS 1.2 or newer.
package struct TLSClientSettings: Sendable, Equatable {
  package enum Version: Sendable, Equatable { case v1_2, v1_3 }

  /// Authorities to trust instead of the system's.
  package var authorities: PEMSource?
  /// The client's certificate, with its chain; needs `key`.
  package var certificate: PEMSource?
  package var key: PEMSource?
  /// `false` takes any certificate, of anybody.
  package var isVerifying = true
  /// The name to ask for and to check instead of the host's.
  package var serverName: String?
  package var minimumVersion = Version.v1_2
  /// Whether the peer may choose HTTP/2 (by ALPN); HTTP/1.1 is always offered.
  package var offersHTTP2 = false

  package init(
    authorities: PEMSource? = nil, certificate: PEMSource? = nil, key: PEMSource? = nil, isVerifying: Bool = true,
    serverName: String? = nil, minimumVersion: Version = .v1_2, offersHTTP2: Bool = false
  ) {
    self.authorities = authorities
    self.certificate = certificate
    self.key = key
    self.isVerifying = isVerifying
    self.serverName = serverName
    self.minimumVersion = minimumVersion
    self.offersHTTP2 = offersHTTP2
  }
}
