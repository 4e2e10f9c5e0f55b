/// One HTTP API, with `defaults` of the file already applied.
package struct DestinationSettings: Sendable {
  /// 1 to 64 of `a-z A-Z 0-9 _ -`.
  package var name: String
  package var url: EndpointURL
  /// What `url` stands below in the file; part of `url` already.
  package var baseURL: String?
  package var method = HTTPMethod.post
  /// Path and query of the URL where they have templates; the URL's `target` is not used then.
  package var target: TargetTemplate?
  /// Appended to the URL's own query, in the file's order.
  package var query: [(name: String, value: TemplateText)] = []
  /// In the file's order; names are unique without regard to case, and none is one that the client sets.
  package var headers: [(name: String, value: TemplateText)] = []
  package var body = BodySettings.raw
  /// gzip, with its `Content-Encoding`.
  package var compressesBody = false
  package var batch: BatchSettings?
  package var response = ResponseRuleSettings()
  /// Which records it gets; nil for all.
  package var when: JQText?
  /// `false`: best effort, no commit waits for it.
  package var isRequired = true
  package var auth: AuthSettings?
  package var signing: SigningSettings?
  package var sendsIdempotencyKey = true
  package var cloudEvents: CloudEventSettings?
  package var proxy = ProxyChoiceSettings.environment
  package var http2 = false
  /// `false` refuses loopback, private, link-local and metadata addresses at connect.
  package var allowPrivateAddresses = true
  /// For one attempt, from the start of the request to the end of the response.
  package var timeout = Duration.seconds(15)
  /// `nil`: as the file's `order` says.
  package var order: Order?
  package var retry = RetrySettings()
  package var breaker = BreakerSettings()
  package var concurrency = ConcurrencySettings()
  /// Requests a second; nil for no bound.
  package var rate: Int?
  /// The statuses that mean the record was accepted.
  package var success = StatusSet.success
  package var tls = DestinationTLS()

  package init(name: String, url: EndpointURL) {
    self.name = name
    self.url = url
  }
}

/// A URL's path and query with templates; scheme, host and port are literal.
package struct TargetTemplate: Sendable, Equatable {
  /// Begins with `/`; literals are percent-encoded as they stand, references become path segments' text.
  package var path: TemplateText
  /// Without its `?`; nil for none.
  package var query: TemplateText?
  package init(path: TemplateText, query: TemplateText?) {
    self.path = path
    self.query = query
  }
}

/// The request methods a destination may use.
package enum HTTPMethod: String, Sendable, CaseIterable {
  case get = "GET"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
}

/// When a failed attempt is tried again, and when a delivery is given up.
package struct RetrySettings: Sendable, Equatable {
  /// Attempts in all, the first one included; at least 1.
  package var attempts = 10
  package var backoff = BackoffRange(min: .milliseconds(200), max: .seconds(30))
  package var backoffMin: Duration { backoff.min }
  package var backoffMax: Duration { backoff.max }
  /// From the first attempt; `nil` holds for ever.
  package var maxAge: Duration?
  package var on = RetryRules()
  package init() {}
}

/// When a destination counts as down.
package struct BreakerSettings: Sendable, Equatable {
  /// Failures in a row.
  package var openAfter = 20
  /// How long it is left alone before one request tries again.
  package var openFor = Duration.seconds(30)
  package init() {}
}

/// Between which the number of requests in flight adapts, in the whole process.
package struct ConcurrencySettings: Sendable, Equatable {
  package var min = 1
  package var max = 256
  package init() {}
}

/// What uses up an attempt and is tried again.
package struct RetryRules: Sendable, Equatable {
  package var timeout = true
  /// The connection was cut after the request was sent.
  package var reset = true
  package var statuses = StatusSet([408...408, 425...425, 500...599])
  package init() {}
}

/// TLS to one destination: paths of PEM files. `cert` and `key` come together or not at all.
package struct DestinationTLS: Sendable, Equatable {
  /// `nil`: the system's own authorities.
  package var ca: String?
  package var cert: String?
  package var key: String?
  /// `false` accepts any certificate for any name.
  package var verify = true
  /// The name to ask for and to check, where it is not the URL's host.
  package var serverName: String?
  package var minVersion = TLSVersion.v1_2
  package init() {}
}

package enum TLSVersion: String, Sendable, CaseIterable {
  case v1_2 = "1.2"
  case v1_3 = "1.3"
}
