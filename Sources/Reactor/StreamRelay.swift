/// A relay on the way to a stream's peer: a proxy that is asked to open the way, and then passes bytes.
package struct StreamRelay {
  package var target: StreamTarget
  /// For a relay that speaks TLS itself; the peer's TLS goes inside.
  package var tls: TLSContext?
  package var dialogue: any RelayDialogue

  package init(target: StreamTarget, tls: TLSContext?, dialogue: any RelayDialogue) {
    self.target = target
    self.tls = tls
    self.dialogue = dialogue
  }
}

/// What is said to a relay before it opens the way; one for each connection.
package protocol RelayDialogue: AnyObject {
  /// Sent when the relay is connected.
  var question: [UInt8] { get }
  /// Takes what the relay says to it, in any pieces; the bytes are good until it returns.
  func take(_ answer: UnsafeRawBufferPointer) -> RelayStep
}

package enum RelayStep: Sendable, Equatable {
  case more
  /// What comes from now on is the peer's.
  case open
  case refused(StreamError)
}

extension StreamTarget {
  /// Whom a certificate must name.
  var tlsName: String {
    switch self {
    case .unix: "localhost"
    case .host(let name, _): name.hasPrefix("[") && name.hasSuffix("]") ? String(name.dropFirst().dropLast()) : name
    }
  }
}

extension ByteStream {
  /// Goes on with the relay's own handshake, then asks it.
  func reachRelay() {
    guard let relay else { return }
    if let carrier {
      let step = carrier.handshake()
      let unsent = sendCarried()
      switch step {
      case .failed(let failed): return end(failed)
      case .more:
        if let unsent { end(unsent) }
        return
      case .done: if let unsent { return end(unsent) }
      }
    }
    state = .asking
    let failed = unsafe relay.dialogue.question.withUnsafeBytes { unsafe carry($0) }
    if let failed { end(failed) }
  }

  func relayAnswered(_ bytes: UnsafeRawBufferPointer) {
    guard let relay else { return }
    switch unsafe relay.dialogue.take(bytes) {
    case .more: break
    case .refused(let failed): end(failed)
    case .open:
      self.relay = nil
      state = .handshaking
      shakeHands()
    }
  }

  /// Takes bytes of the wire out of the relay's TLS.
  func uncover(_ bytes: UnsafeRawBufferPointer) {
    guard let carrier else { return }
    unsafe carrier.feed(bytes)
    if state == .reaching { reachRelay() }
    while state == .asking || state == .handshaking || state == .open {
      switch unsafe carrier.decrypt(into: loop.plainBuffer) {
      case .bytes(let count):
        // The session within copies it before it decrypts to the same place.
        unsafe take(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(loop.plainBuffer)[..<count]))
      case .more:
        if let failed = sendCarried() { end(failed) }
        return
      case .ended: return endOfInput()
      case .failed(let failed):
        _ = sendCarried()
        return end(failed)
      }
    }
  }

  /// Sends bytes on the way to the peer, inside the relay's TLS where it has one.
  func carry(_ bytes: UnsafeRawBufferPointer) -> StreamError? {
    guard let carrier else { return unsafe send(bytes) }
    if let failed = unsafe carrier.encrypt(bytes) { return failed }
    return sendCarried()
  }

  private func sendCarried() -> StreamError? {
    guard let carrier else { return nil }
    let failed = unsafe carrier.withOutput { unsafe $0.isEmpty ? nil : send($0) }
    carrier.clearOutput()
    return failed
  }
}
