import HTTPWire
import Reactor
import Settings
import Synchronization

/// Connects to each destination and token server at once, looks at its certificate and hangs up; nothing is sent but TLS
/// itself.
actor DestinationProbes: LoopParticipant {
  private static let patience: Int64 = 10_000_000_000
  /// With TLS 1.3 a server that refuses the client's certificate says so after the handshake.
  static let afterthought: Int64 = 300_000_000

  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
  private let targets: [ProbeTarget]
  private let environment: [String: String]
  private nonisolated let findings = Mutex<[ConnectionFinding]>([])
  private var probes: [Probe] = []
  private var deadline: Int64 = 0

  private init(_ targets: [ProbeTarget], _ environment: [String: String]) {
    loop = EventLoop()
    self.environment = environment
    self.targets = targets
  }

  /// Blocks the calling thread until all are known, at most about ten seconds.
  static func run(_ settings: [DestinationSettings], environment: [String: String]) -> [ConnectionFinding] {
    let probes = DestinationProbes(ProbeTarget.all(of: settings), environment)
    probes.loop.attach(probes)
    probes.loop.run()
    return probes.findings.withLock { $0 }
  }

  nonisolated func turn() { assumeIsolated { $0.takeTurn() } }

  private func takeTurn() {
    if probes.isEmpty {
      deadline = loop.now + Self.patience
      loop.setDeadline(deadline)
      probes = targets.map { Probe($0, loop) }
      var routes = Routes(environment: environment)
      for probe in probes { probe.begin(&routes) }
    }
    let time = loop.now
    for probe in probes where !probe.isOver && probe.sureAt ?? deadline <= time { probe.hangUp() }
    let waiting = probes.filter { !$0.isOver }.map { $0.sureAt ?? deadline }
    guard waiting.isEmpty else { return loop.setDeadline(waiting.min()) }
    let now = WallClock.seconds
    let found = probes.map { $0.conclude(now: now) }
    findings.withLock { $0 = found }
    loop.stop()
  }
}

private struct ProbeTarget: Sendable {
  var kind = ConnectionFinding.Kind.destination
  var settings: DestinationSettings

  /// Each destination, and behind it what gives its tokens unless an earlier one has it from there too.
  static func all(of destinations: [DestinationSettings]) -> [ProbeTarget] {
    var targets: [ProbeTarget] = []
    for destination in destinations {
      targets.append(ProbeTarget(settings: destination))
      guard let server = destination.tokenServer else { continue }
      let isKnown = targets.contains {
        $0.kind == .tokenServer && $0.settings.url == server.url
          && TLSClientSettings($0.settings.tls) == TLSClientSettings(server.tls)
      }
      if !isKnown { targets.append(ProbeTarget(kind: .tokenServer, settings: server)) }
    }
    return targets
  }
}

/// One connection; the loop's.
private final class Probe: ByteStreamDelegate {
  private let kind: ConnectionFinding.Kind
  private let settings: DestinationSettings
  private let loop: EventLoop
  private var route: OriginRoute?
  private var stream: ByteStream?
  private var certificate: PeerCertificate?
  private var finding: ConnectionFinding?
  /// When nothing can change any more; `nil` while nothing is known.
  private(set) var sureAt: Int64?
  private(set) var isOver = false

  init(_ target: ProbeTarget, _ loop: EventLoop) {
    kind = target.kind
    settings = target.settings
    self.loop = loop
  }

  func begin(_ routes: inout Routes) {
    let route: OriginRoute
    do throws(StreamError) {
      route = try routes.route(to: settings)
    } catch {
      return finish(.badSettings, error.message)
    }
    self.route = route
    let stream = ByteStream(loop: loop, delegate: self)
    self.stream = stream
    if let failed = route.connect(stream, allowPrivateAddresses: settings.allowPrivateAddresses) {
      finish(.unreachable, route.words(of: failed))
    }
  }

  func streamConnected(_ stream: ByteStream) {
    certificate = stream.peerCertificate
    // A proxy that is given whole requests has not been asked for the API yet.
    let proxy =
      route?.origin.proxyOnTheWay.map { " \(settings.url.isTLS ? "through" : "to") the proxy \($0.name)" } ?? ""
    let chosen = stream.chosenProtocol == "h2" ? "HTTP/2" : "HTTP/1.1, for the API offers no HTTP/2"
    finish(
      .good,
      "connected\(proxy)\(settings.url.isTLS ? settings.http2 ? ", \(chosen)" : "" : ", without TLS")")
    if settings.url.isTLS { sureAt = loop.now + DestinationProbes.afterthought }
  }

  func stream(_ stream: ByteStream, received bytes: UnsafeRawBufferPointer) {}

  func stream(_ stream: ByteStream, closed cause: StreamError?) {
    certificate = nil
    let failed = cause ?? StreamError(.reset, "the peer closed the connection")
    finish(.unreachable, route?.words(of: failed) ?? failed.message)
  }

  private func finish(_ verdict: ConnectionFinding.Verdict, _ detail: String) {
    finding = made(verdict, detail)
    sureAt = loop.now
  }

  private func made(_ verdict: ConnectionFinding.Verdict, _ detail: String) -> ConnectionFinding {
    ConnectionFinding(
      kind: kind, name: settings.name, target: SecretMask.url(settings.url.text), verdict: verdict,
      detail: detail)
  }

  func hangUp() {
    isOver = true
    stream?.close()
    stream = nil
  }

  /// - Parameter now: seconds since 1970.
  func conclude(now: Int64) -> ConnectionFinding {
    var finding = finding ?? made(.unreachable, "no connection within 10s")
    if let certificate { finding.detail += certificate.words(now: now, isVerified: settings.tls.verify) }
    return finding
  }
}

extension PeerCertificate {
  fileprivate func words(now: Int64, isVerified: Bool) -> String {
    let days = (validUntil - now) / 86_400
    let left = validUntil < now ? "expired" : "\(days) day\(days == 1 ? "" : "s") left"
    return ", \(version), certificate of \(PlainText.clean(subject)) by \(PlainText.clean(issuer)), \(left)"
      + (isVerified ? "" : ", not checked")
  }
}
