import HTTPWire
import Reactor
import Settings

/// Makes routes of settings. TLS contexts are shared by all that speak it alike: to read the system's authorities takes
/// some 20 ms.
struct Routes {
  private let environment: ProxyEnvironment
  private var contexts: [TLSContext] = []

  init(environment: [String: String]) { self.environment = ProxyEnvironment(environment) }

  /// A file that cannot be read is heard of here, as is a proxy that cannot be used.
  mutating func route(to destination: DestinationSettings) throws(StreamError) -> OriginRoute {
    let origin = try origin(of: destination)
    return OriginRoute(origin, tls: try context(origin.tls), proxyTLS: try context(origin.proxyOnTheWay?.tls))
  }

  private mutating func context(_ wanted: TLSClientSettings?) throws(StreamError) -> TLSContext? {
    guard let wanted else { return nil }
    if let made = contexts.first(where: { $0.settings == wanted }) { return made }
    let made = try TLSContext.make(wanted)
    contexts.append(made)
    return made
  }

  private func origin(of destination: DestinationSettings) throws(StreamError) -> Origin {
    let url = destination.url
    var origin = Origin(
      host: url.host, port: url.port, unixPath: url.unixPath, tls: url.isTLS ? TLSClientSettings(destination.tls) : nil,
      hostHeader: url.hostHeader)
    origin.tls?.offersHTTP2 = destination.http2
    guard url.unixPath == nil else { return origin }
    switch destination.proxy {
    case .direct: break
    case .proxy(let proxy): origin.proxy = HTTPProxy(proxy)
    case .environment:
      do throws(ProxyProblem) {
        origin.proxy = try environment.proxy(isTLS: url.isTLS, host: url.host, port: url.port)
      } catch {
        throw StreamError(.relay, "\(error); or 'proxy: none'")
      }
    }
    // Whoever resolves the name must be who refuses the address.
    guard origin.proxy == nil || destination.allowPrivateAddresses else {
      throw StreamError(
        .relay,
        "'allow_private_addresses: false' cannot be kept through a proxy, which looks up the name itself: 'proxy: none', or no_proxy in the environment, or leave the addresses to the proxy"
      )
    }
    return origin
  }
}

extension TLSClientSettings {
  init(_ tls: DestinationTLS) {
    self.init(
      authorities: tls.ca.map { .file($0) }, certificate: tls.cert.map { .file($0) }, key: tls.key.map { .file($0) },
      isVerifying: tls.verify, serverName: tls.serverName, minimumVersion: tls.minVersion == .v1_3 ? .v1_3 : .v1_2)
  }
}

extension HTTPProxy {
  init(_ proxy: ProxySettings) {
    self.init(
      host: proxy.host, port: proxy.port, tls: proxy.isTLS ? TLSClientSettings() : nil,
      credentials: proxy.username.map { ProxyCredentials(username: $0, password: proxy.password?.expose() ?? "") })
  }
}

extension OriginRoute {
  /// What is said of a destination at every start: whoever reads it may not expect it.
  func remarks(_ destination: DestinationSettings) -> [(isWarning: Bool, text: String)] {
    var remarks: [(isWarning: Bool, text: String)] = []
    if destination.url.isTLS && !destination.tls.verify {
      remarks.append((true, "tls.verify is false: whoever answers is taken for \(origin.hostHeader)"))
    }
    if destination.http2 && !destination.url.isTLS {
      remarks.append((true, "http2 needs https://, where it is agreed on: HTTP/1.1 is spoken"))
    }
    if let oauth2 = destination.oauth2, oauth2.tokenURL.isTLS, !oauth2.tls.verify {
      let host = oauth2.tokenURL.hostHeader
      remarks.append((true, "auth.oauth2.tls.verify is false: whoever answers is taken for \(host)"))
    }
    if let proxy = origin.proxyOnTheWay { remarks.append((false, "through the proxy \(proxy.name)")) }
    return remarks
  }
}
