private import CRdKafka

/// The properties of one client on their way into librdkafka: ours first, the user's over them, what the guarantee
/// stands on last and not to be overridden.
struct ClientSettings {
  /// Events that the client's queue carries, instead of callbacks: a mask of `RD_KAFKA_EVENT_…`.
  var events: Int32
  private var ours: [KafkaProperty] = [KafkaProperty(name: "client.id", value: "topictee")]
  private var fixed: [KafkaProperty] = []
  private var users: [KafkaProperty]

  init(brokers: [String], properties: [KafkaProperty], events: Int32) {
    self.events = events
    users = properties
    if !brokers.isEmpty { fix("bootstrap.servers", brokers.joined(separator: ",")) }
  }

  /// A default that the user may override.
  mutating func set(_ name: String, _ value: String) { ours.append(KafkaProperty(name: name, value: value)) }

  /// What the user may not override.
  mutating func fix(_ name: String, _ value: String) { fixed.append(KafkaProperty(name: name, value: value)) }

  /// The same, with what is fixed winning silently: for probes, whose properties are the user's for other clients.
  func overridingUsers() -> ClientSettings {
    var copy = self
    copy.users.removeAll { user in fixed.contains { $0.name == user.name } }
    return copy
  }

  /// What the property will be; `nil` for the library's default.
  func value(of name: String) -> String? {
    (fixed.last { $0.name == name } ?? users.last { $0.name == name } ?? ours.last { $0.name == name })?.value
  }

  /// Brokers check a nonce now that libraries before 2.6.1 send wrongly: "invalid credentials" with the right password.
  var loginHint: String? {
    let mechanism = value(of: "sasl.mechanism") ?? value(of: "sasl.mechanisms") ?? ""
    guard mechanism.uppercased().hasPrefix("SCRAM"), !LibraryVersion.hasSoundScram else { return nil }
    return
      "librdkafka \(unsafe text(rd_kafka_version_str())) cannot log in with SCRAM to current brokers; 2.6.1 or newer can"
  }

  /// Makes the client, which the caller destroys. A property that the library does not know, or that would break the
  /// guarantee, is an error whose `at` is the property's name.
  func makeClient(_ type: ClientType) throws(KafkaError) -> OpaquePointer {
    if let refused = users.first(where: { user in fixed.contains { $0.name == user.name && $0.value != user.value } }) {
      throw KafkaError(
        code: RD_KAFKA_RESP_ERR__INVALID_ARG.rawValue, at: refused.name,
        cause: "topictee sets this property itself; its guarantee of delivery needs it")
    }
    guard let settings = unsafe rd_kafka_conf_new() else { throw .outOfMemory }
    do throws(KafkaError) {
      for property in ours + users + fixed { try unsafe apply(property, to: settings) }
    } catch {
      unsafe rd_kafka_conf_destroy(settings)
      throw error
    }
    unsafe rd_kafka_conf_set_events(settings, events)
    return try unsafe Self.create(type, settings)
  }

  private func apply(_ property: KafkaProperty, to settings: OpaquePointer) throws(KafkaError) {
    let failure: String? = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { reason in
      let result = unsafe rd_kafka_conf_set(
        settings, property.name, property.value, reason.baseAddress, reason.count)
      return result == RD_KAFKA_CONF_OK ? nil : unsafe text(reason.baseAddress)
    }
    guard let failure else { return }
    throw KafkaError(
      code: RD_KAFKA_RESP_ERR__INVALID_ARG.rawValue, at: property.name,
      cause: property.isSecret ? "the value is refused" : failure)
  }

  private static func create(_ type: ClientType, _ settings: OpaquePointer) throws(KafkaError) -> OpaquePointer {
    let kind = type == .consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER
    var cause = ""
    let client = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { reason in
      let client = unsafe rd_kafka_new(kind, settings, reason.baseAddress, reason.count)
      if unsafe client == nil { cause = unsafe text(reason.baseAddress) }
      return unsafe client
    }
    if let client = unsafe client { return unsafe client }
    unsafe rd_kafka_conf_destroy(settings)
    throw KafkaError(code: RD_KAFKA_RESP_ERR__INVALID_ARG.rawValue, cause: cause)
  }
}

/// Which of librdkafka's two kinds a client is.
enum ClientType { case consumer, producer }

extension KafkaError {
  static var outOfMemory: KafkaError {
    KafkaError(code: RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE.rawValue, cause: "out of memory")
  }
}

/// The library that runs, which may be newer than the headers: 0x020002ff is 2.0.2.
enum LibraryVersion {
  static let current = rd_kafka_version()
  /// The fetcher's pause with a full queue can be set; before, it was a second.
  static var hasFetchBackoff: Bool { current >= 0x0202_0000 }
  /// The cooperative assignor loses nothing when commits meet a rebalance.
  static var hasSoundCooperative: Bool { current >= 0x020a_0100 }
  /// SCRAM works with brokers that check the client's nonce.
  static var hasSoundScram: Bool { current >= 0x0206_0100 }
}

/// The client library this process runs on.
package enum KafkaLibrary {
  package static var version: String { unsafe text(rd_kafka_version_str()) }
}
