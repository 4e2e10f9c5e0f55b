package import Kafka
package import Settings

extension KafkaSettings {
  /// librdkafka's properties of the connection: TLS and SASL.
  package var connectionProperties: [KafkaProperty] {
    var all: [KafkaProperty] = []
    all.append(
      KafkaProperty(
        name: "security.protocol",
        value: sasl == nil ? (tls == nil ? "plaintext" : "ssl") : (tls == nil ? "sasl_plaintext" : "sasl_ssl")))
    if let tls {
      if let ca = tls.ca { all.append(KafkaProperty(name: "ssl.ca.location", value: ca)) }
      if let cert = tls.cert { all.append(KafkaProperty(name: "ssl.certificate.location", value: cert)) }
      if let key = tls.key { all.append(KafkaProperty(name: "ssl.key.location", value: key)) }
      if !tls.verify { all.append(KafkaProperty(name: "enable.ssl.certificate.verification", value: "false")) }
    }
    if let sasl {
      all.append(KafkaProperty(name: "sasl.mechanism", value: sasl.mechanism.rawValue))
      all.append(KafkaProperty(name: "sasl.username", value: sasl.username))
      all.append(KafkaProperty(name: "sasl.password", value: sasl.password.expose(), isSecret: true))
    }
    return all
  }

  /// All of a consumer's: the connection and what the user set, but for what is a producer's alone.
  package var consumerProperties: [KafkaProperty] { connectionProperties + users(exceptThoseOf: .producer) }

  /// All of a producer's: the connection and what the user set, but for what is a consumer's alone.
  package var producerProperties: [KafkaProperty] { connectionProperties + users(exceptThoseOf: .consumer) }

  private func users(exceptThoseOf other: PropertyTable.Scope) -> [KafkaProperty] {
    properties.filter { PropertyTable.ofLibrary[$0.name]?.scope != other }
      .map { KafkaProperty(name: $0.name, value: $0.value, isSecret: SecretMask.isSecret(key: $0.name)) }
  }
}
