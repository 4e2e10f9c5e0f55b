import Foundation
import Kafka
import Settings
import Testing

@testable import Bridging

/// What librdkafka and OpenSSL refuse is said with its place before anything is connected to.
@Suite(.timeLimit(.minutes(1)), .serialized) struct OfflineTrialTests {
  /// The file's lines from 3 on: what is added to `kafka`.
  private static func config(_ lines: String) -> String {
    """
    kafka:
      brokers: [127.0.0.1:1]
    \(lines.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
      group: g
    topic: orders
    destinations: { crm: { url: "https://127.0.0.1:1/" } }
    dead_letters: { topic: orders.dead }

    """
  }

  private static func found(_ text: String, _ environment: [String: String] = [:]) throws -> [Diagnostic] {
    let folder = try TemporaryFolder()
    switch ConfigFile.load(path: try folder.file("b.yaml", text), environment: environment) {
    case .valid(_, let warnings): return warnings
    case .invalid(let found): return found
    }
  }

  /// Line, column and message, then the hint.
  private static func words(_ found: [Diagnostic]) -> [String] {
    found.map { "\($0.line):\($0.column) \($0.message)" + ($0.hint.map { "; \($0)" } ?? "") }
  }

  /// TLS to the brokers with the system's authorities is one key, and so is TLS without checks, which is said.
  @Test func tlsNeedsNoAuthorities() throws {
    for (lines, properties, words) in [
      ("tls: { verify: true }", ["security.protocol=ssl"], "127.0.0.1:1, TLS\n"),
      (
        "tls: { verify: false }", ["security.protocol=ssl", "enable.ssl.certificate.verification=false"],
        "127.0.0.1:1, TLS unverified\n"
      ),
    ] {
      let folder = try TemporaryFolder()
      let path = try folder.file("b.yaml", Self.config(lines))
      guard case .valid(let settings, _) = ConfigFile.load(path: path, environment: [:]) else {
        Issue.record("refused: \(lines)")
        continue
      }
      #expect(settings.kafka.connectionProperties.map { "\($0.name)=\($0.value)" } == properties)
      let said = try Program.run(["check", path])
      #expect(said.code == 0 && said.output.contains(words), "\(said)")
    }
  }

  @Test(arguments: [
    ("sesion.timeout.ms: 45000", "4:5 unknown property 'sesion.timeout.ms'; did you mean 'session.timeout.ms'?"),
    (
      "zzz: 1",
      "4:5 unknown property 'zzz'; librdkafka \(KafkaLibrary.version), which runs here, has none of this name"
    ),
    (
      "session.timeout.ms: 45s",
      "4:25 this is no value of 'session.timeout.ms'; it takes a whole number, 1 to 3600000"
    ),
    ("session.timeout.ms: 0", "4:25 this is no value of 'session.timeout.ms'; it takes a whole number, 1 to 3600000"),
    ("check.crcs: maybe", "4:17 this is no value of 'check.crcs'; it takes true, false"),
    ("broker.address.family: v5", "4:28 this is no value of 'broker.address.family'; it takes any, v4, v6"),
  ]) func aPropertyIsJudgedByTheLibrary(_ line: String, _ expected: String) throws {
    #expect(Self.words(try Self.found(Self.config("properties:\n  \(line)"))) == [expected])
  }

  @Test func whatTheLibraryTakesIsTaken() throws {
    let lines = """
      properties:
        session.timeout.ms: 45000
        check.crcs: true
        compression.type: zstd
        client.id: x
        max.partition.fetch.bytes: 1048576
      """
    #expect(try Self.found(Self.config(lines)).isEmpty)
  }

  /// How to connect concerns both clients; what one of them alone knows goes to that one.
  @Test func eachClientGetsItsProperties() throws {
    var kafka = KafkaSettings()
    kafka.properties = [
      ("broker.address.family", "v4"), ("compression.type", "zstd"), ("session.timeout.ms", "6000"),
      ("linger.ms", "500"), ("not.in.any.table", "1"), ("ssl.key.password", "hunter2"),
    ]
    func names(_ properties: [KafkaProperty]) -> [String] { properties.dropFirst().map(\.name) }
    #expect(
      names(kafka.consumerProperties) == [
        "broker.address.family", "session.timeout.ms", "not.in.any.table", "ssl.key.password",
      ])
    let producer = [
      "broker.address.family", "compression.type", "linger.ms", "not.in.any.table", "ssl.key.password",
    ]
    #expect(names(kafka.producerProperties) == producer)
    #expect(kafka.producerProperties.last?.isSecret == true)
    let letters = TopicWriter.configuration(kafka).properties
    #expect(Array(names(letters).prefix(producer.count)) == producer)
    #expect(letters.last { $0.name == "linger.ms" }?.value == "0", "a letter is not kept waiting")
  }

  @Test func propertiesThatDoNotGoTogetherAreNamed() throws {
    let found = try Self.found(
      Self.config("properties:\n  session.timeout.ms: 60000\n  max.poll.interval.ms: 1000\n  check.crcs: maybe"))
    #expect(found.map(\.line) == [4, 6])
    #expect(found.first?.message.contains("max.poll.interval.ms") == true, "\(found)")
  }

  @Test func aVariableIsJudgedToo() throws {
    let found = try Self.found(Self.config(""), ["TOPICTEE_KAFKA__PROPERTIES__SESION_TIMEOUT_MS": "45000"])
    #expect(found.map(\.file) == ["TOPICTEE_KAFKA__PROPERTIES__SESION_TIMEOUT_MS"])
    #expect(found.first?.hint == "did you mean 'session.timeout.ms'?")
  }

  @Test func everyFileOfKafkaIsTried() throws {
    let files = try PEMFiles()
    func tls(_ ca: String, _ cert: String, _ key: String) throws -> [String] {
      let text = Self.config(
        "tls:\n  ca: \(files.path(ca))\n  cert: \(files.path(cert))\n  key: {file: \(files.path(key))}")
      return Self.words(try Self.found(text)).map { $0.replacing(files.path(""), with: "") }
    }
    let hint = "a PEM file has it between -----BEGIN and -----END"
    #expect(try tls("cert.pem", "cert.pem", "key.pem").isEmpty)
    #expect(try tls("folder", "cert.pem", "key.pem").isEmpty, "librdkafka takes a folder of authorities")
    #expect(
      try tls("none", "folder", "none") == [
        "4:9 cannot read 'none': No such file or directory", "5:11 'folder' is not a file",
        "6:17 cannot read 'none': No such file or directory",
      ])
    #expect(
      try tls("junk", "key.pem", "key.pem") == [
        "4:9 no certificate in 'junk'; \(hint)", "5:11 no certificate in 'key.pem'; \(hint)",
      ])
    #expect(try tls("cert.pem", "cert.pem", "junk") == ["6:17 no private key in 'junk'; \(hint)"])
    for key in ["other.pem", "curve.pem"] {
      #expect(
        try tls("cert.pem", "cert.pem", key) == ["6:17 the private key in '\(key)' is not the certificate's"])
    }
    #expect(
      try tls("cert.pem", "cert.pem", "encrypted.pem") == [
        "6:17 the private key in 'encrypted.pem' is encrypted; write it without a passphrase, or set ssl.key.password in kafka.properties"
      ])
    let pair = "tls: { cert: \(files.path("cert.pem")), key: \(files.path("encrypted.pem")) }\n"
    #expect(try Self.found(Self.config(pair + "properties: { ssl.key.password: opensesame }")).isEmpty)
    let wrong = try Self.found(Self.config(pair + "properties: { ssl.key.password: hunter2 }"))
    #expect(wrong.count == 1 && wrong[0].line == 3 && !DiagnosticRenderer().render(wrong).contains("hunter2"))
  }

  @Test func destinationsFilesAreTriedWhereTheyAreNamed() throws {
    let files = try PEMFiles()
    let text = """
      kafka: { brokers: ["127.0.0.1:1"], group: g }
      topic: orders
      defaults: { tls: { ca: \(files.path("junk")) } }
      destinations:
        crm: { url: "https://127.0.0.1:1/" }
        erp: { url: "https://127.0.0.1:2/", timout: 1s }
        wms: { url: "https://127.0.0.1:3/", tls: { ca: \(files.path("cert.pem")), cert: \(files.path("cert.pem")),
          key: \(files.path("encrypted.pem")) } }
        web: { url: "http://127.0.0.1:4/", tls: { ca: \(files.path("none")) } }
      dead_letters: { topic: orders.dead }

      """
    let found = try Self.found(text)
    #expect(found.map(\.line) == [3, 6, 8], "\(found)")
    #expect(
      found.map { $0.message.prefix(24) } == [
        "no certificate in '/tmp/", "unknown key 'timout'", "the private key in '/tmp",
      ])
  }

  /// A pipe that nobody writes to, and an encrypted key where somebody could be asked, end nothing.
  @Test func nothingIsWaitedFor() throws {
    let folder = try TemporaryFolder()
    #expect(unsafe mkfifo(folder.path("pipe"), 0o600) == 0)
    let pipe = folder.path("pipe")
    let found = try Self.found(
      Self.config("tls: { ca: \(pipe) }").replacing(":1/\" }", with: ":1/\", tls: { ca: \(pipe) } }"))
    #expect(found.map(\.message) == ["'\(pipe)' is not a file", "'\(pipe)' is not a file"])
  }

  @Test func checkAndRunSayTheSame() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("b.yaml", Self.config("tls: { ca: /nonexistent }\nproperties: { sesion.timeout.ms: 1 }"))
    let check = try Program.run(["check", path])
    let run = try Program.run(["run", path])
    #expect(check.code == 78 && run.code == 78 && check.errors == run.errors)
    #expect(check.errors.contains("\n  did you mean 'session.timeout.ms'?\n"), "\(check.errors)")
    #expect(check.errors.hasPrefix("\(path):3:14: error: cannot read '/nonexistent': No such file"), "\(check.errors)")
  }
}
