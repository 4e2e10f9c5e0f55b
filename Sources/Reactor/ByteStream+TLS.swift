extension ByteStream {
  /// The protocol that the peer chose of those that were offered (ALPN), such as `h2`; of an open stream with TLS.
  package var chosenProtocol: String? { isOpen ? tls?.chosenProtocol : nil }

  /// Goes on with the handshake as far as the bytes at hand lead; without TLS it is done at once.
  func shakeHands() {
    guard let tls else {
      state = .open
      delegate?.streamConnected(self)
      return
    }
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
