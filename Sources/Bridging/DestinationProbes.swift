import Reactor
import Settings
import Synchronization

/// Connects to each destination at once, looks at its certificate and hangs up; nothing is sent but TLS itself.
actor DestinationProbes: LoopParticipant {
  private static let patience: Int64 = 10_000_000_000
  /// With TLS 1.3 a server that refuses the client's certificate says so after the handshake.
  static let afterthought: Int64 = 300_000_000

  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
  private let settings: [DestinationSettings]
  private nonisolated let findings = Mutex<[ConnectionFinding]>([])
  private var probes: [Probe] = []
  private var deadline: Int64 = 0

  private init(_ settings: [DestinationSettings]) {
    loop = EventLoop()
    self.settings = settings
  }

  /// Blocks the calling thread until all are known, at most about ten seconds.
  static func run(_ settings: [DestinationSettings]) -> [ConnectionFinding] {
    let probes = DestinationProbes(settings)
    probes.loop.attach(probes)
    probes.loop.run()
    return probes.findings.withLock { $0 }
  }

  nonisolated func turn() { assumeIsolated { $0.takeTurn() } }

  private func takeTurn() {
    if probes.isEmpty {
      deadline = loop.now + Self.patience
      loop.setDeadline(deadline)
      probes = settings.map { Probe($0, loop) }
      for probe in probes { probe.begin() }
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

/// One connection; the loop's.
private final class Probe: ByteStreamDelegate {
  private let settings: DestinationSettings
  private let loop: EventLoop
  private var stream: ByteStream?
  private var certificate: PeerCertificate?
  private var finding: ConnectionFinding?
  /// When nothing can change any more; `nil` while nothing is known.
  private(set) var sureAt: Int64?
  private(set) var isOver = false

  init(_ settings: DestinationSettings, _ loop: EventLoop) {
    self.settings = settings
    self.loop = loop
  }

  func begin() {
    let url = settings.url
    let context: TLSContext?
    do throws(StreamError) {
      context = url.isTLS ? try TLSContext.make(TLSClientSettings(settings.tls)) : nil
    } catch {
      return finish(.badSettings, error.message)
    }
    let stream = ByteStream(loop: loop, delegate: self)
    self.stream = stream
    let target = url.unixPath.map { StreamTarget.unix(path: $0) } ?? .host(url.host, port: url.port)
    if let failed = stream.connect(
      to: target, tls: context, allowPrivateAddresses: settings.allowPrivateAddresses)
    {
      finish(.unreachable, failed.message)
    }
  }

  func streamConnected(_ stream: ByteStream) {
    certificate = stream.peerCertificate
    finish(.good, settings.url.isTLS ? "connected" : "connected, without TLS")
    if settings.url.isTLS { sureAt = loop.now + DestinationProbes.afterthought }
  }

  func stream(_ stream: ByteStream, received bytes: UnsafeRawBufferPointer) {}

  func stream(_ stream: ByteStream, closed cause: StreamError?) {
    certificate = nil
    finish(.unreachable, cause?.message ?? "the peer closed the connection")
  }

  private func finish(_ verdict: ConnectionFinding.Verdict, _ detail: String) {
    finding = made(verdict, detail)
    sureAt = loop.now
  }

  private func made(_ verdict: ConnectionFinding.Verdict, _ detail: String) -> ConnectionFinding {
    ConnectionFinding(
      kind: .destination, name: settings.name, target: SecretMask.url(settings.url.text), verdict: verdict,
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

extension TLSClientSettings {
  init(_ tls: DestinationTLS) {
    self.init(
      authorities: tls.ca.map { .file($0) }, certificate: tls.cert.map { .file($0) }, key: tls.key.map { .file($0) },
      isVerifying: tls.verify, serverName: tls.serverName, minimumVersion: tls.minVersion == .v1_3 ? .v1_3 : .v1_2)
  }
}
