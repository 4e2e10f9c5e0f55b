extension DestinationSettings {
  static let countMax = 64

  /// What a destination and `defaults` take.
  static let sharedFields: [Field<DestinationSettings>] = [baseURL] + requestFields + deliveryFields + networkFields

  /// The keys of `destinations.NAME`. What a URL may stand below is read before it.
  static let fields: [Field<DestinationSettings>] =
    [baseURL, url] + requestFields + deliveryFields + networkFields

  /// What a destination does not complete with what `defaults` has of it.
  static let replacedKeys: Set = ["body", "auth", "sign", "cloudevents", "batch", "proxy"]

  private static let baseURL = Field<DestinationSettings>(
    "base_url", \.baseURL, .baseURL, "what 'url' stands below where it is an endpoint such as /orders")

  private static let url = Field<DestinationSettings>(
    "url", type: { .url(below: $0.baseURL) }, required: true, example: "https://api.example.com/orders",
    current: { EndpointAddress(url: $0.url, target: $0.target) },
    "where the requests go; templates may stand in its path and query"
  ) {
    $1.url = $0.url
    $1.target = $0.target
  }

  private static let requestFields: [Field<DestinationSettings>] = [
    Field("method", \.method, .choice, example: "POST", "the request method"),
    Field("query", \.query, .query, "query parameters, with templates; added to those of the URL"),
    Field("headers", \.headers, .headers, "request headers, with templates"),
    Field("body", \.body, .body, "what the body is made of; by default the record's value, byte for byte"),
    Field(
      "compression", type: { _ in .choice }, example: "gzip",
      current: { $0.compressesBody ? Compression.gzip : Compression.off },
      "how the body is compressed"
    ) { $1.compressesBody = $0 == .gzip },
    Field(
      "idempotency_key", \.sendsIdempotencyKey, .boolean,
      "whether Idempotency-Key is sent, the same at every attempt of a record"),
    Field("auth", \.auth, .auth, "how the destination knows us"),
    Field(
      "cloudevents", \.cloudEvents,
      .optionalMap(
        CloudEventSettings.fields, from: CloudEventSettings(), example: "{ type: shop.order.placed, source: /orders }"),
      "records as CloudEvents 1.0; one that is one already passes through as itself"),
    Field("sign", \.signing, .sign, "how requests are signed"),
    Field(
      "batch", \.batch,
      .optionalMap(BatchSettings.fields, from: BatchSettings(), example: "{ records: 200, wait: 50ms }"),
      "several records in one request"),
    Field(
      "response", \.response, .map(ResponseRuleSettings.fields, example: "{ accept_when: .status == 409 }"),
      "what a response means where its status does not say it"),
  ]

  private static let deliveryFields: [Field<DestinationSettings>] = [
    Field(
      "when", \.when, .optional(.jq(example: ".value.total >= 100"), blank: JQText("")),
      "jq on a record: it is skipped unless this holds"),
    Field("required", \.isRequired, .boolean, "whether commits wait for it; without, it is best effort"),
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
  ]

  private static let networkFields: [Field<DestinationSettings>] = [
    Field("http2", \.http2, .boolean, "whether HTTP/2 is spoken over TLS where the server offers it"),
    Field("proxy", \.proxy, .proxy, "an HTTP proxy, or none; by default what the environment says"),
    Field(
      "allow_private_addresses", \.allowPrivateAddresses, .boolean,
      "false refuses loopback, private, link-local and metadata addresses at connect"),
    Field(
      "tls", \.tls,
      .map(DestinationTLS.fields, example: "{ ca: /etc/ca.pem }") {
        ClientCertificate.check($0, cert: $1.cert, key: $1.key, &$2)
      }, "TLS to the destination"),
  ]
}

/// The words of `compression`.
private enum Compression: String, Sendable, CaseIterable {
  case off = "none"
  case gzip
}

extension RetrySettings {
  /// The keys of `retry`.
  static let fields: [Field<RetrySettings>] = [
    Field("attempts", \.attempts, .integer(1...1_000_000, example: "10"), "attempts in all, the first one included"),
    Field("backoff", \.backoff, .backoff, "the pause between attempts, from its first ceiling to its last"),
    Field(
      "max_age", \.maxAge, .optional(.duration(min: .milliseconds(1), example: "1h"), blank: .zero),
      "from the first attempt; what is older is given up, in an outage too"),
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
    Field(
      "server_name", \.serverName, .optional(.host(example: "api.example.com"), blank: ""),
      "the name to ask for and to check, where it is not the URL's host"),
    Field("min_version", \.minVersion, .version, "the oldest version of TLS to speak"),
  ]
}

extension ValueType where Value == String {
  /// A host name.
  static func host(example: String) -> ValueType {
    checked("a host name", example: example, pattern: #"^[A-Za-z0-9_.-]+$"#) {
      HostText.isValid($0) ? nil : "\(PlainText.quoted($0)) is no host name"
    }
  }
}
