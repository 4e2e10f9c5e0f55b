package import Kafka
package import Settings

extension KafkaSettings {
  /// librdkafka's properties of the connection: brokers, TLS, SASL, and what the user set.
  package var clientProperties: [KafkaProperty] {
    var all = [KafkaProperty("bootstrap.servers", brokers.joined(separator: ","))]
    all.append(
      KafkaProperty(
        "security.protocol",
        sasl == nil ? (tls == nil ? "plaintext" : "ssl") : (tls == nil ? "sasl_plaintext" : "sasl_ssl")))
    if let tls {
      if let ca = tls.ca { all.append(KafkaProperty("ssl.ca.location", ca)) }
      if let cert = tls.cert { all.append(KafkaProperty("ssl.certificate.location", cert)) }
      if let key = tls.key { all.append(KafkaProperty("ssl.key.location", key)) }
    }
    if let sasl {
      all.append(KafkaProperty("sasl.mechanism", sasl.mechanism.rawValue))
      all.append(KafkaProperty("sasl.username", sasl.username))
      all.append(KafkaProperty("sasl.password", sasl.password.expose(), isSecret: true))
    }
    return all + properties.map { KafkaProperty($0.name, $0.value) }
  }
}
