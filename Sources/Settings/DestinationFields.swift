extension DestinationSettings {
  static let countMax = 64

  /// What a destination and `defaults` take.
  static let sharedFields: [Field<DestinationSettings>] = [
    Field("method", \.method, .choice, example: "POST", "the request method"),
    Field("headers", \.headers, .headers, "request headers, sent as they stand here"),
    Field(
      "timeout", \.timeout, .duration(min: .milliseconds(1), example: "15s"),
      "for one attempt, to the end of the response"),
    Field("order", \.order, .optional(.choice, blank: .key), "the order of first attempts, if not the file's"),
    Field(
      "retry", \.retry, .map(RetrySettings.fields, example: "{ attempts: 10 }"), "when a failed attempt is tried again"),
    Field(
      "breaker", \.breaker, .map(BreakerSettings.fields, example: "{ open_after: 20 }"),
      "when the destination counts as down and is left alone"),
    Field(
      "concurrency", \.concurrency,
      .map(ConcurrencySettings.fields, example: "{ max: 256 }") { node, concurrency, reader in
        guard concurrency.min > concurrency.max else { return }
        reader.log.error(
          "'min' is above 'max'", hint: "between the two the number of requests in flight adapts", at: node.place)
      }, "how many requests may be in flight"),
    Field("rate", \.rate, .optional(.rate(1...1_000_000, example: "500/s"), blank: 1), "requests a second at most"),
    Field("success", \.success, .statuses, "the statuses that mean accepted"),
    Field(
      "tls", \.tls,
      .map(DestinationTLS.fields, example: "{ ca: /etc/ca.pem }") {
        ClientCertificate.check($0, cert: $1.cert, key: $1.key, &$2)
      }, "TLS to the destination"),
  ]

  /// The keys of `destinations.NAME`.
  static let fields: [Field<DestinationSettings>] =
    [Field("url", \.url, .url, required: true, "where the requests go")] + sharedFields
}

extension RetrySettings {
  /// The keys of `retry`.
  static let fields: [Field<RetrySettings>] = [
    Field("attempts", \.attempts, .integer(1...1_000_000, example: "10"), "attempts in all, the first one included"),
    Field("backoff", \.backoff, .backoff, "the pause between attempts, from its first ceiling to its last"),
    Field(
      "max_age", \.maxAge, .optional(.duration(min: .milliseconds(1), example: "1h"), blank: .zero),
      "from the first attempt; what is older is given up"),
    Field("on", \.on, .retryRules, "what uses an attempt and is tried again"),
  ]
}

extension BreakerSettings {
  /// The keys of `breaker`.
  static let fields: [Field<BreakerSettings>] = [
    Field("open_after", \.openAfter, .integer(1...1_000_000, example: "20"), "failures in a row that open it"),
    Field(
      "for", \.openFor, .duration(min: .milliseconds(1), example: "30s"), "how long nothing is sent while it is open"),
  ]
}

extension ConcurrencySettings {
  /// The keys of `concurrency`.
  static let fields: [Field<ConcurrencySettings>] = [
    Field("min", \.min, .integer(1...10_000, example: "1"), "requests in flight that are always allowed"),
    Field("max", \.max, .integer(1...10_000, example: "256"), "requests in flight that are never exceeded"),
  ]
}

extension DestinationTLS {
  /// The keys of a destination's `tls`.
  static let fields: [Field<DestinationTLS>] = [
    Field(
      "ca", \.ca, .optional(.path(example: "/etc/ca.pem"), blank: ""),
      "PEM file of the authorities; the system's own by default"),
    Field(
      "cert", \.cert, .optional(.path(example: "/etc/client.pem"), blank: ""), "PEM file of the client certificate"),
    Field(
      "key", \.key, .optional(.path(example: "/run/secrets/key"), blank: ""), "PEM file of the client certificate's key"
    ),
    Field("verify", \.verify, .boolean, "whether the destination's certificate is checked"),
  ]
}

extension ValueType where Value == EndpointURL {
  static var url: ValueType {
    let example = "https://api.example.com/orders"
    return ValueType(
      expected: "a URL", example: example, shape: .text(pattern: #"^(https?|http\+unix)://[^\s#@]+$"#),
      write: { .text(SecretMask.url($0.text)) }
    ) { node, _, reader in
      guard let text = reader.text(node, expected: "a URL", example: example) else { return nil }
      do throws(EndpointURLProblem) {
        return try EndpointURL.parse(text)
      } catch {
        reader.log.error(error.message, hint: error.hint, at: node.place)
        return nil
      }
    }
  }
}

extension ValueType where Value == [DestinationSettings] {
  /// A map from names to destinations, each of which begins as `defaults`.
  static func destinations(from defaults: DestinationSettings, example: String) -> ValueType {
    let type = ValueType<DestinationSettings>.map(
      DestinationSettings.fields, example: "{ url: https://api.example.com/orders }")
    return ValueType(
      expected: "a map of destinations", example: example,
      describe: { _ in
        .named(
          NamedEntries(
            what: "destination", pattern: "^[A-Za-z0-9_-]{1,64}$", countMax: DestinationSettings.countMax,
            item: type.describe(defaults)))
      }, write: { .map($0.map { PlainValue.Entry($0.name, type.write($0)) }) }
    ) { node, _, reader in
      let expected = "a map of destinations"
      if node.isNull {
        reader.log.error("no destinations", hint: "for example: \(example)", at: node.place)
        return nil
      }
      guard let entries = reader.entries(node, expected: expected, example: example, keysAre: "destination") else {
        return nil
      }
      if entries.count > DestinationSettings.countMax {
        reader.log.error(
          "more than \(DestinationSettings.countMax) destinations", hint: "start a second bridge in another group",
          at: entries[DestinationSettings.countMax].keyPlace)
      }
      return entries.prefix(DestinationSettings.countMax).compactMap { entry in
        let isName = (1...64).contains(entry.key.utf8.count) && entry.key.utf8.allSatisfy(NameText.isWord)
        if !isName {
          reader.log.error(
            "\(PlainText.quoted(entry.key)) is no destination name", hint: "1 to 64 letters, digits, '_' or '-'",
            at: entry.keyPlace)
        }
        var blank = defaults
        blank.name = entry.key
        return type.read(entry.value, blank, &reader)
      }
    }
  }
}
