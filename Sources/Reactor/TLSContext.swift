internal import COpenSSL

/// The settings loaded once, for all connections to a destination.
@safe package final class TLSContext: @unchecked Sendable {
  // Why unchecked: OpenSSL counts and locks a context itself, and it is not changed once made.
  let context: OpaquePointer
  package let settings: TLSClientSettings

  private init(context: OpaquePointer, settings: TLSClientSettings) {
    unsafe self.context = context
    self.settings = settings
  }

  deinit { unsafe SSL_CTX_free(context) }

  /// Reads the files and checks that they fit together.
  package static func make(_ settings: TLSClientSettings) throws(StreamError) -> TLSContext {
    let made = try bare(settings)
    try made.loadAuthorities()
    try made.loadIdentity()
    return made
  }

  /// Without authorities, certificate and key.
  static func bare(_ settings: TLSClientSettings) throws(StreamError) -> TLSContext {
    ERR_clear_error()
    guard let raw = unsafe SSL_CTX_new(TLS_client_method()) else { throw failure("TLS context") }
    let made = unsafe TLSContext(context: raw, settings: settings)
    let oldest = settings.minimumVersion == .v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION
    guard unsafe topictee_ctx_min_version(raw, oldest) == 1 else { throw failure("TLS version") }
    unsafe topictee_release_buffers(raw)
    unsafe topictee_ask_for_no_password(raw, nil)
    unsafe SSL_CTX_set_verify(raw, settings.isVerifying ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
    let protocols: [UInt8] = (settings.offersHTTP2 ? [2] + Array("h2".utf8) : []) + [8] + Array("http/1.1".utf8)
    unsafe SSL_CTX_set_alpn_protos(raw, protocols, UInt32(protocols.count))
    return made
  }

  func loadAuthorities() throws(StreamError) {
    switch settings.authorities {
    case nil:
      guard settings.isVerifying else { return }
      guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else {
        throw Self.failure("the system's certificate authorities")
      }
    case .file(let path):
      guard unsafe SSL_CTX_load_verify_locations(context, path, nil) == 1 else {
        throw Self.failure("certificate authorities \(path)")
      }
    case .bytes(let pem):
      let store = unsafe SSL_CTX_get_cert_store(context)
      let added = unsafe Self.certificates(in: pem) { unsafe X509_STORE_add_cert(store, $0) == 1 }
      guard added > 0 else { throw Self.failure("certificate authorities") }
    }
  }

  private func loadIdentity() throws(StreamError) {
    guard let certificate = settings.certificate else { return }
    try loadCertificate(certificate)
    // A key may stand in the certificate's own file.
    try loadKey(settings.key ?? certificate)
    try checkKey()
  }

  func checkKey() throws(StreamError) {
    guard unsafe SSL_CTX_check_private_key(context) == 1 else { throw Self.failure("client key and certificate") }
  }

  func loadCertificate(_ certificate: PEMSource) throws(StreamError) {
    switch certificate {
    case .file(let path):
      guard unsafe SSL_CTX_use_certificate_chain_file(context, path) == 1 else {
        throw Self.failure("client certificate \(path)")
      }
    case .bytes(let pem):
      var isFirst = true
      let added = unsafe Self.certificates(in: pem) { one in
        defer { isFirst = false }
        if isFirst { return unsafe SSL_CTX_use_certificate(context, one) == 1 }
        // The context takes over the reference that this adds.
        return unsafe X509_up_ref(one) == 1 && SSL_CTX_ctrl(context, SSL_CTRL_EXTRA_CHAIN_CERT, 0, .init(one)) == 1
      }
      guard added > 0 else { throw Self.failure("client certificate") }
    }
  }

  func loadKey(_ key: PEMSource) throws(StreamError) {
    switch key {
    case .file(let path):
      guard unsafe SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) == 1 else {
        throw Self.failure("client key \(path)")
      }
    case .bytes(let pem):
      let bio = unsafe BIO_new_mem_buf(pem, Int32(clamping: pem.count))
      defer { unsafe BIO_free(bio) }
      let key = unsafe topictee_read_key(bio)
      defer { unsafe EVP_PKEY_free(key) }
      guard unsafe key != nil && SSL_CTX_use_PrivateKey(context, key) == 1 else { throw Self.failure("client key") }
    }
  }

  /// Calls `use` with each certificate of a PEM text, and gives how many it took.
  private static func certificates(in pem: [UInt8], use: (OpaquePointer) -> Bool) -> Int {
    let bio = unsafe BIO_new_mem_buf(pem, Int32(clamping: pem.count))
    defer { unsafe BIO_free(bio) }
    var count = 0
    while let one = unsafe PEM_read_bio_X509(bio, nil, nil, nil) {
      defer { unsafe X509_free(one) }
      guard unsafe use(one) else { return 0 }
      count += 1
    }
    return count
  }

  static func failure(_ what: String) -> StreamError {
    let reason = OpenSSLReason.take()
    return StreamError(reason.code, "\(what): \(reason.text)")
  }
}
