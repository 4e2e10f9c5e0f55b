/// Why a stream could not be opened or did not go on.
package struct StreamError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: Sendable, Equatable {
    /// The name has no address.
    case resolve
    /// Every address of the name is one that the settings refuse.
    case addressRefused
    /// No address took the connection.
    case connect
    /// The handshake failed, or the peer broke the protocol.
    case tls
    /// The peer wants a client certificate, or another one; it read nothing of what was written.
    case identityRefused
    /// The relay on the way did not open it.
    case relay
    /// The peer reset the connection, or a read or write failed.
    case reset
    /// A TLS peer closed the connection without saying that it was the end.
    case truncated
  }
  package let code: Code
  /// What, where and the cause, for people.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
