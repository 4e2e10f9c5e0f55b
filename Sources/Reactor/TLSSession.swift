internal import COpenSSL

/// TLS of one connection as a state machine between two memory buffers: the wire's bytes go in by `feed`, come out by
/// `withOutput`, and no socket is touched.
@safe final class TLSSession {
  enum HandshakeStep { case done, more, failed(StreamError) }
  enum ReadStep { case bytes(Int), more, ended, failed(StreamError) }

  let ssl: OpaquePointer
  /// Whom the certificate must name.
  private let host: String
  // The session owns both.
  private let input: OpaquePointer
  private let output: OpaquePointer

  private init(ssl: OpaquePointer, host: String, input: OpaquePointer, output: OpaquePointer) {
    unsafe self.ssl = ssl
    self.host = host
    unsafe self.input = input
    unsafe self.output = output
  }

  deinit { unsafe SSL_free(ssl) }

  /// A session that will ask for `host` and check its certificate for it, a name or a literal address.
  static func make(_ context: TLSContext, host: String) throws(StreamError) -> TLSSession {
    ERR_clear_error()
    guard let ssl = unsafe SSL_new(context.context) else { throw TLSContext.failure("TLS session") }
    guard let input = unsafe BIO_new(BIO_s_mem()) else {
      unsafe SSL_free(ssl)
      throw TLSContext.failure("TLS session")
    }
    guard let output = unsafe BIO_new(BIO_s_mem()) else {
      unsafe BIO_free(input)
      unsafe SSL_free(ssl)
      throw TLSContext.failure("TLS session")
    }
    unsafe topictee_bio_empty_is_retry(input)
    unsafe SSL_set_bio(ssl, input, output)
    unsafe SSL_set_connect_state(ssl)
    let name = context.settings.serverName ?? host
    let session = unsafe TLSSession(ssl: ssl, host: name, input: input, output: output)
    let isAddress = SocketAddress(literal: name, port: 0) != nil
    // A server name is never an address (RFC 6066, 3).
    if !isAddress, unsafe topictee_set_server_name(ssl, name) != 1 {
      throw TLSContext.failure("TLS server name \(name)")
    }
    let parameters = unsafe SSL_get0_param(ssl)
    unsafe X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    let isSet =
      unsafe isAddress
      ? X509_VERIFY_PARAM_set1_ip_asc(parameters, name) : X509_VERIFY_PARAM_set1_host(parameters, name, 0)
    guard isSet == 1 else { throw TLSContext.failure("TLS host \(name)") }
    return session
  }

  func handshake() -> HandshakeStep {
    ERR_clear_error()
    let code = unsafe SSL_do_handshake(ssl)
    if code == 1 { return .done }
    let error = unsafe SSL_get_error(ssl, code)
    if error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE { return .more }
    let verdict = unsafe SSL_get_verify_result(ssl)
    if verdict != Int(X509_V_OK), let text = unsafe X509_verify_cert_error_string(verdict) {
      return .failed(StreamError(.tls, unsafe "TLS handshake: \(String(cString: text))\(whose(verdict))"))
    }
    return .failed(TLSContext.failure("TLS handshake"))
  }

  /// What the peer chose by ALPN.
  var chosenProtocol: String? {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    unsafe SSL_get0_alpn_selected(ssl, &name, &count)
    guard count > 0, let name = unsafe name else { return nil }
    return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
  }

  /// Whose the certificate is, where that is what is wrong.
  private func whose(_ verdict: Int) -> String {
    guard verdict == Int(X509_V_ERR_HOSTNAME_MISMATCH) || verdict == Int(X509_V_ERR_IP_ADDRESS_MISMATCH) else {
      return ""
    }
    return " (the certificate is not for \(host))"
  }

  /// Takes bytes from the wire.
  func feed(_ bytes: UnsafeRawBufferPointer) {
    // At most the loop's read buffer, and a memory buffer takes everything.
    unsafe BIO_write(input, bytes.baseAddress, Int32(clamping: bytes.count))
  }

  func decrypt(into buffer: UnsafeMutableRawBufferPointer) -> ReadStep {
    ERR_clear_error()
    let count = unsafe SSL_read(ssl, buffer.baseAddress, Int32(clamping: buffer.count))
    if count > 0 { return .bytes(Int(count)) }
    switch unsafe SSL_get_error(ssl, count) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .more
    case SSL_ERROR_ZERO_RETURN: return .ended
    default: return .failed(TLSContext.failure("TLS"))
    }
  }

  func encrypt(_ bytes: UnsafeRawBufferPointer) -> StreamError? {
    guard unsafe !bytes.isEmpty else { return nil }
    ERR_clear_error()
    var taken = 0
    let code = unsafe SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &taken)
    return code == 1 && taken == bytes.count ? nil : TLSContext.failure("TLS write")
  }

  /// What is to be sent; good inside `body` only.
  func withOutput<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    var start: UnsafeMutablePointer<CChar>?
    let count = unsafe topictee_bio_contents(output, &start)
    return unsafe body(UnsafeRawBufferPointer(start: start, count: max(0, count)))
  }

  func clearOutput() { unsafe topictee_bio_clear(output) }

  /// Leaves a close_notify in the output.
  func sayGoodbye() {
    ERR_clear_error()
    unsafe SSL_shutdown(ssl)
  }
}
