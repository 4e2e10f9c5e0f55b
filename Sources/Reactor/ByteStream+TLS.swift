extension ByteStream {
  /// Prepares the session; the handshake follows when the socket is connected.
  func startTLS(_ context: TLSContext, host: String) -> StreamError? {
    switch TLSSession.make(context, host: host) {
    case .success(let session):
      tls = session
      return nil
    case .failure(let failed): return failed
    }
  }

  /// Goes on with the handshake as far as the bytes at hand lead.
  func shakeHands() {
    guard let tls else { return }
    let step = tls.handshake()
    // Also after a failure: the alert tells the peer why.
    let unsent = sendEncrypted()
    switch step {
    case .failed(let failed): end(failed)
    case .more: if let unsent { end(unsent) }
    case .done:
      if let unsent { return end(unsent) }
      state = .open
      delegate?.streamConnected(self)
    }
  }

  /// Takes bytes of the wire and hands on what they hold.
  func decrypt(_ bytes: UnsafeRawBufferPointer) {
    guard let tls else { return }
    unsafe tls.feed(bytes)
    if state == .handshaking { shakeHands() }
    while state == .open {
      switch unsafe tls.decrypt(into: loop.plainBuffer) {
      case .bytes(let count):
        unsafe delegate?.stream(
          self, received: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(loop.plainBuffer)[..<count]))
      case .more:
        // Key updates and the like are answered while reading.
        if let failed = sendEncrypted() { end(failed) }
        return
      case .ended: return end(nil)
      case .failed(let failed):
        _ = sendEncrypted()
        return end(failed)
      }
    }
  }
}
