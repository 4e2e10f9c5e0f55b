import Testing

@testable import Settings

/// Files that load.
enum GoodFile {
  static let minimal = """
    kafka:
      brokers: [localhost:9092]
      group: orders-bridge
    topic: orders
    destinations:
      crm:
        url: https://crm.example.com/orders
      erp:
        url: https://erp.example.com/api/orders
    dead_letters:
      topic: orders.dead

    """

  static let everything = """
    version: 1
    kafka:
      brokers: [localhost:9092, "[::1]:9093"]
      group: orders-bridge
      instance_id: bridge-0
      start_at: fail
      tls: { ca: /etc/ca.pem, cert: /etc/client.pem, key: {file: /run/secrets/key}, verify: false }
      sasl: { mechanism: SCRAM-SHA-512, username: bridge, password: {env: KAFKA_PASSWORD} }
      properties: { session.timeout.ms: 45000, check.crcs: true, client.id: "b" }
    topics: [orders, refunds]
    order: partition
    limits: { in_flight_records: 500, in_flight_bytes: 16MiB }
    commit_every: 1s
    drain: 0
    defaults:
      timeout: 5s
      method: PUT
      headers: { X-Region: eu, X-Team: orders }
      retry: { attempts: 3, backoff: 100ms..10s, max_age: 1h, on: [timeout, 5xx, "!501"] }
      breaker: { open_after: 5, for: 10s }
      concurrency: { min: 2, max: 64 }
      rate: 500/s
      success: [2xx, 409]
      tls: { ca: /etc/api-ca.pem, verify: true }
    destinations:
      crm:
        url: https://crm.example.com:8443/v2/orders?source=kafka
        method: PATCH
        headers: { x-region: us, X-Version: 2 }
        timeout: 1m
        retry: { attempts: 4, max_age: null }
        order: none
        breaker: { for: 1m }
        concurrency: { max: 8 }
        rate: null
        success: 2xx
        tls: { cert: /etc/c.pem, key: /etc/k.pem, verify: false }
      erp:
        url: http://[::1]:8080
    dead_letters: { topic: orders.dead, response_excerpt: 0 }
    log: { level: debug, format: json }

    """

  static let environment = ["KAFKA_PASSWORD": "hunter2"]

  static func load(
    _ text: String, _ environment: [String: String] = environment
  ) throws -> (settings: BridgeSettings, warnings: [Diagnostic]) {
    let result = SettingsLoader.load(text: Array(text.utf8), file: "bridge.yaml", environment: environment)
    switch result {
    case .valid(let settings, let warnings): return (settings, warnings)
    case .invalid(let diagnostics):
      Issue.record("\(DiagnosticRenderer().render(diagnostics))")
      throw Refused()
    }
  }

  struct Refused: Error {}
}

@Suite struct GoodFilesTests {
  @Test func minimalFileHasTheDefaults() throws {
    let (settings, warnings) = try GoodFile.load(GoodFile.minimal)
    #expect(warnings.isEmpty)
    #expect(settings.kafka.brokers == ["localhost:9092"])
    #expect(settings.kafka.group == "orders-bridge")
    #expect(settings.kafka.startAt == .earliest)
    #expect(settings.kafka.tls == nil && settings.kafka.instanceID == nil && settings.kafka.properties.isEmpty)
    #expect(settings.topics == ["orders"])
    #expect(settings.order == .key)
    #expect(settings.limits.inFlightRecords == 10_000 && settings.limits.inFlightBytes == 64 << 20)
    #expect(settings.commitEvery == .milliseconds(250) && settings.drain == .seconds(25))
    #expect(settings.deadLetters.topic == "orders.dead" && settings.deadLetters.responseExcerptBytes == 1024)
    #expect(settings.log == LogSettings())
    #expect(settings.destinations.map(\.name) == ["crm", "erp"])
    let crm = try #require(settings.destinations.first)
    #expect(crm.url.host == "crm.example.com" && crm.url.port == 443 && crm.url.isTLS && crm.url.target == "/orders")
    #expect(crm.method == .post && crm.timeout == .seconds(15) && crm.headers.isEmpty)
    #expect(crm.breaker.openAfter == 20 && crm.breaker.openFor == .seconds(30) && crm.rate == nil && crm.order == nil)
    #expect(crm.concurrency.min == 1 && crm.concurrency.max == 256)
    #expect(crm.retry == RetrySettings() && crm.success == .success && crm.tls == DestinationTLS())
  }

  @Test func everyKeyArrives() throws {
    let (settings, warnings) = try GoodFile.load(GoodFile.everything)
    #expect(warnings.isEmpty)
    #expect(settings.kafka.brokers == ["localhost:9092", "[::1]:9093"])
    #expect(settings.kafka.instanceID == "bridge-0" && settings.kafka.startAt == .fail)
    #expect(settings.kafka.tls?.ca == "/etc/ca.pem" && settings.kafka.tls?.cert == "/etc/client.pem")
    #expect(settings.kafka.tls?.key == "/run/secrets/key" && settings.kafka.tls?.verify == false)
    #expect(settings.kafka.sasl?.mechanism == .scramSHA512 && settings.kafka.sasl?.username == "bridge")
    #expect(settings.kafka.sasl?.password.expose() == "hunter2")
    #expect(settings.kafka.properties.map(\.name) == ["session.timeout.ms", "check.crcs", "client.id"])
    #expect(settings.kafka.properties.map(\.value) == ["45000", "true", "b"])
    #expect(settings.topics == ["orders", "refunds"] && settings.order == .partition)
    #expect(settings.limits.inFlightRecords == 500 && settings.limits.inFlightBytes == 16 << 20)
    #expect(settings.commitEvery == .seconds(1) && settings.drain == .zero)
    #expect(settings.deadLetters.responseExcerptBytes == 0)
    #expect(settings.log.level == .debug && settings.log.format == .json)
  }

  @Test func destinationsBeginAsDefaults() throws {
    let settings = try GoodFile.load(GoodFile.everything).settings
    let crm = settings.destinations[0]
    #expect(crm.method == .patch && crm.timeout == .seconds(60))
    #expect(crm.headers.map(\.name) == ["X-Team", "x-region", "X-Version"])
    #expect(crm.headers.map(\.value.literal) == ["orders", "us", "2"])
    #expect(
      crm.retry.attempts == 4 && crm.retry.backoffMin == .milliseconds(100) && crm.retry.backoffMax == .seconds(10))
    #expect(crm.retry.maxAge == nil && crm.success == .success)
    #expect(crm.order == .unordered && crm.rate == nil)
    #expect(crm.breaker.openAfter == 5 && crm.breaker.openFor == .seconds(60))
    #expect(crm.concurrency.min == 2 && crm.concurrency.max == 8)
    #expect(crm.tls.ca == "/etc/api-ca.pem" && crm.tls.cert == "/etc/c.pem" && !crm.tls.verify)
    let erp = settings.destinations[1]
    #expect(erp.method == .put && erp.timeout == .seconds(5) && erp.headers.map(\.value.literal) == ["eu", "orders"])
    #expect(erp.retry.maxAge == .seconds(3600) && erp.retry.on.timeout && !erp.retry.on.reset)
    #expect(erp.retry.on.statuses.contains(500) && !erp.retry.on.statuses.contains(501))
    #expect(erp.order == nil && erp.rate == 500 && erp.breaker.openFor == .seconds(10) && erp.concurrency.max == 64)
    #expect(erp.success.contains(409) && erp.tls.verify)
    #expect(
      erp.url.host == "::1" && erp.url.port == 8080 && erp.url.hostHeader == "[::1]:8080" && erp.url.target == "/")
  }

  @Test func defaultsMayStandBehindDestinations() throws {
    let settings = try GoodFile.load(GoodFile.minimal + "defaults: { timeout: 3s }\n").settings
    #expect(settings.destinations.map(\.timeout) == [.seconds(3), .seconds(3)])
  }

  @Test(arguments: [
    ("windows line ends", GoodFile.minimal.split(separator: "\n").joined(separator: "\r\n")),
    ("a byte order mark", "\u{FEFF}" + GoodFile.minimal),
    ("a document mark", "---\n" + GoodFile.minimal + "...\n"),
    ("an anchor", GoodFile.minimal + "defaults: { retry: &r { attempts: 2 } }\n"),
    (
      "null for none",
      GoodFile.minimal.replacing("group: orders-bridge", with: "group: orders-bridge\n  instance_id: ~\n  tls: null")
    ),
  ]) func loads(_ name: String, _ text: String) throws {
    #expect(try GoodFile.load(text).settings.destinations.count == 2)
  }

  @Test func aliasesStandForTheirAnchor() throws {
    let text = GoodFile.minimal.replacing(
      "    url: https://erp.example.com/api/orders", with: "    url: https://erp.example.com/\n    retry: *r")
    let with = text.replacing("orders\n  erp", with: "orders\n    retry: &r { attempts: 7 }\n  erp")
    #expect(try GoodFile.load(with).settings.destinations.map(\.retry.attempts) == [7, 7])
  }

  @Test func sixtyFourDestinationsAreEnough() throws {
    let many = (1...64).map { "  d\($0): { url: http://h/ }\n" }.joined()
    let text = GoodFile.minimal.replacing("dead_letters:", with: "\(many)dead_letters:")
      .replacing("  crm:\n    url: https://crm.example.com/orders\n", with: "")
      .replacing("  erp:\n    url: https://erp.example.com/api/orders\n", with: "")
    #expect(try GoodFile.load(text).settings.destinations.count == 64)
  }
}
