package import Reactor

/// How an origin is reached, with what is loaded for it once.
package struct OriginRoute: Sendable {
  package let origin: Origin
  package let tls: TLSContext?
  package let proxyTLS: TLSContext?

  /// - Parameters:
  ///   - tls: made of `origin.tls`.
  ///   - proxyTLS: made of the proxy's own settings.
  package init(_ origin: Origin, tls: TLSContext?, proxyTLS: TLSContext?) {
    self.origin = origin
    self.tls = tls
    self.proxyTLS = proxyTLS
  }

  /// Loads what the origin and its proxy need.
  package static func load(_ origin: Origin) throws(StreamError) -> OriginRoute {
    var loaded: (origin: TLSContext?, proxy: TLSContext?)
    if let wanted = origin.tls { loaded.origin = try TLSContext.make(wanted) }
    if let wanted = origin.proxyOnTheWay?.tls { loaded.proxy = try TLSContext.make(wanted) }
    return OriginRoute(origin, tls: loaded.origin, proxyTLS: loaded.proxy)
  }

  /// Starts to connect a stream to the origin; gives what is wrong at once.
  package func connect(_ stream: ByteStream, allowPrivateAddresses: Bool) -> StreamError? {
    guard let proxy = origin.proxyOnTheWay else {
      return stream.connect(to: origin.target, tls: tls, allowPrivateAddresses: allowPrivateAddresses)
    }
    guard origin.tls != nil else {
      return stream.connect(to: proxy.target, tls: proxyTLS, allowPrivateAddresses: allowPrivateAddresses)
    }
    let relay = StreamRelay(
      target: proxy.target, tls: proxyTLS, dialogue: ConnectTunnel(to: origin, credentials: proxy.credentials))
    return stream.connect(
      to: origin.target, tls: tls, allowPrivateAddresses: allowPrivateAddresses, through: relay)
  }

  /// Says where on the way it was that no connection came about.
  package func words(of failed: StreamError) -> String {
    // A tunnel's stream says so itself.
    origin.tls == nil && origin.proxyOnTheWay != nil ? "proxy: \(failed.message)" : failed.message
  }

  /// What requests are changed by on their way; nil where they are not.
  var forwarding: ForwardedRequest? {
    guard origin.tls == nil, let proxy = origin.proxyOnTheWay else { return nil }
    return ForwardedRequest(to: origin, through: proxy)
  }
}
