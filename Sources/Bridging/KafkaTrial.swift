import Kafka
import Reactor
import Settings

/// Asks librdkafka, without a broker, whether it takes what the file says of Kafka: properties one by one, then the
/// clients that `run` would make. What is found wrong is left out, and the rest is tried again.
struct KafkaTrial {
  private var kafka: KafkaSettings
  private var found: [Objection] = []

  /// - Parameter isComplete: false for a file with errors, whose settings may lack what belongs to what is there.
  static func objections(to kafka: KafkaSettings, isComplete: Bool) -> [Objection] {
    var trial = KafkaTrial(kafka: kafka)
    if !isComplete { trial.leaveOutHalves() }
    trial.judgeProperties()
    trial.judgeFiles()
    while let error = trial.fault, trial.leaveOut(error) {}
    return trial.found
  }

  private init(kafka: KafkaSettings) { self.kafka = kafka }

  private mutating func leaveOutHalves() {
    kafka.sasl = nil
    if kafka.tls?.cert == nil || kafka.tls?.key == nil { dropCertificate() }
  }

  private mutating func dropCertificate() {
    kafka.tls?.cert = nil
    kafka.tls?.key = nil
  }

  // MARK: Properties

  private mutating func judgeProperties() {
    let all = kafka.properties
    kafka.properties = all.filter { name, value in
      guard let fault = PropertyTrial.fault(of: KafkaProperty(name: name, value: value)) else { return true }
      found.append(objection(to: name, fault))
      return false
    }
  }

  private func objection(to name: String, _ fault: PropertyTrial.Fault) -> Objection {
    // Its name is plain and short, or the loader would not have taken it.
    let path = ["kafka", "properties", name]
    switch fault {
    case .unknown:
      let names = PropertyTable.ofLibrary.names.filter { KafkaPropertyRules.refusal(of: $0) == nil }
      return Objection(
        to: path, isAboutKey: true, "unknown property '\(name)'",
        hint: Suggestion.hint(name, among: names)
          ?? "librdkafka \(KafkaLibrary.version), which runs here, has none of this name")
    case .refused(let why):
      return Objection(to: path, "this is no value of '\(name)'", hint: PlainText.clean(why))
    }
  }

  // MARK: Files

  private mutating func judgeFiles() {
    if let file = kafka.tls?.ca, let bad = TLSFiles.unreadable(file, at: Self.path("ca"), mayBeFolder: true) {
      found.append(bad)
      kafka.tls?.ca = nil
    }
    let pair = [("cert", kafka.tls?.cert), ("key", kafka.tls?.key)]
    let bad = pair.compactMap { key, file in file.flatMap { TLSFiles.unreadable($0, at: Self.path(key)) } }
    found += bad
    if !bad.isEmpty { dropCertificate() }
  }

  private static func path(_ key: String) -> [String] { ["kafka", "tls", key] }

  // MARK: Clients

  /// Why one of the two clients could not be made.
  private var fault: KafkaError? {
    let group = kafka.group.isEmpty ? "g" : kafka.group
    let consumer = ConsumerConfiguration(
      brokers: [], group: group, instanceID: kafka.instanceID, topics: [], startAt: kafka.startAt.forConsumer,
      properties: kafka.consumerProperties + authorities)
    var producer = DeadLetterWriter.configuration(kafka)
    producer.brokers = []
    producer.properties += authorities
    return PropertyTrial.fault(of: consumer) ?? PropertyTrial.fault(of: producer)
  }

  /// In the place of the system's, which take 30 ms to read: a folder is looked into when a broker shows a certificate.
  private var authorities: [KafkaProperty] {
    kafka.tls != nil && kafka.tls?.ca == nil ? [KafkaProperty(name: "ssl.ca.location", value: "/")] : []
  }

  /// False for an error that no value of the file explains: it was told, and nothing can be left out.
  private mutating func leaveOut(_ error: KafkaError) -> Bool {
    let words = error.at.isEmpty ? error.cause : "\(error.at): \(error.cause)"
    if let part = Self.part(words), let tls = kafka.tls {
      found.append(objection(to: part, tls, words))
      if part == .authorities { kafka.tls?.ca = nil } else { dropCertificate() }
      return part == .authorities ? tls.ca != nil : tls.cert != nil || tls.key != nil
    }
    let refusal = "librdkafka refuses this: \(PlainText.clean(Self.reason(words)))"
    if let first = kafka.properties.first(where: { Self.names($0.name, words) }) {
      found.append(Objection(to: ["kafka", "properties", first.name], isAboutKey: true, refusal))
      kafka.properties.removeAll { Self.names($0.name, words) }
      return true
    }
    if kafka.sasl != nil, words.contains("sasl") || words.contains("SASL") {
      found.append(Objection(to: ["kafka", "sasl"], isAboutKey: true, refusal))
      kafka.sasl = nil
      return true
    }
    found.append(Objection(to: ["kafka"], isAboutKey: true, refusal))
    return false
  }

  private func objection(to part: TLSFault.Part, _ tls: TLSSettings, _ words: String) -> Objection {
    let file = (part == .authorities ? tls.ca : part == .certificate ? tls.cert : tls.key) ?? ""
    let settings = TLSClientSettings(
      authorities: tls.ca.map { .file($0) }, certificate: tls.cert.map { .file($0) }, key: tls.key.map { .file($0) },
      isVerifying: false)
    // OpenSSL itself is clearer than what librdkafka passes on.
    let fault =
      TLSContext.faults(of: settings).first { $0.part == part }
      ?? TLSFault(part: part, kind: .other, reason: Self.reason(words))
    var objection = TLSFiles.objection(fault, file, at: Self.path(part.key))
    if fault.kind == .encrypted {
      objection.hint = "write it without a passphrase, or set ssl.key.password in kafka.properties"
    }
    return objection
  }

  private static func part(_ words: String) -> TLSFault.Part? {
    if words.hasPrefix("ssl.ca.location") { return .authorities }
    if words.hasPrefix("ssl.certificate.location") { return .certificate }
    return words.hasPrefix("ssl.key.location") || words.hasPrefix("Private key check failed") ? .key : nil
  }

  /// Whether a property's whole name stands in a text.
  private static func names(_ name: String, _ words: String) -> Bool {
    words.split { !($0.isLetter || $0.isNumber || $0 == "." || $0 == "_" || $0 == "-") }.contains { word in
      word == name || word == name + "."
    }
  }

  /// `ssl.cipher.suites failed: error:0A0000B9:SSL routines::no cipher match` without codes and routines.
  private static func reason(_ words: String) -> String {
    guard let code = words.firstRange(of: "error:") else { return words }
    return words[..<code.lowerBound] + (words[code.upperBound...].split(separator: ":").last.map(String.init) ?? "")
  }
}
