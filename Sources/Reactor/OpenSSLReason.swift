internal import COpenSSL

/// The oldest error of OpenSSL's queue, which is the cause of the others.
struct OpenSSLReason {
  let text: String
  let code: StreamError.Code

  /// Empties the queue.
  static func take() -> OpenSSLReason {
    let code = ERR_get_error()
    ERR_clear_error()
    guard code != 0 else { return OpenSSLReason(text: "unknown error", code: .tls) }
    let reason = Int32(truncatingIfNeeded: topictee_ssl_reason(code))
    return OpenSSLReason(
      text: name(code) + (hint(reason).map { " (\($0))" } ?? ""),
      code: identityAlerts.contains(reason) ? .identityRefused : .tls)
  }

  private static func name(_ code: UInt) -> String {
    if let text = unsafe ERR_reason_error_string(code) { return unsafe String(cString: text) }
    var text = [CChar](repeating: 0, count: 256)
    unsafe ERR_error_string_n(code, &text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What OpenSSL's words do not tell.
  private static func hint(_ reason: Int32) -> String? {
    switch reason {
    case SSL_R_WRONG_VERSION_NUMBER: "the peer does not speak TLS on this port"
    case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION: "the peer does not speak min_version"
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED: "the peer wants a client certificate: tls.cert and tls.key"
    default: nil
    }
  }

  /// How a peer says that it does not take the client for whom it says it is; with TLS 1.3 after the client's handshake.
  private static let identityAlerts: Set<Int32> = [
    SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
    SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
    SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, SSL_R_TLSV1_ALERT_UNKNOWN_CA,
    SSL_R_TLSV1_ALERT_ACCESS_DENIED, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
  ]
}
