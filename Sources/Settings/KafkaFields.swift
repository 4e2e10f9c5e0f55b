extension KafkaSettings {
  /// The keys of `kafka`.
  static let fields: [Field<KafkaSettings>] = [
    Field(
      "brokers", \.brokers, .list(of: .broker, blank: "", example: "[localhost:9092]", same: ==), required: true,
      "host:port of some brokers; the others are found through them"),
    Field(
      "group", \.group, .text(example: "orders-bridge"), required: true,
      "the consumer group, the bridge's name to Kafka"),
    Field(
      "instance_id", \.instanceID, .optional(.text(example: "bridge-0"), blank: ""),
      "static membership: a name that only this process has"),
    Field("start_at", \.startAt, .choice, "where a group without an offset begins"),
    Field(
      "tls", \.tls,
      .optionalMap(TLSSettings.fields, from: TLSSettings(), example: "{ ca: /etc/ca.pem }") {
        ClientCertificate.check($0, cert: $1.cert, key: $1.key, &$2)
      }, "TLS to the brokers; `{ verify: true }` is enough where the system knows their authority"),
    Field(
      "sasl", \.sasl,
      .optionalMap(
        SASLSettings.fields, from: SASLSettings(),
        example: "{ mechanism: SCRAM-SHA-512, username: bridge, password: {env: KAFKA_PASSWORD} }"),
      "how to log in at the brokers"),
    Field("properties", \.properties, .kafkaProperties, "other librdkafka properties"),
  ]
}

extension TLSSettings {
  /// The keys of `kafka.tls`.
  static let fields: [Field<TLSSettings>] = [
    Field(
      "ca", \.ca, .optional(.path(example: "/etc/ca.pem"), blank: ""),
      "PEM file of the authorities; the system's own by default"),
    Field(
      "cert", \.cert, .optional(.path(example: "/etc/client.pem"), blank: ""), "PEM file of the client certificate"),
    Field(
      "key", \.key, .optional(.path(example: "/run/secrets/key"), blank: ""), "PEM file of the client certificate's key"
    ), Field("verify", \.verify, .boolean, "whether the brokers' certificates are checked"),
  ]
}

extension SASLSettings {
  /// The keys of `kafka.sasl`.
  static let fields: [Field<SASLSettings>] = [
    Field("mechanism", \.mechanism, .choice, required: true, example: "SCRAM-SHA-512", "the way of logging in"),
    Field("username", \.username, .text(example: "bridge"), required: true, "the user's name"),
    Field("password", \.password, .secret(example: "{env: KAFKA_PASSWORD}"), required: true, "the user's password"),
  ]
}

/// A client certificate is two files or none.
enum ClientCertificate {
  static func check(_ node: Node, cert: String?, key: String?, _ reader: inout Reader) {
    // What was written wrongly has its own error already.
    guard (cert == nil) != (key == nil), (node["cert"] == nil) != (node["key"] == nil) else { return }
    let (there, missing) = cert == nil ? ("key", "cert") : ("cert", "key")
    reader.log.error(
      "'\(there)' without '\(missing)'", hint: "a client certificate needs both", at: node[there]?.owner ?? node.place)
  }
}

extension ValueType where Value == String {
  /// `host:port` or `host`, `[::1]:9092` for IPv6.
  static var broker: ValueType {
    checked("host:port", example: "localhost:9092", pattern: #"^([^,/\s:]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$"#) {
      text in
      var host = text
      let bytes = Array(text.utf8)
      if bytes.contains(UInt8(ascii: ",")) { return "brokers are a list, not one text with commas" }
      if bytes.contains(UInt8(ascii: "/")) { return "a broker is host:port, without a scheme or a path" }
      let close = bytes.lastIndex(of: UInt8(ascii: "]"))
      if let colon = bytes.lastIndex(of: UInt8(ascii: ":")), colon > close ?? -1 {
        let port = String(decoding: bytes[(colon + 1)...], as: UTF8.self)
        guard PortText.parse(port) != nil else { return "\(PlainText.quoted(port)) is no port" }
        host = String(decoding: bytes[..<colon], as: UTF8.self)
      }
      if let close, bytes.first == UInt8(ascii: "["), host.utf8.count == close + 1 {
        let address = String(decoding: bytes[1..<close], as: UTF8.self)
        return AddressText.isIPv6(address) ? nil : "\(PlainText.quoted(address)) is no IPv6 address"
      }
      return HostText.isValid(host) ? nil : "\(PlainText.quoted(host)) is no host name"
    }
  }

  /// A topic's name by Kafka's own rule.
  static func topic(example: String) -> ValueType {
    checked("a topic's name", example: example, pattern: "^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}$") { name in
      let isValid =
        name.utf8.count <= 249 && name != "." && name != ".."
        && name.utf8.allSatisfy { NameText.isWord($0) || $0 == UInt8(ascii: ".") }
      return isValid
        ? nil : "\(PlainText.quoted(name)) is no topic name: 1 to 249 letters, digits, '.', '_' or '-', not '.' or '..'"
    }
  }
}
