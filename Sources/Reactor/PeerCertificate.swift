internal import COpenSSL

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a TLS peer showed of itself.
package struct PeerCertificate: Sendable, Equatable {
  /// RFC 2253: `CN=api.example.com,O=Example`.
  package var subject: String
  package var issuer: String
  /// Seconds since 1970.
  package var validUntil: Int64
  /// `TLSv1.3`.
  package var version: String
}

extension ByteStream {
  /// Of an open stream with TLS, verified unless the settings say otherwise.
  package var peerCertificate: PeerCertificate? { isOpen ? tls?.peerCertificate : nil }
}

extension TLSSession {
  var peerCertificate: PeerCertificate? {
    guard let certificate = unsafe SSL_get1_peer_certificate(ssl) else { return nil }
    defer { unsafe X509_free(certificate) }
    var time = unsafe tm()
    guard unsafe ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) == 1 else { return nil }
    let version = unsafe SSL_get_version(ssl).map { unsafe String(cString: $0) }
    return unsafe PeerCertificate(
      subject: text(of: X509_get_subject_name(certificate)), issuer: text(of: X509_get_issuer_name(certificate)),
      validUntil: Int64(unsafe timegm(&time)), version: version ?? "TLS")
  }

  private func text(of name: OpaquePointer?) -> String {
    let bio = unsafe BIO_new(BIO_s_mem())
    defer { unsafe BIO_free(bio) }
    unsafe topictee_print_name(bio, name)
    var start: UnsafeMutablePointer<CChar>?
    let count = unsafe topictee_bio_contents(bio, &start)
    return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: max(0, count)), as: UTF8.self)
  }
}
